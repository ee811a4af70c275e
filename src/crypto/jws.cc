#include "ndx/crypto/jws.h"

#include <algorithm>
#include <utility>
#include <vector>

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "ndx/crypto/digest.h"
#include "ndx/crypto/flat_json.h"

namespace ndx::crypto {
namespace {

// Base64url has one text for each content: what the library takes beyond that is found by writing
// it again.
std::optional<std::string> Decode(absl::string_view part) {
  std::string bytes;
  if (!absl::WebSafeBase64Unescape(part, &bytes) || absl::WebSafeBase64Escape(bytes) != part) {
    return std::nullopt;
  }
  return bytes;
}

std::optional<SigningAlgorithm> AlgorithmOf(absl::string_view name) {
  for (const auto algorithm : {SigningAlgorithm::kEs256, SigningAlgorithm::kEdDsa}) {
    if (AlgorithmName(algorithm) == name) return algorithm;
  }
  return std::nullopt;
}

bool IsKeyId(absl::string_view text) {
  return text.size() == 2 * kDigestBytes && std::all_of(text.begin(), text.end(), [](char c) {
           return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f');
         });
}

std::variant<JwsHeader, SignatureFault> ReadHeader(absl::string_view text, JwsForm form) {
  const auto json = FlatJson::Parse(text);
  if (!json.has_value()) return SignatureFault::kHeader;
  const std::string* const name = json->Text("alg");
  const std::string* const key_id = json->Text("kid");
  const std::string* const type = json->Text("typ");
  if (name == nullptr) return SignatureFault::kMember;
  const auto algorithm = AlgorithmOf(*name);
  if (!algorithm.has_value()) return SignatureFault::kAlgorithm;
  if (key_id == nullptr || type == nullptr || !IsKeyId(*key_id)) return SignatureFault::kMember;
  JwsHeader header{.algorithm = *algorithm, .key_id = *key_id, .type = *type};
  size_t members = 3;
  if (form == JwsForm::kDetached) {
    const int64_t* const issued = json->Number("iat");
    const int64_t* const expires = json->Number("exp");
    if (issued == nullptr || expires == nullptr) return SignatureFault::kMember;
    header.issued = *issued;
    header.expires = *expires;
    members = 5;
  }
  if (json->size() != members) return SignatureFault::kMember;
  return header;
}

}  // namespace

std::variant<Jws, SignatureFault> Jws::Parse(absl::string_view text, JwsForm form) {
  if (text.size() > kJwsBytesMax) return SignatureFault::kTooLong;
  const std::vector<absl::string_view> parts = absl::StrSplit(text, '.');
  if (parts.size() != 3 || parts[0].empty() || parts[2].empty() ||
      parts[1].empty() != (form == JwsForm::kDetached)) {
    return SignatureFault::kForm;
  }
  const auto header = Decode(parts[0]);
  auto payload = Decode(parts[1]);
  auto signature = Decode(parts[2]);
  if (!header.has_value() || !payload.has_value() || !signature.has_value()) {
    return SignatureFault::kEncoding;
  }
  auto read = ReadHeader(*header, form);
  if (const auto* const fault = std::get_if<SignatureFault>(&read)) return *fault;
  Jws jws;
  jws.header_ = std::move(std::get<JwsHeader>(read));
  if (!IsSignature(jws.header_.algorithm, *signature)) return SignatureFault::kLength;
  jws.header_part_ = std::string(parts[0]);
  jws.payload_ = *std::move(payload);
  jws.signature_ = *std::move(signature);
  return jws;
}

std::optional<SignatureFault> Jws::Verify(absl::string_view payload,
                                          const SigningPublicKey& key) const {
  if (header_.algorithm != key.algorithm()) return SignatureFault::kAlgorithm;
  if (header_.key_id != key.id()) return SignatureFault::kMismatch;
  const std::string input = absl::StrCat(header_part_, ".", absl::WebSafeBase64Escape(payload));
  if (!key.Verify(input, signature_)) return SignatureFault::kMismatch;
  return std::nullopt;
}

std::string SignJws(JwsForm form, const JwsHeader& header, absl::string_view payload,
                    const SigningPrivateKey& key) {
  FlatJson json;
  json.Add("alg", std::string(AlgorithmName(key.public_key().algorithm())))
      .Add("kid", key.public_key().id())
      .Add("typ", header.type);
  if (form == JwsForm::kDetached) json.Add("iat", header.issued).Add("exp", header.expires);
  const std::string protected_part = absl::WebSafeBase64Escape(json.ToString());
  const std::string payload_part = absl::WebSafeBase64Escape(payload);
  const std::string signature = key.Sign(absl::StrCat(protected_part, ".", payload_part));
  return absl::StrCat(protected_part, ".", form == JwsForm::kCompact ? payload_part : "", ".",
                      absl::WebSafeBase64Escape(signature));
}

}  // namespace ndx::crypto
