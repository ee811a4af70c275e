#include "verifier_key.h"

#include <vector>

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/str_split.h"
#include "ndx/core/big_endian.h"
#include "ndx/core/status_macros.h"
#include "ndx/crypto/digest.h"
#include "ndx/journal/signed_note.h"
#include "strict_text.h"

namespace ndx::journal {
namespace {

constexpr size_t kKeyIdDigits = 8;

std::string TypedKey(uint8_t type, absl::string_view public_key) {
  return absl::StrCat(std::string(1, static_cast<char>(type)), public_key);
}

}  // namespace

uint32_t NoteKeyId(absl::string_view name, uint8_t type, absl::string_view public_key) {
  return core::ReadBigEndian<uint32_t>(
      crypto::AsBytes(crypto::Sha256Of({name, "\n", TypedKey(type, public_key)})));
}

std::string FormatVkey(const VerifierKey& key, uint8_t type) {
  return absl::StrFormat("%s+%08x+%s", key.name, NoteKeyId(key.name, type, key.public_key),
                         absl::Base64Escape(TypedKey(type, key.public_key)));
}

absl::StatusOr<VerifierKey> ParseVkey(absl::string_view vkey, uint8_t type) {
  const absl::Status malformed = absl::InvalidArgumentError(
      absl::StrFormat("not a verifier key of the form NAME+KEYID+BASE64 and of type 0x%02x", type));
  // Base64 may hold '+': only the first two separate.
  const std::vector<absl::string_view> fields = absl::StrSplit(vkey, absl::MaxSplits('+', 2));
  if (fields.size() != 3 || fields[1].size() != kKeyIdDigits || !IsNoteName(fields[0])) {
    return malformed;
  }
  NDX_ASSIGN_OR_RETURN(const std::string typed_key, DecodeBase64(fields[2]));
  if (typed_key.empty() || typed_key[0] != static_cast<char>(type)) return malformed;
  VerifierKey key{.name = std::string(fields[0]), .public_key = typed_key.substr(1)};
  if (FormatVkey(key, type) != vkey) return malformed;
  return key;
}

}  // namespace ndx::journal
