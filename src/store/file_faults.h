// A seam for tests: is asked before each write and sync of the store's files, RocksDB's own
// included, and may make it fail.
//
// Thread-safety: implementations are thread-safe; they are called from every thread that writes.
#pragma once

#include <string>

#include "absl/status/status.h"

namespace ndx::store {

class FileFaults {
 public:
  virtual ~FileFaults() = default;

  // Not OK: the write fails with this error and nothing is written.
  virtual absl::Status BeforeWrite(const std::string& path, size_t bytes) = 0;

  // Not OK: the sync fails with this error; what was written may or may not be there later.
  virtual absl::Status BeforeSync(const std::string& path) = 0;
};

}  // namespace ndx::store
