#include "ndx/broker/stages/dispatch_stage.h"

#include <algorithm>
#include <utility>

#include "ndx/broker/error_answer.h"
#include "ndx/broker/hop_metadata.h"
#include "ndx/broker/minimise_answer.h"
#include "ndx/broker/relay_answer.h"
#include "ndx/broker/stages/submit_stage.h"

namespace ndx::broker {
namespace {

using transport::Delivery;

// Of what is left, this part is kept for recording and the way back, within bounds.
constexpr int64_t kMarginDivisor = 20;
constexpr absl::Duration kMarginLeast = absl::Milliseconds(1);
constexpr absl::Duration kMarginMost = absl::Milliseconds(200);

void AddIfSet(absl::string_view key, const std::string& value, transport::Metadata& metadata) {
  if (!value.empty()) metadata.Add(key, value);
}

// A provider's own words that leave open what became of a change.
bool LeavesOpen(const dispatch::DispatchEnd& end) {
  switch (static_cast<absl::StatusCode>(end.call.status.code)) {
    case absl::StatusCode::kCancelled:
    case absl::StatusCode::kUnknown:
    case absl::StatusCode::kDeadlineExceeded:
      return true;
    // "Nothing was done" is said of the last attempt only.
    case absl::StatusCode::kResourceExhausted:
    case absl::StatusCode::kUnavailable:
      return end.earlier_attempt_unknown;
    default:
      return false;
  }
}

// gRPC reads a code it does not know as UNKNOWN.
int KnownCode(int code) {
  constexpr int kCodeMost = static_cast<int>(absl::StatusCode::kUnauthenticated);
  return code >= 0 && code <= kCodeMost ? code : static_cast<int>(absl::StatusCode::kUnknown);
}

// The provider's own, in front of its answer or behind it.
void CollectSignatures(Exchange& x, const transport::Metadata& metadata) {
  if (!x.route.provider->signed_answers) return;
  for (const auto value : metadata.FindAll("ndx-signature-bin")) {
    x.provider_signatures.emplace_back(value);
  }
}

// A stream is not held: what is signed of it is digested as it passes.
void BeginDigests(Exchange& x) {
  using Kind = crypto::BodyDigest::Kind;
  if (!x.streams()) return;
  if (x.route.provider->signed_answers) x.received_digest.emplace(Kind::kStream);
  if (x.signed_both_ways()) x.delivered_digest.emplace(Kind::kStream);
}

// The provider cannot be reached: the request may be submitted instead.
bool NothingWasSent(const Exchange& x) {
  return x.outcome == Outcome::kFailed && x.refusal.has_value() && !x.streams() &&
         x.refusal->reason == exchange::v1::ERROR_REASON_PROVIDER_DOWN;
}

// Not to be continued: the node cannot keep or read the answer.
void GiveUp(Exchange& x, core::Refusal why) {
  x.refusal = std::move(why);
  if (x.call != nullptr) x.call->Cancel();
}

}  // namespace

int64_t ProviderDeadline(const Exchange& x, int64_t now_nanos) {
  const registry::MethodEntry& method = *x.route.method;
  const int64_t by_default = x.received_nanos + absl::ToInt64Nanoseconds(method.default_deadline);
  const int64_t most = x.received_nanos + absl::ToInt64Nanoseconds(method.deadline_max);
  const int64_t wanted = std::min(x.caller_deadline_nanos.value_or(by_default), most);
  const int64_t margin =
      std::clamp((wanted - now_nanos) / kMarginDivisor, absl::ToInt64Nanoseconds(kMarginLeast),
                 absl::ToInt64Nanoseconds(kMarginMost));
  return wanted - margin;
}

void ReleaseStreamed(Exchange& x, Admission& admission) {
  const uint64_t bytes = std::exchange(x.unreleased_bytes, 0);
  // Nothing is left of it once the exchange has ended and given back what it held.
  const uint64_t held = std::min(bytes, x.memory_taken);
  if (held > 0) admission.ReleaseMemory(x.principal->system, held);
  x.memory_taken -= held;
  if (x.call != nullptr) x.call->ReleaseReceived(bytes);
}

// Takes the events of the provider's call into the exchange.
class DispatchStage::Observer final : public dispatch::DispatchObserver {
 public:
  Observer(DispatchStage& stage, std::shared_ptr<Exchange> x) : stage_(stage), x_(std::move(x)) {}

  void OnInitialMetadata(transport::Metadata metadata) override {
    CollectSignatures(*x_, metadata);
    x_->provider_initial = AcrossNode(metadata);
    if (x_->streams() && x_->caller != nullptr) {
      x_->caller->SendInitialMetadata(x_->provider_initial);
    }
  }

  void OnMessage(transport::Message message) override {
    if (x_->refusal.has_value()) return;  // given up: what still comes is not wanted
    if (x_->streams()) {
      stage_.DeliverStreamed(*x_, std::move(message));
    } else {
      stage_.TakeUnary(*x_, std::move(message));
    }
  }

  void OnEnd(dispatch::DispatchEnd end) override {
    // The observer ends with the call it observes.
    const std::shared_ptr<Exchange> x = std::move(x_);
    DispatchStage& stage = stage_;
    const std::unique_ptr<dispatch::DispatchCall> ended = std::move(x->call);
    const std::unique_ptr<DispatchObserver> self = std::move(x->observer);
    stage.Ended(*x, std::move(end));
    stage.pipeline_.Next(*x);
  }

 private:
  DispatchStage& stage_;
  std::shared_ptr<Exchange> x_;
};

DispatchStage::~DispatchStage() {
  for (Exchange* x : std::exchange(running_, {})) {
    // The observer keeps the exchange alive, and the exchange the observer.
    const std::unique_ptr<dispatch::DispatchObserver> observer = std::move(x->observer);
    const std::unique_ptr<dispatch::DispatchCall> call = std::move(x->call);
  }
}

Flow DispatchStage::Enter(Exchange& x) {
  if (x.caller_gone) {
    x.Refuse({.reason = exchange::v1::ERROR_REASON_CANCELLED});
    return Flow::kNext;
  }
  if (x.via() != nullptr && !sign_relay_) {
    x.Refuse({.reason = exchange::v1::ERROR_REASON_INTERNAL});
    return Flow::kNext;
  }
  const int64_t now = clock_.MonotonicNanos();
  x.sent_nanos = now;
  x.deadline_nanos = ProviderDeadline(x, now);
  BeginDigests(x);
  dispatch::DispatchRequest request{.method = x.route.method,
                                    .provider = x.route.provider,
                                    .registry = x.registry,
                                    .message = x.request,
                                    .metadata = MetadataFor(x),
                                    .deadline_nanos = x.deadline_nanos,
                                    .place = std::move(x.place)};
  if (x.via() != nullptr) {
    request.stated_deadline_nanos =
        hops_.DeadlineThere(x.via()->system->id.text(), now, x.deadline_nanos);
  }
  auto observer = std::make_unique<Observer>(*this, x.shared_from_this());
  x.call = dispatcher_.Start(std::move(request), observer.get());
  x.observer = std::move(observer);
  running_.insert(&x);
  return Flow::kWait;
}

transport::Metadata DispatchStage::MetadataFor(const Exchange& x) {
  if (x.via() != nullptr) {
    transport::Metadata to_peer = RelayMetadata(x, sign_relay_, clock_.Now());
    to_peer.Add("traceparent", x.trace.Child(random_).ToString());
    return to_peer;
  }
  transport::Metadata metadata = AcrossNode(x.metadata);
  metadata.Add("ndx-exchange-id", x.id.ToString());
  metadata.Add("ndx-idempotency-key", x.idempotency_key().ToString());
  metadata.Add("ndx-consumer", x.principal->system.text());
  AddIfSet("ndx-purpose", x.context.purpose, metadata);
  AddIfSet("ndx-dossier", x.context.dossier, metadata);
  AddIfSet("ndx-procedure", x.context.procedure, metadata);
  AddIfSet("ndx-officer", x.context.officer, metadata);
  metadata.Add("traceparent", x.trace.Child(random_).ToString());
  return metadata;
}

// A unary answer is held until it is recorded, in what was set aside for it and what there is
// beyond that. Where it finds no room it cannot be taken: the request was sent by then, so that it
// is the answer that is missing.
void DispatchStage::TakeUnary(Exchange& x, transport::Message message) {
  const uint64_t bytes = message->size();
  sizes_.Saw(x.path, bytes);
  const uint64_t needed = kMemoryCopies * bytes;
  const uint64_t set_aside = std::min(std::exchange(x.answer_memory, 0), needed);
  if (!admission_.TryTakeMemory(x.principal->system, needed - set_aside)) {
    return GiveUp(x, AnswerNotRecorded(node_contact_));
  }
  x.memory_taken += needed - set_aside;
  x.answer.push_back(std::move(message));
  if (x.call != nullptr) x.call->ReleaseReceived(bytes);
}

void DispatchStage::DeliverStreamed(Exchange& x, transport::Message message) {
  const uint64_t received = message->size();
  ++x.streamed.messages;
  x.streamed.bytes += received;
  if (x.received_digest.has_value()) x.received_digest->Add(*message);
  auto minimised = MinimiseMessage(x, std::move(message));
  if (!minimised.ok()) return GiveUp(x, AnswerOfWrongType(x));
  if (!x.spill->Add(**minimised).ok()) return GiveUp(x, AnswerNotRecorded(node_contact_));
  if (x.delivered_digest.has_value()) x.delivered_digest->Add(**minimised);
  if (x.caller == nullptr || x.caller_gone) {
    if (x.call != nullptr) x.call->ReleaseReceived(received);
    return;
  }
  if (!admission_.TryTakeMemory(x.principal->system, received)) {
    return GiveUp(x, AnswerNotRecorded(node_contact_));
  }
  x.memory_taken += received;
  x.unreleased_bytes += received;
  x.caller->SendMessage(*std::move(minimised));
  if (x.caller->pending_send_bytes() <= kStreamPendingBytesMax) ReleaseStreamed(x, admission_);
}

void DispatchStage::Ended(Exchange& x, dispatch::DispatchEnd end) {
  running_.erase(&x);
  x.provider_nanos = clock_.MonotonicNanos() - x.sent_nanos;
  x.attempts = end.attempts;
  end.call.status.code = KnownCode(end.call.status.code);
  end.earlier_attempt_unknown = end.earlier_attempt_unknown || x.doubted;
  const bool answered = end.delivery == Delivery::kAnswered;
  if (!x.refusal.has_value() && answered && x.via() != nullptr) {
    return EndedByPeer(x, std::move(end));
  }
  if (!x.refusal.has_value() && answered && x.changes() && LeavesOpen(end)) {
    x.refusal = core::Refusal{.reason = exchange::v1::ERROR_REASON_OUTCOME_UNKNOWN};
  }
  if (!x.refusal.has_value()) x.refusal = std::move(end.refusal);
  if (!x.refusal.has_value()) {
    x.outcome = Outcome::kAnswered;
  } else {
    // This attempt was not sent; the one before may have been.
    if (x.doubted && end.delivery == Delivery::kNotSent) {
      x.refusal->reason = exchange::v1::ERROR_REASON_OUTCOME_UNKNOWN;
    }
    x.refusal->parameters.emplace("node", node_contact_);
    const bool may_have_happened =
        end.delivery != Delivery::kNotSent || end.earlier_attempt_unknown;
    x.outcome = x.changes() && may_have_happened ? Outcome::kInDoubt : Outcome::kFailed;
  }
  if (NothingWasSent(x) && x.route.provider->keeps && !x.made_by_node()) {
    x.refusal->parameters["submit"] = kSubmitMethod;
  }
  x.status = std::move(end.call.status);
  CollectSignatures(x, end.call.trailers);
  x.provider_trailers = std::move(end.call.trailers);
}

// A peer's word is more than a provider's: it says whether the provider has seen anything.
void DispatchStage::EndedByPeer(Exchange& x, dispatch::DispatchEnd end) {
  x.answered_by_peer = true;
  x.next_receipt = ReceiptIn(end.call.trailers);
  x.outcome = Outcome::kAnswered;
  if (!end.call.status.ok()) {
    PeerError error = PeerErrorOf(end.call.status, *x.via());
    x.error_node = std::move(error.node);
    if (error.refusal.reason != exchange::v1::ERROR_REASON_PROVIDER_ERROR) {
      const bool sent = end.earlier_attempt_unknown || !SaysNothingWasSent(error.refusal.reason);
      x.outcome = x.changes() && sent ? Outcome::kInDoubt : Outcome::kFailed;
      x.refusal = std::move(error.refusal);
      if (x.outcome == Outcome::kInDoubt && SaysNothingWasSent(x.refusal->reason)) {
        // It speaks of the last attempt only.
        x.refusal = core::Refusal{.reason = exchange::v1::ERROR_REASON_OUTCOME_UNKNOWN};
        x.error_node.clear();
      }
      x.refusal->parameters.emplace("node", node_contact_);
    }
  }
  x.status = std::move(end.call.status);
  CollectSignatures(x, end.call.trailers);
  x.provider_trailers = std::move(end.call.trailers);
}

}  // namespace ndx::broker
