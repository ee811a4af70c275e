#include "ndx/broker/provider_proof.h"

#include <string>
#include <variant>

#include "signing_keys.h"

namespace ndx::broker {
namespace {

using crypto::SignatureFault;

crypto::Digest AnswerDigest(Exchange& x) {
  if (x.received_digest.has_value()) return x.received_digest->Finish();
  return crypto::BodyDigest::Of(x.answer.empty() ? absl::string_view() : *x.answer.front());
}

std::optional<SignatureFault> ProviderFault(Exchange& x, absl::Time now) {
  if (x.provider_signatures.empty()) return SignatureFault::kMissing;
  if (x.provider_signatures.size() > 1) return SignatureFault::kSentTwice;
  const auto parsed =
      crypto::ExchangeSignature::Parse(x.provider_signatures.front(), crypto::SignedAs::kAnswer);
  if (const auto* const fault = std::get_if<SignatureFault>(&parsed)) return *fault;
  const auto& signature = std::get<crypto::ExchangeSignature>(parsed);
  const auto key = FindSigningKey(x.route.provider->system->signing_keys, signature.key_id(), now);
  if (const auto* const fault = std::get_if<SignatureFault>(&key)) return *fault;
  const crypto::SignedExchange exchange{.exchange_id = x.id.ToString(),
                                        .method = x.route.method->path,
                                        .body_sha256 = AnswerDigest(x)};
  if (const auto fault =
          signature.Verify(exchange, *std::get<const crypto::SigningPublicKey*>(key))) {
    return *fault;
  }
  return signature.CheckTimes(now);
}

}  // namespace

std::optional<core::Refusal> CheckProviderSignature(Exchange& x, absl::Time now) {
  const bool wanted = x.route.provider != nullptr && x.route.provider->signed_answers;
  if (!wanted || x.recalled || !x.status.ok()) return std::nullopt;
  const auto fault = ProviderFault(x, now);
  if (!fault.has_value()) return std::nullopt;
  const registry::SystemEntry& provider = *x.route.provider->system;
  return core::Refusal{.reason = exchange::v1::ERROR_REASON_PROVIDER_SIGNATURE_INVALID,
                       .parameters = {{"provider", provider.id.text()},
                                      {"owner", provider.member->OwnerText()},
                                      {"rule_vi", std::string(crypto::FaultTextVi(*fault))},
                                      {"rule_en", std::string(crypto::FaultTextEn(*fault))}}};
}

}  // namespace ndx::broker
