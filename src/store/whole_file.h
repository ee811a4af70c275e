// Small files that are there whole or not at all: written beside, synced, then renamed into place.
//
// Thread-safety: thread-safe for different paths; one writer for one path.
// Errors name the path.
#pragma once

#include <cstddef>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "ndx/store/file_faults.h"

namespace ndx::store {

// What stands beside a file while it is being written; one left behind by a crash may be removed.
inline constexpr char kUnfinishedSuffix[] = ".new";

// Replaces the file. OK means that content and name are on stable storage. faults may be null.
absl::Status WriteWholeFile(const std::string& path, absl::string_view content, FileFaults* faults);

// kNotFound if there is none; kDataLoss if it is longer.
absl::StatusOr<std::string> ReadWholeFile(const std::string& path, size_t bytes_max);

// Gone for good when OK; a file that is not there is none. faults may be null.
absl::Status RemoveFile(const std::string& path, FileFaults* faults);

}  // namespace ndx::store
