// A tree of known leaves, every node computed from scratch: the slow truth.
//
// Thread-safety: immutable, thread-safe.
#pragma once

#include <string>
#include <vector>

#include "absl/types/span.h"
#include "ndx/journal/merkle.h"

namespace ndx::journal {

class MemoryTree final : public HashSource {
 public:
  // Leaf i is the two bytes {i & 0xff, i >> 8}, as in the published golden roots.
  explicit MemoryTree(uint64_t size) {
    for (uint64_t i = 0; i < size; ++i) {
      const char bytes[] = {static_cast<char>(i & 0xFF), static_cast<char>((i >> 8) & 0xFF)};
      leaves_.push_back(LeafHash({bytes, 2}));
    }
  }

  absl::StatusOr<TreeHash> Node(uint32_t level, uint64_t index) const override {
    return RootOf(absl::MakeConstSpan(leaves_).subspan(index << level, uint64_t{1} << level));
  }
  TreeHash Root(uint64_t size) const {
    return RootOf(absl::MakeConstSpan(leaves_).subspan(0, size));
  }
  const TreeHash& leaf(uint64_t index) const { return leaves_[index]; }

 private:
  std::vector<TreeHash> leaves_;
};

}  // namespace ndx::journal
