#include "ndx/registry/spki_digest.h"

#include <algorithm>

#include "absl/strings/ascii.h"
#include "absl/strings/escaping.h"
#include "absl/strings/str_replace.h"

namespace ndx::registry {

absl::StatusOr<crypto::Digest> ParseSpkiDigest(absl::string_view text) {
  constexpr size_t kTextBytesMax = 4 * crypto::kDigestBytes;
  const std::string hex = absl::StrReplaceAll(text.substr(0, kTextBytesMax), {{":", ""}});
  const bool formed = text.size() <= kTextBytesMax && hex.size() == 2 * crypto::kDigestBytes &&
                      std::all_of(hex.begin(), hex.end(), [](char c) {
                        return absl::ascii_isxdigit(static_cast<unsigned char>(c));
                      });
  if (!formed) return absl::InvalidArgumentError("must be 64 hexadecimal digits");
  return crypto::DigestFromBytes(absl::HexStringToBytes(hex));
}

std::string SpkiDigestText(const crypto::Digest& digest) {
  return absl::BytesToHexString(crypto::AsBytes(digest));
}

}  // namespace ndx::registry
