// A directory of the test's own, removed at the end, and one way to damage a file of it.
//
// Thread-safety: thread-compatible.
#pragma once

#include <cstdint>
#include <string>

#include "absl/strings/string_view.h"

namespace ndx::tests {

class TempDir {
 public:
  TempDir();
  ~TempDir();
  TempDir(const TempDir&) = delete;
  TempDir& operator=(const TempDir&) = delete;

  const std::string& path() const { return path_; }
  std::string File(absl::string_view name) const { return path_ + "/" + std::string(name); }

 private:
  std::string path_;
};

// Changes the lowest bit of one byte of a file.
void FlipBit(const std::string& path, uint64_t offset);

}  // namespace ndx::tests
