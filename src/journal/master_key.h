// The node's master key, told from another without showing anything of it.
//
// Thread-safety: thread-safe.
#pragma once

#include <string>

#include "absl/strings/string_view.h"

namespace ndx::journal {

// The check value that stores and shares keep: HMAC-SHA-256 of a fixed text under the key.
std::string MasterKeyCheck(absl::string_view master);

// What people call a master key by: the first 8 hexadecimal digits of its check value.
std::string MasterKeyId(absl::string_view check);

}  // namespace ndx::journal
