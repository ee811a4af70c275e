#include "ndx/broker/delivery.h"

namespace ndx::broker {
namespace {

crypto::Digest DeliveredDigest(Exchange& x) {
  if (x.delivered_digest.has_value()) return x.delivered_digest->Finish();
  if (!x.streams()) return crypto::BodyDigest::Of(*x.answer.front());
  crypto::BodyDigest digest(crypto::BodyDigest::Kind::kStream);  // from the record
  for (const transport::Message& message : x.answer) digest.Add(*message);
  return digest.Finish();
}

}  // namespace

std::string SignDelivery(Exchange& x, const DeliverySigner& sign) {
  const bool answers = x.outcome == Outcome::kAnswered && x.status.ok() && !x.refusal.has_value();
  if (sign == nullptr || !answers || !x.signed_both_ways()) return "";
  if (!x.streams() && x.answer.empty()) return "";
  return sign({.exchange_id = x.id.ToString(),
               .method = x.route.method->path,
               .body_sha256 = DeliveredDigest(x)});
}

}  // namespace ndx::broker
