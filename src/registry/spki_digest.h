// How a public key is named in the registry and in orders about certificates: the SHA-256 of its
// SubjectPublicKeyInfo, in hexadecimal, as `openssl` and browsers write digests.
//
// Thread-safety: thread-safe functions.
#pragma once

#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "ndx/crypto/digest.h"

namespace ndx::registry {

// 64 hexadecimal digits in either case, colons between them where somebody likes them;
// kInvalidArgument for anything else.
absl::StatusOr<crypto::Digest> ParseSpkiDigest(absl::string_view text);

// 64 lower-case digits.
std::string SpkiDigestText(const crypto::Digest& digest);

}  // namespace ndx::registry
