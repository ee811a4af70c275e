#include "ndx/broker/relay_request.h"

#include <utility>

#include "ndx/broker/hop_metadata.h"
#include "ndx/crypto/exchange_signature.h"

namespace ndx::broker {
namespace {

void AddGiven(absl::string_view key, const std::string& value, transport::Metadata& metadata) {
  if (!value.empty()) metadata.Add(key, value);
}

RelayWay WayOf(const Exchange& x) {
  return {.origin = x.principal->system.text(),
          .origin_certificate = x.principal->spki_sha256,
          .path = x.relay_path,
          .peer = x.route.provider->via->system->id.text()};
}

// Of whom and by what way, whatever is asked.
crypto::RelayClaims ClaimsOfWay(const RelayWay& way, absl::Time now) {
  crypto::RelayClaims claims{.origin = way.origin,
                             .path = way.path,
                             .audience = way.peer,
                             .issued = now,
                             .expires = now + crypto::kSignatureLifeMax};
  // A replay has no certificate; its digest is then all zeros.
  if (way.origin_certificate.size() == crypto::kDigestBytes) {
    claims.origin_certificate = crypto::DigestFromBytes(way.origin_certificate);
  }
  return claims;
}

crypto::RelayClaims ClaimsOf(const Exchange& x, absl::Time now) {
  const RequestContext& context = x.context;
  const crypto::RelayGround ground{.purpose = context.purpose,
                                   .dossier = context.dossier,
                                   .procedure = context.procedure,
                                   .officer = context.officer,
                                   .officer_token = context.officer_token};
  crypto::RelayClaims claims = ClaimsOfWay(WayOf(x), now);
  claims.exchange_id = IdAtPeer(x).ToString();
  claims.method = x.route.method->path;
  claims.ground = ground.Sha256();
  claims.provider = x.route.provider->system->id.text();
  claims.body_sha256 = crypto::BodyDigest::Of(*x.request);
  if (!context.signature.empty()) claims.origin_signature = crypto::Sha256Of({context.signature});
  return claims;
}

}  // namespace

const core::ExchangeId& IdAtPeer(const Exchange& x) {
  return x.changes() ? x.idempotency_key() : x.id;
}

transport::Metadata RelayMetadata(const Exchange& x, const RelaySigner& sign, absl::Time now) {
  transport::Metadata metadata = AcrossNode(x.metadata);
  const RequestContext& context = x.context;
  metadata.Add("ndx-exchange-id", IdAtPeer(x).ToString());
  metadata.Add("ndx-provider", x.route.provider->system->id.text());
  AddGiven("ndx-purpose", context.purpose, metadata);
  AddGiven("ndx-dossier", context.dossier, metadata);
  AddGiven("ndx-procedure", context.procedure, metadata);
  AddGiven("ndx-officer", context.officer, metadata);
  AddGiven("ndx-officer-token", context.officer_token, metadata);
  AddGiven("ndx-signature-bin", context.signature, metadata);
  metadata.Add("ndx-relay-assertion-bin", sign(ClaimsOf(x, now)));
  return metadata;
}

transport::Metadata ReceiptMetadata(const Exchange& x, absl::string_view method,
                                    absl::string_view message, const core::ExchangeId& id,
                                    const RelaySigner& sign, absl::Time now) {
  return QuestionMetadata(WayOf(x), method, message, id, sign, now);
}

transport::Metadata QuestionMetadata(const RelayWay& way, absl::string_view method,
                                     absl::string_view message, const core::ExchangeId& id,
                                     const RelaySigner& sign, absl::Time now) {
  crypto::RelayClaims claims = ClaimsOfWay(way, now);
  claims.exchange_id = id.ToString();
  claims.method = std::string(method);
  claims.ground = crypto::RelayGround{}.Sha256();
  claims.provider = claims.audience;
  claims.body_sha256 = crypto::BodyDigest::Of(message);
  transport::Metadata metadata;
  metadata.Add("ndx-exchange-id", claims.exchange_id);
  metadata.Add("ndx-provider", claims.provider);
  metadata.Add("ndx-relay-assertion-bin", sign(claims));
  return metadata;
}

}  // namespace ndx::broker
