#include "ndx/adapters/sdk/consumer_signature.h"

#include <variant>

#include "ndx/crypto/exchange_signature.h"

namespace ndx::sdk {
namespace {

absl::Status Denied(crypto::SignatureFault fault) {
  return absl::PermissionDeniedError(crypto::FaultTextEn(fault));
}

}  // namespace

std::string SignRequest(const AskedExchange& asked, const crypto::SigningPrivateKey& key,
                        absl::Time now) {
  return crypto::SignExchange(crypto::SignedAs::kRequest,
                              {.exchange_id = asked.exchange_id,
                               .method = asked.method,
                               .body_sha256 = crypto::BodyDigest::Of(asked.request)},
                              key, now);
}

absl::Status VerifyDelivery(const DeliveredExchange& delivered, absl::string_view signature,
                            const crypto::SigningPublicKey& node_key, absl::Time now) {
  using Kind = crypto::BodyDigest::Kind;
  if (signature.empty()) return Denied(crypto::SignatureFault::kMissing);
  const auto parsed = crypto::ExchangeSignature::Parse(signature, crypto::SignedAs::kDelivery);
  if (const auto* const fault = std::get_if<crypto::SignatureFault>(&parsed)) {
    return Denied(*fault);
  }
  const auto& read = std::get<crypto::ExchangeSignature>(parsed);
  if (read.key_id() != node_key.id()) return Denied(crypto::SignatureFault::kKeyUnknown);
  crypto::BodyDigest digest(delivered.streamed ? Kind::kStream : Kind::kMessage);
  for (const std::string& message : delivered.messages) digest.Add(message);
  const crypto::SignedExchange exchange{.exchange_id = delivered.exchange_id,
                                        .method = delivered.method,
                                        .body_sha256 = digest.Finish()};
  if (const auto fault = read.Verify(exchange, node_key)) return Denied(*fault);
  if (const auto fault = read.CheckTimes(now)) return Denied(*fault);
  return absl::OkStatus();
}

}  // namespace ndx::sdk
