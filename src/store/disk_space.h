// How much room is left, and a file that holds some in reserve.
//
// Thread-safety: FreeBytes() is thread-safe, Ballast thread-compatible.
#pragma once

#include <cstdint>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"

namespace ndx::store {

// Bytes an unprivileged process may still write on the directory's file system.
absl::StatusOr<uint64_t> FreeBytes(const std::string& directory);

// Space kept allocated, to be given back when nothing else is left. RocksDB gives no warning before
// a full disk.
class Ballast {
 public:
  Ballast(std::string path, uint64_t bytes) : path_(std::move(path)), bytes_(bytes) {}

  // Allocates the file unless it is there whole. kResourceExhausted if there is no room.
  absl::Status Hold();

  // Gives the space back.
  absl::Status Release();

  bool held() const { return held_; }
  uint64_t bytes() const { return bytes_; }

 private:
  std::string path_;
  uint64_t bytes_;
  bool held_ = false;
};

}  // namespace ndx::store
