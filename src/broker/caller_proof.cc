#include "ndx/broker/caller_proof.h"

#include <algorithm>
#include <string>
#include <variant>

#include "ndx/core/limits.h"
#include "ndx/crypto/exchange_signature.h"
#include "ndx/crypto/officer_token.h"
#include "signing_keys.h"

namespace ndx::broker {
namespace {

using crypto::SignatureFault;

core::Refusal UnprovedCaller(exchange::v1::ErrorReason reason, SignatureFault fault) {
  return {.reason = reason,
          .parameters = {{"rule_vi", std::string(crypto::FaultTextVi(fault))},
                         {"rule_en", std::string(crypto::FaultTextEn(fault))}}};
}

// The officer signed in for the first node; what crosses several is for all of them.
bool Crossed(const Exchange& x, absl::string_view node) {
  return x.relayed_from.has_value() &&
         std::find(x.relay_path.begin(), x.relay_path.end(), node) != x.relay_path.end();
}

// Form first, then the key, then what is said: nothing of a token is believed before its signature.
std::variant<std::string, SignatureFault> ProvedOfficer(const Exchange& x, absl::string_view node,
                                                        absl::Time now) {
  const auto parsed = crypto::OfficerToken::Parse(x.context.officer_token);
  if (const auto* const fault = std::get_if<SignatureFault>(&parsed)) return *fault;
  const auto& token = std::get<crypto::OfficerToken>(parsed);
  const registry::MemberEntry* const member = x.principal->entry->member;
  const auto key = FindSigningKey(member->officer_token_keys, token.key_id(), now);
  if (const auto* const fault = std::get_if<SignatureFault>(&key)) return *fault;
  if (const auto fault = token.Verify(*std::get<const crypto::SigningPublicKey*>(key))) {
    return *fault;
  }
  if (const auto fault = token.CheckTimes(now)) return *fault;
  const crypto::OfficerClaims& claims = token.claims();
  if (x.registry->FindMember(claims.member) != member) return SignatureFault::kIssuer;
  if (claims.audience != node && !Crossed(x, claims.audience)) return SignatureFault::kAudience;
  if (claims.officer.size() > core::kOfficerBytesMax) return SignatureFault::kClaims;
  if (!x.context.officer.empty() && x.context.officer != claims.officer) {
    return SignatureFault::kSubject;
  }
  return claims.officer;
}

std::variant<std::string, SignatureFault> ProvingKey(const Exchange& x, absl::Time now) {
  if (!x.context.exchange_id.has_value()) return SignatureFault::kNoExchangeId;
  const auto parsed =
      crypto::ExchangeSignature::Parse(x.context.signature, crypto::SignedAs::kRequest);
  if (const auto* const fault = std::get_if<SignatureFault>(&parsed)) return *fault;
  const auto& signature = std::get<crypto::ExchangeSignature>(parsed);
  const auto key = FindSigningKey(x.principal->entry->signing_keys, signature.key_id(), now);
  if (const auto* const fault = std::get_if<SignatureFault>(&key)) return *fault;
  const crypto::SignedExchange exchange{.exchange_id = x.id.ToString(),
                                        .method = x.route.method->path,
                                        .body_sha256 = crypto::BodyDigest::Of(*x.request)};
  if (const auto fault =
          signature.Verify(exchange, *std::get<const crypto::SigningPublicKey*>(key))) {
    return *fault;
  }
  if (const auto fault = signature.CheckTimes(now)) return *fault;
  return signature.key_id();
}

}  // namespace

std::optional<core::Refusal> ProveOfficer(Exchange& x, absl::string_view node, absl::Time now) {
  if (x.context.officer_token.empty()) return std::nullopt;
  // A node before this one knows the member's keys and asked for it: where this one knows none, the
  // token tells it nothing.
  if (x.relayed_from.has_value() && x.principal->entry->member->officer_token_keys.empty()) {
    return std::nullopt;
  }
  const auto proved = ProvedOfficer(x, node, now);
  if (const auto* const fault = std::get_if<SignatureFault>(&proved)) {
    return UnprovedCaller(exchange::v1::ERROR_REASON_OFFICER_TOKEN_INVALID, *fault);
  }
  x.context.officer = std::get<std::string>(proved);
  x.officer_proved = true;
  return std::nullopt;
}

std::optional<core::Refusal> ProveRequest(Exchange& x, absl::Time now) {
  // A replay or a delivery is no call of the consumer's; the first exchange's signature stands in
  // its record.
  if (x.context.signature.empty() || x.made_by_node()) return std::nullopt;
  if (!x.signed_both_ways() && x.principal->entry->signing_keys.empty()) return std::nullopt;
  const auto proved = ProvingKey(x, now);
  if (const auto* const fault = std::get_if<SignatureFault>(&proved)) {
    return UnprovedCaller(exchange::v1::ERROR_REASON_SIGNATURE_INVALID, *fault);
  }
  x.signature_key_id = std::get<std::string>(proved);
  return std::nullopt;
}

}  // namespace ndx::broker
