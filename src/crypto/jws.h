// JSON Web Signatures in the two forms in use here, and no other: detached ("header..signature",
// the payload rebuilt by the verifier) for exchanges, compact ("header.payload.signature") for
// officers' tokens.
//
//   protected header, detached   {"alg","kid","typ","iat","exp"}, all of them and no others
//   protected header, compact    {"alg","kid","typ"}, likewise
//
// alg is ES256 or EdDSA and must be that of the registered key; kid its id (signing_key.h); iat and
// exp are whole seconds since 1970. So there is nothing to fetch, nothing to negotiate and nothing
// that a verifier could be told to believe: jku, x5u, x5c, jwk, crit, b64 and alg none are refused
// as what they are, unknown members and values. Base64url is canonical and without padding.
//
// Thread-safety: value type; thread-safe functions.
// Source: RFC 7515 (detached: appendix F), RFC 7518 section 3.4, RFC 8037 section 3.1.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <variant>

#include "absl/strings/string_view.h"
#include "ndx/crypto/signature_fault.h"
#include "ndx/crypto/signing_key.h"

namespace ndx::crypto {

inline constexpr size_t kJwsBytesMax = 4096;

enum class JwsForm { kDetached, kCompact };

struct JwsHeader {
  SigningAlgorithm algorithm = SigningAlgorithm::kEdDsa;
  std::string key_id;
  std::string type;
  int64_t issued = 0;  // detached only
  int64_t expires = 0;
};

class Jws {
 public:
  // Form and header only: nothing is verified.
  static std::variant<Jws, SignatureFault> Parse(absl::string_view text, JwsForm form);

  const JwsHeader& header() const { return header_; }
  // Of a compact one, decoded. Not to be believed before Verify().
  const std::string& payload() const { return payload_; }

  // Nothing when it is the key's signature over this payload; else kAlgorithm or kMismatch.
  std::optional<SignatureFault> Verify(absl::string_view payload,
                                       const SigningPublicKey& key) const;

 private:
  Jws() = default;

  JwsHeader header_;
  std::string header_part_;  // as sent
  std::string payload_;
  std::string signature_;
};

// Algorithm and key id of the header are the key's.
std::string SignJws(JwsForm form, const JwsHeader& header, absl::string_view payload,
                    const SigningPrivateKey& key);

}  // namespace ndx::crypto
