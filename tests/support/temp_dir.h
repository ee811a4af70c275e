// A directory of the test's own, removed at the end.
//
// Thread-safety: thread-compatible.
#pragma once

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

}  // namespace ndx::tests
