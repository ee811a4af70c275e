// AES key wrap with padding, AES-256-KWP (RFC 5649): a key encrypted under another key, with
// integrity.
//
// Thread-safety: thread-safe.
#pragma once

#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "ndx/crypto/secret_bytes.h"

namespace ndx::crypto {

// The longest key that is wrapped here.
inline constexpr size_t kWrappedKeyBytesMax = 4096;

// Wraps key (1 to kWrappedKeyBytesMax bytes) under wrapping_key (32 bytes). kInvalidArgument for
// other sizes.
absl::StatusOr<std::string> WrapKey(absl::string_view wrapping_key, absl::string_view key);

// The key that was wrapped. kDataLoss if it was not wrapped under this key or was changed since.
absl::StatusOr<SecretBytes> UnwrapKey(absl::string_view wrapping_key, absl::string_view wrapped);

}  // namespace ndx::crypto
