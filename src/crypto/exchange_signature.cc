#include "ndx/crypto/exchange_signature.h"

#include <cstdint>
#include <utility>

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "ndx/core/big_endian.h"

namespace ndx::crypto {
namespace {

struct Words {
  absl::string_view label;  // first line of what is signed
  absl::string_view type;   // typ of the header
};

Words WordsOf(SignedAs signed_as) {
  switch (signed_as) {
    case SignedAs::kRequest:
      return {"ndx-request-v1", "ndx-request+jws"};
    case SignedAs::kAnswer:
      return {"ndx-answer-v1", "ndx-answer+jws"};
    case SignedAs::kDelivery:
      break;
  }
  return {"ndx-delivery-v1", "ndx-delivery+jws"};
}

std::string SignedText(SignedAs signed_as, const SignedExchange& exchange, int64_t issued,
                       int64_t expires) {
  return absl::StrCat(WordsOf(signed_as).label, "\n", exchange.exchange_id, "\n", exchange.method,
                      "\n", issued, "\n", expires, "\n",
                      absl::BytesToHexString(AsBytes(exchange.body_sha256)), "\n");
}

}  // namespace

BodyDigest& BodyDigest::Add(absl::string_view message) {
  if (kind_ == Kind::kStream) {
    std::string length;
    core::AppendBigEndian(static_cast<uint32_t>(message.size()), &length);
    sha256_.Add(length);
  }
  sha256_.Add(message);
  return *this;
}

Digest BodyDigest::Of(absl::string_view message) { return Sha256Of({message}); }

std::variant<ExchangeSignature, SignatureFault> ExchangeSignature::Parse(absl::string_view text,
                                                                         SignedAs signed_as) {
  auto parsed = Jws::Parse(text, JwsForm::kDetached);
  if (const auto* const fault = std::get_if<SignatureFault>(&parsed)) return *fault;
  ExchangeSignature signature(std::get<Jws>(std::move(parsed)), signed_as);
  if (signature.jws_.header().type != WordsOf(signed_as).type) return SignatureFault::kType;
  const absl::Duration life = signature.expires() - signature.issued();
  if (life <= absl::ZeroDuration() || life > kSignatureLifeMax) return SignatureFault::kLife;
  return signature;
}

std::optional<SignatureFault> ExchangeSignature::CheckTimes(absl::Time now) const {
  if (now + kSignatureClockSkew < issued()) return SignatureFault::kNotYet;
  if (now - kSignatureClockSkew >= expires()) return SignatureFault::kExpired;
  return std::nullopt;
}

std::optional<SignatureFault> ExchangeSignature::Verify(const SignedExchange& exchange,
                                                        const SigningPublicKey& key) const {
  const JwsHeader& header = jws_.header();
  return jws_.Verify(SignedText(signed_as_, exchange, header.issued, header.expires), key);
}

std::string SignExchange(SignedAs signed_as, const SignedExchange& exchange,
                         const SigningPrivateKey& key, absl::Time now) {
  const JwsHeader header{.type = std::string(WordsOf(signed_as).type),
                         .issued = absl::ToUnixSeconds(now),
                         .expires = absl::ToUnixSeconds(now + kSignatureLifeMax)};
  return SignJws(JwsForm::kDetached, header,
                 SignedText(signed_as, exchange, header.issued, header.expires), key);
}

}  // namespace ndx::crypto
