// Where a key of the node is: "file:PATH", "fd:N" or "credential:NAME" (systemd), as settings write
// it.
//
// Thread-safety: thread-safe.
// Errors: kInvalidArgument for another form, and those of crypto/key_file.h; texts name the source,
// never the content.
#pragma once

#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

namespace ndx::daemon {

// The path to read. Relative paths are relative to the directory of settings_file.
absl::StatusOr<std::string> KeyPath(absl::string_view source, absl::string_view settings_file);

}  // namespace ndx::daemon
