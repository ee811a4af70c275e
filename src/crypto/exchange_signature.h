// Signatures over exchanges (ký số yêu cầu, ký số câu trả lời), metadata ndx-signature-bin: the
// ASCII of a detached JWS (jws.h) over this text, which the verifier makes anew, each line ended by
// one line feed:
//
//   ndx-request-v1                             or ndx-answer-v1, ndx-delivery-v1
//   0197a0c8-0000-7000-8000-000000000001       the exchange id, lower case
//   /ndx.population.v1.PopulationService/VerifyCitizen
//   1767600000                                 when it was made, iat of the header
//   1767600300                                 until when it counts, exp of the header
//   9f86d081…0f00a08                           SHA-256 of the body, lower-case hexadecimal
//
// The body of a request or of a unary answer is its gRPC message, not compressed and without the
// five bytes before it. The body of a streamed answer is its messages in their order, each behind
// its length as u32 big-endian.
//
//   made by       over                                        typ                 verified by
//   the consumer  what it asks, before it is sent             ndx-request+jws     the node
//   the provider  its full answer                             ndx-answer+jws      the node
//   the node      what it delivers, after minimising          ndx-delivery+jws    the consumer
//
// Thread-safety: value types; thread-safe functions. Times are whole seconds.
#pragma once

#include <optional>
#include <string>
#include <variant>

#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "ndx/crypto/digest.h"
#include "ndx/crypto/jws.h"

namespace ndx::crypto {

// The longest that a signature may count, and by how much clocks may differ.
inline constexpr absl::Duration kSignatureLifeMax = absl::Minutes(5);
inline constexpr absl::Duration kSignatureClockSkew = absl::Seconds(60);

enum class SignedAs { kRequest, kAnswer, kDelivery };

struct SignedExchange {
  std::string exchange_id;  // text form
  std::string method;       // "/package.Service/Method"
  Digest body_sha256{};
};

// SHA-256 of a body as above.
class BodyDigest {
 public:
  enum class Kind { kMessage, kStream };
  explicit BodyDigest(Kind kind) : kind_(kind) {}

  BodyDigest& Add(absl::string_view message);
  Digest Finish() { return sha256_.Finish(); }

  // Of one message.
  static Digest Of(absl::string_view message);

 private:
  const Kind kind_;
  Sha256 sha256_;
};

class ExchangeSignature {
 public:
  // Form, header, type and life; nothing is verified.
  static std::variant<ExchangeSignature, SignatureFault> Parse(absl::string_view text,
                                                               SignedAs signed_as);

  const std::string& key_id() const { return jws_.header().key_id; }
  absl::Time issued() const { return absl::FromUnixSeconds(jws_.header().issued); }
  absl::Time expires() const { return absl::FromUnixSeconds(jws_.header().expires); }

  // Nothing while it counts; else kNotYet or kExpired.
  std::optional<SignatureFault> CheckTimes(absl::Time now) const;

  // Nothing when the key signed this exchange; else kAlgorithm or kMismatch.
  std::optional<SignatureFault> Verify(const SignedExchange& exchange,
                                       const SigningPublicKey& key) const;

 private:
  ExchangeSignature(Jws jws, SignedAs signed_as) : jws_(std::move(jws)), signed_as_(signed_as) {}

  Jws jws_;
  SignedAs signed_as_;
};

// The detached JWS, counting from now on for kSignatureLifeMax.
std::string SignExchange(SignedAs signed_as, const SignedExchange& exchange,
                         const SigningPrivateKey& key, absl::Time now);

}  // namespace ndx::crypto
