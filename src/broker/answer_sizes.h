// How large the answers of each method are, as far as was seen: what the node sets aside before it
// asks a provider, so that the answer finds room when it comes.
//
// The largest of late: a larger answer is remembered at once and forgotten slowly, by 1/64 with
// each smaller one.
//
// Thread-safety: belongs to one event loop. Units: bytes.
#pragma once

#include <cstdint>
#include <string>

#include "absl/container/flat_hash_map.h"

namespace ndx::broker {

class AnswerSizes {
 public:
  // 0 for a method that has not answered yet.
  uint64_t Expected(const std::string& method) const {
    const auto found = sizes_.find(method);
    return found == sizes_.end() ? 0 : found->second;
  }

  void Saw(const std::string& method, uint64_t bytes) {
    uint64_t& size = sizes_[method];
    size = bytes >= size ? bytes : size - (size - bytes) / 64;
  }

 private:
  absl::flat_hash_map<std::string, uint64_t> sizes_;  // methods of registries: few
};

}  // namespace ndx::broker
