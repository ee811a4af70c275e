#include "ndx/broker/stages/keep_stage.h"

#include <algorithm>

#include "google/protobuf/util/time_util.h"
#include "ndx/broker/hop_metadata.h"
#include "ndx/broker/leaf.h"
#include "ndx/journal/v1/journal_store.pb.h"

namespace ndx::broker {
namespace {

using google::protobuf::util::TimeUtil;

std::string SealedContext(const Exchange& x) {
  journal::v1::SubmittedContext context;
  context.set_consumer_signature(x.context.signature);
  context.set_dossier(x.context.dossier);
  context.set_officer(x.context.officer);
  context.set_order_key(x.submission->order_key);
  const transport::Metadata crossing = AcrossNode(x.metadata);
  for (const auto& entry : crossing.entries()) {
    auto& kept = *context.add_metadata();
    kept.set_key(entry.key);
    kept.set_value(entry.value);
  }
  return context.SerializeAsString();
}

// The handle, which needs no leaf of its own.
void AnswerHandle(Exchange& x, const Reservation& reservation) {
  exchange::v1::SubmitResponse handle;
  handle.set_exchange_id(x.id.ToString());
  handle.set_state(reservation.state);
  *handle.mutable_expires() =
      TimeUtil::NanosecondsToTimestamp(absl::ToUnixNanos(reservation.expires));
  x.outcome = Outcome::kAnswered;
  x.recalled = true;
  x.answer = {transport::MakeMessage(handle.SerializeAsString())};
}

}  // namespace

Flow KeepStage::Enter(Exchange& x) {
  if (!x.submission.has_value()) return Flow::kNext;
  if (kept_ == nullptr) {
    x.Refuse({.reason = exchange::v1::ERROR_REASON_MAILBOX_OFF});
    return Flow::kNext;
  }
  const registry::SystemEntry& provider = *x.route.provider->system;
  if (!x.route.provider->keeps) {
    x.Refuse({.reason = exchange::v1::ERROR_REASON_NOT_KEPT_FOR_PROVIDER,
              .parameters = {{"provider", provider.id.text()},
                             {"owner", provider.member->OwnerText()}}});
    return Flow::kNext;
  }
  auto order_key = journal_.Reference(journal::ReferenceKind::kOrderKey, x.submission->order_key);
  if (!order_key.ok()) {
    x.Refuse(Unavailable());
    return Flow::kNext;
  }
  const absl::Duration wanted = x.submission->keep_for.value_or(kept_->keep_default());
  KeptRequest request{.key = {.consumer = x.principal->system.text(), .exchange_id = x.id},
                      .method = x.path,
                      .provider = provider.id.text(),
                      .order_key = *std::move(order_key),
                      .expires = clock_.Now() + std::min(wanted, kept_->keep_most()),
                      .bytes = x.request->size(),
                      .id_used_before = x.submission->id_used_before};
  kept_->Reserve(std::move(request),
                 pipeline_.OnLoop<Reservation>(x, [this](Exchange& alive, auto reservation) {
                   Reserved(alive, std::move(reservation));
                 }));
  return Flow::kWait;
}

void KeepStage::Reserved(Exchange& x, absl::StatusOr<Reservation> reservation) {
  if (!reservation.ok()) {
    x.Refuse(Unavailable());
  } else if (reservation->refusal.has_value()) {
    x.Refuse(*std::move(reservation->refusal));
  } else if (reservation->existed) {
    AnswerHandle(x, *reservation);
  } else {
    return Record(x, *reservation);
  }
  pipeline_.Next(x);
}

void KeepStage::Record(Exchange& x, const Reservation& reservation) {
  const KeptKey key{.consumer = x.principal->system.text(), .exchange_id = x.id};
  auto leaf = LeafOf(x, journal::v1::JOURNAL_EVENT_SUBMITTED, clock_, journal_);
  if (!leaf.ok()) {
    kept_->Abandon(key);
    x.Refuse(Unavailable());
    return pipeline_.Next(x);
  }
  journal::Record record;
  record.leaf = *std::move(leaf);
  if (!x.submission->order_key.empty()) {
    auto order_key = journal_.Reference(journal::ReferenceKind::kOrderKey, x.submission->order_key);
    if (order_key.ok()) *record.leaf.mutable_order_key() = *std::move(order_key);
  }
  record.leaf.set_expires_unix_ns(absl::ToUnixNanos(reservation.expires));
  record.request = RequestPayload(x);
  record.consumer_signature = SealedContext(x);
  record.recallable = true;
  journal_.Append(std::move(record),
                  pipeline_.OnLoop<journal::Appended>(
                      x, [this, key, reservation](Exchange& alive, auto appended) {
                        if (appended.ok()) {
                          kept_->Confirm(key, appended->index);
                          AnswerHandle(alive, reservation);
                          alive.receipt = std::move(appended->receipt);
                        } else {
                          kept_->Abandon(key);
                          alive.Refuse(Unavailable());
                        }
                        pipeline_.Next(alive);
                      }));
}

core::Refusal KeepStage::Unavailable() const {
  return {.reason = exchange::v1::ERROR_REASON_JOURNAL_UNAVAILABLE,
          .parameters = {{"node", node_contact_}}};
}

}  // namespace ndx::broker
