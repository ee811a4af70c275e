// Files copied to another place, synced, with the digest of what was copied; and directories that
// are there whole or not at all.
//
// Thread-safety: thread-safe for different paths.
// Errors name the path: kUnavailable and others of the disk; kCancelled when the copier is told to
// give up, and what is half copied then stays for the caller to remove.
#pragma once

#include <cstdint>
#include <string>
#include <system_error>

#include "absl/functional/function_ref.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "ndx/crypto/digest.h"

namespace ndx::store {

// What the library of the files says, with the path.
absl::Status PathFailed(const std::string& path, const std::error_code& error);

struct FileDigest {
  uint64_t bytes = 0;
  crypto::Digest sha256{};
};

// Told how many more bytes are done; false gives up.
using CopyProgress = absl::FunctionRef<bool(uint64_t)>;

// Copies a file, or its first bytes_max bytes, to a new one; makes none where there is nothing to
// copy (kNotFound). OK means that the content is on stable
// storage; the name is when its directory is published or synced.
absl::StatusOr<FileDigest> CopyFile(const std::string& from, const std::string& to,
                                    uint64_t bytes_max, CopyProgress progress);

absl::StatusOr<FileDigest> DigestOfFile(const std::string& path, CopyProgress progress);

// Syncs every file and name under a directory and renames it. `to` must not exist, unless as an
// empty directory.
absl::Status PublishDirectory(const std::string& from, const std::string& to);

}  // namespace ndx::store
