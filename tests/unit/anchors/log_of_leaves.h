// A log in memory that signs whatever its leaves are, honest or not.
//
// Thread-safety: thread-compatible.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "ndx/journal/checkpoint.h"
#include "ndx/journal/merkle.h"
#include "ndx/journal/witness_request.h"

namespace ndx::anchors {

class LogOfLeaves final : public journal::HashSource {
 public:
  explicit LogOfLeaves(std::vector<std::string> leaves, std::string origin = "node/journal/1")
      : leaves_(std::move(leaves)), origin_(std::move(origin)) {
    for (const std::string& leaf : leaves_) hashes_.push_back(journal::LeafHash(leaf));
  }
  static LogOfLeaves OfSize(uint64_t size) {
    std::vector<std::string> leaves;
    for (uint64_t i = 0; i < size; ++i) leaves.push_back("leaf " + std::to_string(i));
    return LogOfLeaves(std::move(leaves));
  }

  const std::vector<std::string>& leaves() const { return leaves_; }
  journal::NoteSigner signer() const {
    auto key = crypto::Ed25519PrivateKey::FromSeed(std::string(32, 's')).value();
    return journal::NoteSigner::Create(origin_, std::move(key)).value();
  }

  absl::StatusOr<journal::TreeHash> Node(uint32_t level, uint64_t index) const override {
    return journal::RootOf(
        absl::MakeConstSpan(hashes_).subspan(index << level, uint64_t{1} << level));
  }
  journal::TreeHead Head(uint64_t size) const {
    return {.size = size, .root = journal::RootOf(absl::MakeConstSpan(hashes_).subspan(0, size))};
  }
  std::string Checkpoint(uint64_t size) const {
    return journal::SignCheckpoint({.origin = origin_, .head = Head(size)}, signer());
  }
  std::vector<journal::TreeHash> Proof(uint64_t from, uint64_t to) const {
    return from == 0 ? std::vector<journal::TreeHash>()
                     : journal::ConsistencyProof(from, to, *this).value();
  }
  std::string Request(uint64_t from, uint64_t to) const {
    return journal::FormatWitnessRequest(
        {.old_size = from, .proof = Proof(from, to), .checkpoint = Checkpoint(to)});
  }

 private:
  std::vector<std::string> leaves_;
  std::string origin_;
  std::vector<journal::TreeHash> hashes_;
};

}  // namespace ndx::anchors
