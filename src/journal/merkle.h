// The Merkle tree of RFC 6962 with SHA-256: hashes, roots, proofs and their verification.
//
// Thread-safety: the functions are thread-safe; a HashSource as its implementation says.
// Nodes: (level, index) is the complete subtree over leaves [index·2^level, (index+1)·2^level).
// Source: RFC 6962 section 2.1; RFC 9162 section 2.1 for the verification algorithms.
#pragma once

#include <cstdint>
#include <vector>

#include "absl/functional/function_ref.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/types/span.h"
#include "ndx/crypto/digest.h"

namespace ndx::journal {

using TreeHash = crypto::Digest;

// SHA-256(0x00 ‖ leaf).
TreeHash LeafHash(absl::string_view leaf);
// SHA-256(0x01 ‖ left ‖ right).
TreeHash NodeHash(const TreeHash& left, const TreeHash& right);
// Root of the tree without leaves: SHA-256 of nothing.
TreeHash EmptyRoot();
// Root over leaf hashes held in memory.
TreeHash RootOf(absl::Span<const TreeHash> leaf_hashes);

// Where proofs get their hashes. Only complete subtrees are asked for.
class HashSource {
 public:
  virtual ~HashSource() = default;
  virtual absl::StatusOr<TreeHash> Node(uint32_t level, uint64_t index) const = 0;
};

// Root of the first size leaves.
absl::StatusOr<TreeHash> RootAt(uint64_t size, const HashSource& source);

// Hashes from the leaf's sibling up. NDX_CHECKs index < size.
absl::StatusOr<std::vector<TreeHash>> InclusionProof(uint64_t index, uint64_t size,
                                                     const HashSource& source);

// Proof that the tree of new_size begins with the tree of old_size. NDX_CHECKs
// 0 < old_size <= new_size.
absl::StatusOr<std::vector<TreeHash>> ConsistencyProof(uint64_t old_size, uint64_t new_size,
                                                       const HashSource& source);

// OK if the leaf stands at index in the tree of this size and root; kDataLoss otherwise.
absl::Status VerifyInclusion(uint64_t index, uint64_t size, const TreeHash& leaf_hash,
                             absl::Span<const TreeHash> proof, const TreeHash& root);

struct TreeHead {
  uint64_t size = 0;
  TreeHash root{};
};

// OK if the tree of newer begins with the tree of older; kDataLoss otherwise.
absl::Status VerifyConsistency(const TreeHead& older, const TreeHead& newer,
                               absl::Span<const TreeHash> proof);

}  // namespace ndx::journal
