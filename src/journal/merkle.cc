#include "ndx/journal/merkle.h"

#include <bit>

#include "ndx/core/status_macros.h"

namespace ndx::journal {
namespace {

absl::Status ProofDoesNotMatch() {
  return absl::DataLossError("the proof does not lead to the root hash");
}

// The largest power of two below size, for size > 1.
uint64_t SplitPoint(uint64_t size) { return std::bit_floor(size - 1); }

// Hash over leaves [begin, end), where begin is a multiple of the largest power of two <=
// end-begin.
absl::StatusOr<TreeHash> RangeHash(uint64_t begin, uint64_t end, const HashSource& source) {
  const uint64_t count = end - begin;
  if (std::has_single_bit(count)) {
    const auto level = static_cast<uint32_t>(std::countr_zero(count));
    return source.Node(level, begin >> level);
  }
  const uint64_t split = begin + SplitPoint(count);
  NDX_ASSIGN_OR_RETURN(const TreeHash left, RangeHash(begin, split, source));
  NDX_ASSIGN_OR_RETURN(const TreeHash right, RangeHash(split, end, source));
  return NodeHash(left, right);
}

}  // namespace

TreeHash LeafHash(absl::string_view leaf) {
  return crypto::Sha256Of({absl::string_view("\x00", 1), leaf});
}

TreeHash NodeHash(const TreeHash& left, const TreeHash& right) {
  return crypto::Sha256Of({"\x01", crypto::AsBytes(left), crypto::AsBytes(right)});
}

TreeHash EmptyRoot() { return crypto::Sha256Of({}); }

TreeHash RootOf(absl::Span<const TreeHash> leaf_hashes) {
  if (leaf_hashes.empty()) return EmptyRoot();
  if (leaf_hashes.size() == 1) return leaf_hashes[0];
  const size_t split = SplitPoint(leaf_hashes.size());
  return NodeHash(RootOf(leaf_hashes.subspan(0, split)), RootOf(leaf_hashes.subspan(split)));
}

absl::StatusOr<TreeHash> RootAt(uint64_t size, const HashSource& source) {
  if (size == 0) return EmptyRoot();
  return RangeHash(0, size, source);
}

absl::StatusOr<std::vector<TreeHash>> InclusionProof(uint64_t index, uint64_t size,
                                                     const HashSource& source) {
  NDX_CHECK(index < size);
  // Walks down from the root; the siblings come out top first.
  std::vector<TreeHash> from_top;
  uint64_t begin = 0;
  uint64_t end = size;
  while (end - begin > 1) {
    const uint64_t split = begin + SplitPoint(end - begin);
    const bool left = index < split;
    NDX_ASSIGN_OR_RETURN(TreeHash sibling,
                         left ? RangeHash(split, end, source) : RangeHash(begin, split, source));
    from_top.push_back(sibling);
    (left ? end : begin) = split;
  }
  return std::vector<TreeHash>(from_top.rbegin(), from_top.rend());
}

absl::StatusOr<std::vector<TreeHash>> ConsistencyProof(uint64_t old_size, uint64_t new_size,
                                                       const HashSource& source) {
  NDX_CHECK(old_size > 0 && old_size <= new_size);
  std::vector<TreeHash> from_top;
  uint64_t begin = 0;
  uint64_t end = new_size;
  bool old_is_whole = true;  // the old tree is a complete subtree that the verifier knows
  while (old_size != end) {
    const uint64_t split = begin + SplitPoint(end - begin);
    const bool left = old_size <= split;
    NDX_ASSIGN_OR_RETURN(TreeHash sibling,
                         left ? RangeHash(split, end, source) : RangeHash(begin, split, source));
    from_top.push_back(sibling);
    if (left) {
      end = split;
    } else {
      begin = split;
      old_is_whole = false;
    }
  }
  if (!old_is_whole) {
    NDX_ASSIGN_OR_RETURN(TreeHash last, RangeHash(begin, end, source));
    from_top.push_back(last);
  }
  return std::vector<TreeHash>(from_top.rbegin(), from_top.rend());
}

absl::Status VerifyInclusion(uint64_t index, uint64_t size, const TreeHash& leaf_hash,
                             absl::Span<const TreeHash> proof, const TreeHash& root) {
  if (index >= size) return absl::DataLossError("the leaf's index is outside the tree");
  uint64_t node = index;
  uint64_t last = size - 1;
  TreeHash hash = leaf_hash;
  for (const TreeHash& sibling : proof) {
    if (last == 0) return ProofDoesNotMatch();
    if ((node & 1) == 1 || node == last) {
      hash = NodeHash(sibling, hash);
      while ((node & 1) == 0 && node != 0) {
        node >>= 1;
        last >>= 1;
      }
    } else {
      hash = NodeHash(hash, sibling);
    }
    node >>= 1;
    last >>= 1;
  }
  if (last != 0 || hash != root) return ProofDoesNotMatch();
  return absl::OkStatus();
}

absl::Status VerifyConsistency(const TreeHead& older, const TreeHead& newer,
                               absl::Span<const TreeHash> proof) {
  if (older.size > newer.size) return absl::DataLossError("the newer tree is smaller");
  if (older.size == 0) {
    return proof.empty() ? absl::OkStatus() : ProofDoesNotMatch();
  }
  if (older.size == newer.size) {
    return proof.empty() && older.root == newer.root ? absl::OkStatus() : ProofDoesNotMatch();
  }
  uint64_t node = older.size - 1;
  uint64_t last = newer.size - 1;
  while ((node & 1) == 1) {
    node >>= 1;
    last >>= 1;
  }
  // The complete old tree is the proof's starting point when its size is a power of two.
  if (node != 0) {
    if (proof.empty()) return ProofDoesNotMatch();
  }
  TreeHash old_hash = node == 0 ? older.root : proof[0];
  TreeHash new_hash = old_hash;
  for (const TreeHash& step : node == 0 ? proof : proof.subspan(1)) {
    if (last == 0) return ProofDoesNotMatch();
    if ((node & 1) == 1 || node == last) {
      old_hash = NodeHash(step, old_hash);
      new_hash = NodeHash(step, new_hash);
      while ((node & 1) == 0 && node != 0) {
        node >>= 1;
        last >>= 1;
      }
    } else {
      new_hash = NodeHash(new_hash, step);
    }
    node >>= 1;
    last >>= 1;
  }
  if (last != 0 || old_hash != older.root || new_hash != newer.root) return ProofDoesNotMatch();
  return absl::OkStatus();
}

}  // namespace ndx::journal
