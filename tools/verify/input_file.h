// Files given on the command line: anything, keys, hashes.
//
// Thread-safety: thread-safe.
// Errors: kNotFound or kUnavailable naming the file that cannot be read; kInvalidArgument for one
// that is over its limit or, for keys, not in form.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "ndx/crypto/digest.h"
#include "ndx/crypto/signing_key.h"
#include "ndx/journal/cosignature.h"
#include "ndx/journal/signed_note.h"

namespace ndx::tools::verify {

inline constexpr size_t kInputBytesMax = size_t{64} << 20;

// The whole file; "-" is standard input.
absl::StatusOr<std::string> ReadInput(const std::string& path, size_t bytes_max = kInputBytesMax);

// The keys of a file: one vkey a line; empty lines and lines that begin with '#' do not count. At
// least one. Witnesses' keys (type 0x04) go to cosigners; where that is null they are passed over.
absl::StatusOr<std::vector<journal::NoteVerifier>> ReadKeys(
    const std::string& path, std::vector<journal::CosignatureVerifier>* cosigners = nullptr);

// The public keys of PEM files ("PUBLIC KEY"), one a file. kInvalidArgument for one that is no key
// with which callers sign.
absl::StatusOr<std::vector<crypto::SigningPublicKey>> ReadSignerKeys(
    const std::vector<std::string>& paths);

// Bytes from hexadecimal digits of either case; nullopt for anything else.
std::optional<std::string> FromHex(absl::string_view hex);

// A SHA-256 hash from 64 hexadecimal digits.
std::optional<crypto::Digest> HashFromHex(absl::string_view hex);

}  // namespace ndx::tools::verify
