// How large the answers of each method are, as far as was seen: what the node sets aside before it
// asks a provider, so that the answer finds room when it comes.
//
// A mean of late: each answer counts for 1/32. So a method whose answers have all become large is
// known as such after some tens of them, and one of 10 MiB among a thousand small ones does not
// keep the others out.
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
    size = bytes >= size ? size + (bytes - size) / kPart : size - (size - bytes) / kPart;
  }

 private:
  static constexpr uint64_t kPart = 32;

  absl::flat_hash_map<std::string, uint64_t> sizes_;  // methods of registries: few
};

}  // namespace ndx::broker
