// A node's word for whom it asks (xác nhận chuyển tiếp), metadata ndx-relay-assertion-bin: the
// ASCII of a compact JWS (jws.h) of typ "ndx-relay+jws" that a node signs for each exchange that it
// passes on to the next one. The form is this project's own.
//
//   jti    the exchange id, lower case
//   mth    "/package.Service/Method"
//   sub    the system that asked the first node, VN:GOV:<member>:<system>
//   cert   SHA-256 of the SubjectPublicKeyInfo of its certificate, as the first node saw it
//   sig    SHA-256 of its own ndx-signature-bin; "" where it sent none
//   ctx    SHA-256 of the ground on which it asks: RelayGround::Sha256()
//   prv    the system asked
//   body   SHA-256 of the gRPC message, not compressed and without the five bytes before it
//   path   the nodes crossed so far, a space between each two; the last one signs
//   aud    the next node
//   iat, exp   whole seconds since 1970, at most kSignatureLifeMax apart
//
// All of them and no others; digests are 64 lower-case hexadecimal digits. The connection proves
// which peer sends it, so that somebody else's word, captured, is worth nothing; sent again by the
// same peer it meets the exchange id, which is used already.
//
// Thread-safety: value types; thread-safe functions.
#pragma once

#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "ndx/crypto/digest.h"
#include "ndx/crypto/jws.h"

namespace ndx::crypto {

// What a caller states in metadata, as the next node is to get it.
struct RelayGround {
  absl::string_view purpose;
  absl::string_view dossier;
  absl::string_view procedure;
  absl::string_view officer;
  absl::string_view officer_token;

  // Over "ndx-relay-ground-v1" and the five texts in this order, each behind its length as u32
  // big-endian.
  Digest Sha256() const;
};

struct RelayClaims {
  std::string exchange_id;
  std::string method;
  std::string origin;
  Digest origin_certificate{};
  std::optional<Digest> origin_signature;
  Digest ground{};
  std::string provider;
  Digest body_sha256{};
  std::vector<std::string> path;
  std::string audience;
  absl::Time issued;
  absl::Time expires;
};

class RelayAssertion {
 public:
  // Form, header, type, claims and life; nothing is verified.
  static std::variant<RelayAssertion, SignatureFault> Parse(absl::string_view text);

  const std::string& key_id() const { return jws_.header().key_id; }
  // Not to be believed before Verify(). The path is not empty.
  const RelayClaims& claims() const { return claims_; }

  // Nothing while it counts, give or take kSignatureClockSkew; else kNotYet or kExpired.
  std::optional<SignatureFault> CheckTimes(absl::Time now) const;

  // Nothing when it is the key's; else kAlgorithm or kMismatch.
  std::optional<SignatureFault> Verify(const SigningPublicKey& key) const;

 private:
  explicit RelayAssertion(Jws jws) : jws_(std::move(jws)) {}

  Jws jws_;
  RelayClaims claims_;
};

// Texts of the claims are printable ASCII without quotation mark and backslash, names in the path
// without spaces.
std::string SignRelayAssertion(const RelayClaims& claims, const SigningPrivateKey& key);

}  // namespace ndx::crypto
