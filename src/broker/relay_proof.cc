#include "ndx/broker/relay_proof.h"

#include <algorithm>
#include <utility>
#include <variant>

#include "absl/strings/str_cat.h"
#include "ndx/core/limits.h"
#include "ndx/crypto/exchange_signature.h"
#include "ndx/crypto/relay_assertion.h"
#include "ndx/security/system_standing.h"
#include "signing_keys.h"

namespace ndx::broker {
namespace {

using crypto::RelayAssertion;
using crypto::RelayClaims;
using crypto::SignatureFault;
using exchange::v1::ErrorReason;

core::Refusal OfPeer(ErrorReason reason, const registry::PeerEntry& peer) {
  return {.reason = reason,
          .parameters = {{"peer", peer.system->id.text()},
                         {"owner", peer.system->member->OwnerText()}}};
}

core::Refusal FaultyAssertion(ErrorReason reason, const registry::PeerEntry& peer,
                              SignatureFault fault) {
  core::Refusal refusal = OfPeer(reason, peer);
  refusal.parameters["rule_vi"] = std::string(crypto::FaultTextVi(fault));
  refusal.parameters["rule_en"] = std::string(crypto::FaultTextEn(fault));
  return refusal;
}

core::Refusal Unfit(const registry::PeerEntry& peer, absl::string_view what) {
  core::Refusal refusal = OfPeer(exchange::v1::ERROR_REASON_RELAY_ASSERTION_MISMATCH, peer);
  refusal.parameters["what"] = std::string(what);
  return refusal;
}

std::optional<SignatureFault> SignatureFaultOf(const RelayAssertion& assertion,
                                               const registry::PeerEntry& peer, absl::Time now) {
  const auto key = FindSigningKey(peer.assertion_keys, assertion.key_id(), now);
  if (const auto* const fault = std::get_if<SignatureFault>(&key)) return *fault;
  return assertion.Verify(*std::get<const crypto::SigningPublicKey*>(key));
}

// The first word of the assertion that does not fit the call, named as in metadata.
absl::string_view UnfitPartOf(const Exchange& x, const RelayClaims& claims,
                              const registry::PeerEntry& peer) {
  const RequestContext& context = x.context;
  if (!context.exchange_id.has_value() || claims.exchange_id != x.id.ToString()) {
    return "ndx-exchange-id";
  }
  if (claims.method != x.path) return ":path";
  if (claims.provider != context.provider) return "ndx-provider";
  const crypto::RelayGround ground{.purpose = context.purpose,
                                   .dossier = context.dossier,
                                   .procedure = context.procedure,
                                   .officer = context.officer,
                                   .officer_token = context.officer_token};
  if (claims.ground != ground.Sha256()) return "ndx-purpose, -dossier, -procedure, -officer";
  const bool same_signature =
      context.signature.empty() ? !claims.origin_signature.has_value()
                                : claims.origin_signature == crypto::Sha256Of({context.signature});
  if (!same_signature) return "ndx-signature-bin";
  if (claims.path.back() != peer.system->id.text()) return "path";
  return "";
}

core::Refusal LoopAt(absl::string_view node, const registry::PeerEntry& peer) {
  core::Refusal refusal = OfPeer(exchange::v1::ERROR_REASON_RELAY_LOOP, peer);
  refusal.parameters["at"] = std::string(node);
  return refusal;
}

core::Refusal TooManyHops(const registry::PeerEntry& peer) {
  core::Refusal refusal = OfPeer(exchange::v1::ERROR_REASON_RELAY_TOO_MANY_HOPS, peer);
  refusal.parameters["limit"] = absl::StrCat(core::kRelayHopsMax);
  return refusal;
}

std::optional<core::Refusal> WayFault(const RelayClaims& claims, const registry::PeerEntry& peer,
                                      absl::string_view node) {
  const auto here = std::find(claims.path.begin(), claims.path.end(), node);
  if (here != claims.path.end() || claims.origin == node) return LoopAt(node, peer);
  if (claims.path.size() > core::kRelayHopsMax) return TooManyHops(peer);
  return std::nullopt;
}

core::Refusal NotAllowed(const registry::PeerEntry& peer, const std::string& node_contact,
                         absl::string_view what) {
  core::Refusal refusal = OfPeer(exchange::v1::ERROR_REASON_RELAY_NOT_ALLOWED, peer);
  refusal.parameters["node"] = node_contact;
  refusal.parameters["what"] = std::string(what);
  return refusal;
}

std::optional<core::Refusal> OriginFault(const Exchange& x, const registry::SystemEntry* origin,
                                         const registry::PeerEntry& peer,
                                         const std::string& node_contact, absl::Time now) {
  if (origin == nullptr) {
    core::Refusal refusal = OfPeer(exchange::v1::ERROR_REASON_RELAY_ORIGIN_UNKNOWN, peer);
    refusal.parameters["node"] = node_contact;
    return refusal;
  }
  if (auto refusal = security::RefusalOfSystem(*origin, node_contact, now)) return refusal;
  if (!peer.MaySpeakFor(*origin->member)) {
    return NotAllowed(peer, node_contact, "đơn vị / member");
  }
  const registry::MethodEntry* const method = x.registry->FindMethod(x.path);
  if (method != nullptr && !peer.MayRelay(*method)) {
    return NotAllowed(peer, node_contact, "chức năng / method");
  }
  return std::nullopt;
}

}  // namespace

std::optional<core::Refusal> ProveRelay(Exchange& x, absl::string_view node,
                                        const std::string& node_contact, absl::Time now) {
  const registry::PeerEntry* const peer = x.registry->FindPeer(*x.principal->entry);
  if (peer == nullptr || peer->assertion_keys.empty()) {
    return core::Refusal{.reason = exchange::v1::ERROR_REASON_RELAY_PEER_UNKNOWN,
                         .parameters = {{"node", node_contact}}};
  }
  const auto parsed = RelayAssertion::Parse(x.context.relay_assertion);
  if (const auto* const fault = std::get_if<SignatureFault>(&parsed)) {
    return FaultyAssertion(exchange::v1::ERROR_REASON_RELAY_ASSERTION_INVALID, *peer, *fault);
  }
  const auto& assertion = std::get<RelayAssertion>(parsed);
  if (const auto fault = SignatureFaultOf(assertion, *peer, now)) {
    return FaultyAssertion(exchange::v1::ERROR_REASON_RELAY_ASSERTION_INVALID, *peer, *fault);
  }
  // From here on the words are the peer's own.
  const RelayClaims& claims = assertion.claims();
  const auto asserted = core::SystemId::Parse(claims.origin);
  if (asserted.ok()) x.asserted_origin = asserted->text();
  if (const auto fault = assertion.CheckTimes(now)) {
    return FaultyAssertion(exchange::v1::ERROR_REASON_RELAY_ASSERTION_EXPIRED, *peer, *fault);
  }
  if (claims.audience != node) {
    return OfPeer(exchange::v1::ERROR_REASON_RELAY_ASSERTION_AUDIENCE, *peer);
  }
  if (const auto part = UnfitPartOf(x, claims, *peer); !part.empty()) return Unfit(*peer, part);
  if (auto refusal = WayFault(claims, *peer, node)) return refusal;
  const registry::SystemEntry* const origin = x.registry->FindSystem(claims.origin);
  if (auto refusal = OriginFault(x, origin, *peer, node_contact, now)) return refusal;
  x.relayed_from = RelayedFrom{.peer = peer,
                               .spki_sha256 = std::move(x.principal->spki_sha256),
                               .body_sha256 = claims.body_sha256};
  x.principal =
      security::Principal{.system = origin->id,
                          .entry = origin,
                          .spki_sha256 = std::string(crypto::AsBytes(claims.origin_certificate))};
  x.relay_path = claims.path;
  x.relay_path.emplace_back(node);
  x.asserted_origin.clear();
  return std::nullopt;
}

std::optional<core::Refusal> BeginRelay(Exchange& x, absl::string_view node) {
  if (x.via() == nullptr) return std::nullopt;
  if (x.relay_path.empty()) x.relay_path.emplace_back(node);
  const registry::PeerEntry& next = *x.route.provider->via;
  const std::string& there = next.system->id.text();
  const auto& path = x.relay_path;
  if (std::find(path.begin(), path.end(), there) != path.end()) return LoopAt(there, next);
  if (path.size() > core::kRelayHopsMax) return TooManyHops(next);
  return std::nullopt;
}

std::optional<core::Refusal> CheckRelayedBody(const Exchange& x) {
  if (!x.relayed_from.has_value()) return std::nullopt;
  const RelayedFrom& from = *x.relayed_from;
  if (from.body_sha256 == crypto::BodyDigest::Of(*x.request)) return std::nullopt;
  return Unfit(*from.peer, "thân yêu cầu / body");
}

}  // namespace ndx::broker
