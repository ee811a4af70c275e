// Directories whose names a power cut does not take.
//
// Thread-safety: thread-safe for different paths.
#pragma once

#include <string>

#include "absl/status/status.h"
#include "ndx/store/file_faults.h"

namespace ndx::store {

// Creates the directory unless it is there; its parent must exist. OK means that its name is on
// stable storage, also where an earlier process created it and was cut off. faults may be null.
absl::Status MakeDirectory(const std::string& path, FileFaults* faults);

}  // namespace ndx::store
