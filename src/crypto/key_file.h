// Files that hold keys: readable by their owner only, or refused.
//
// Thread-safety: thread-safe.
// Errors name the path, never the content.
#pragma once

#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "ndx/crypto/ed25519.h"
#include "ndx/crypto/secret_bytes.h"

namespace ndx::crypto {

inline constexpr size_t kKeyFileBytesMax = 64 << 10;

// The whole file. kNotFound if there is none; kPermissionDenied unless it is a regular file of
// this user or of root that nobody else may read or write (mode 0600 or stricter), in a place where
// nobody else can put another one, nor may a symbolic link lead to a directory in which everybody
// may write; kInvalidArgument if it is longer than kKeyFileBytesMax. Texts say what to do, in
// English and Vietnamese.
absl::StatusOr<SecretBytes> ReadKeyFile(const std::string& path);

// Creates the file with mode 0600 and syncs it and its directory. kAlreadyExists if there is one: a
// key is never overwritten.
absl::Status WriteKeyFile(const std::string& path, absl::string_view content);

// A 32-byte key of raw bytes, such as the master key. kInvalidArgument for another length.
absl::StatusOr<SecretBytes> ReadAesKeyFile(const std::string& path);

// An Ed25519 private key in PKCS#8 PEM.
absl::StatusOr<Ed25519PrivateKey> ReadEd25519KeyFile(const std::string& path);

}  // namespace ndx::crypto
