#include "ndx/broker/stages/dispatch_stage.h"

#include <algorithm>
#include <utility>

#include "absl/strings/match.h"
#include "ndx/broker/minimise_answer.h"

namespace ndx::broker {
namespace {

// Of what is left, this part is kept for recording and the way back, within bounds.
constexpr int64_t kMarginDivisor = 20;
constexpr absl::Duration kMarginLeast = absl::Milliseconds(1);
constexpr absl::Duration kMarginMost = absl::Milliseconds(200);

// A streamed answer waits at the provider while this much waits for the caller.
constexpr size_t kStreamPendingBytesMax = size_t{256} << 10;

void AddIfSet(absl::string_view key, const std::string& value, transport::Metadata& metadata) {
  if (!value.empty()) metadata.Add(key, value);
}

core::Refusal NotRecorded() { return {.reason = exchange::v1::ERROR_REASON_ANSWER_NOT_RECORDED}; }

// What the caller gets in answer to a change whose outcome is not known, is in doubt; everything
// else failed.
Outcome OutcomeOf(const Exchange& x, const dispatch::DispatchEnd& end) {
  const bool answered = end.delivery == transport::Delivery::kAnswered;
  // A refusal set on the way says that the node could not keep the answer.
  if (answered && !x.refusal.has_value()) return Outcome::kAnswered;
  const bool may_have_happened = end.delivery != transport::Delivery::kNotSent;
  return x.changes() && may_have_happened ? Outcome::kInDoubt : Outcome::kFailed;
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

// Takes the events of the provider's call into the exchange.
class DispatchStage::Observer final : public dispatch::DispatchObserver {
 public:
  Observer(DispatchStage& stage, std::shared_ptr<Exchange> x) : stage_(stage), x_(std::move(x)) {}

  void OnInitialMetadata(transport::Metadata metadata) override {
    x_->provider_initial = std::move(metadata);
    if (!x_->streams() || x_->caller == nullptr) return;
    x_->caller->SendInitialMetadata(x_->provider_initial);
    x_->initial_metadata_sent = true;
  }

  void OnMessage(transport::Message message) override {
    const uint64_t bytes = message->size();
    if (x_->streams()) {
      DeliverStreamed(*x_, std::move(message));
      return;
    }
    // A unary answer is held until it is recorded; past the node's memory it cannot be taken.
    if (!stage_.admission_.TryTakeMemory(bytes)) {
      x_->refusal = core::Refusal{.reason = exchange::v1::ERROR_REASON_NODE_OVERLOADED,
                                  .parameters = {{"retry_after", "1s"}},
                                  .retry_after = absl::Seconds(1)};
      if (x_->call != nullptr) x_->call->Cancel();
      return;
    }
    x_->memory_taken += bytes;
    x_->answer.push_back(std::move(message));
    if (x_->call != nullptr) x_->call->ReleaseReceived(bytes);
  }

  void OnEnd(dispatch::DispatchEnd end) override {
    // The observer ends with the call it observes.
    const std::shared_ptr<Exchange> x = std::move(x_);
    DispatchStage& stage = stage_;
    x->provider_nanos = stage.clock_.MonotonicNanos() - x->sent_nanos;
    x->attempts = end.attempts;
    x->outcome = OutcomeOf(*x, end);
    x->status = std::move(end.call.status);
    x->provider_trailers = std::move(end.call.trailers);
    if (!x->refusal.has_value()) x->refusal = std::move(end.refusal);
    const std::unique_ptr<dispatch::DispatchCall> ended = std::move(x->call);
    const std::unique_ptr<DispatchObserver> self = std::move(x->observer);
    stage.pipeline_.Next(*x);
  }

 private:
  DispatchStage& stage_;
  std::shared_ptr<Exchange> x_;
};

Flow DispatchStage::Enter(Exchange& x) {
  const int64_t now = clock_.MonotonicNanos();
  x.sent_nanos = now;
  x.deadline_nanos = ProviderDeadline(x, now);
  dispatch::DispatchRequest request{.method = x.route.method,
                                    .provider = x.route.provider,
                                    .message = x.request,
                                    .metadata = MetadataFor(x),
                                    .deadline_nanos = x.deadline_nanos};
  auto observer = std::make_unique<Observer>(*this, x.shared_from_this());
  x.call = dispatcher_.Start(std::move(request), observer.get());
  x.observer = std::move(observer);
  return Flow::kWait;
}

transport::Metadata DispatchStage::MetadataFor(const Exchange& x) {
  transport::Metadata metadata;
  for (const auto& entry : x.metadata.entries()) {
    if (!absl::StartsWith(entry.key, "ndx-") && entry.key != "traceparent") {
      metadata.Add(entry.key, entry.value);
    }
  }
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

void DeliverStreamed(Exchange& x, transport::Message message) {
  const uint64_t received = message->size();
  auto minimised = MinimiseMessage(x, std::move(message));
  absl::Status sealed = minimised.status();
  if (sealed.ok()) sealed = x.spill->Add(**minimised);
  if (!sealed.ok()) {
    if (!x.refusal.has_value()) x.refusal = NotRecorded();
    if (x.call != nullptr) x.call->Cancel();
    return;
  }
  if (x.caller == nullptr || x.caller_gone) {
    if (x.call != nullptr) x.call->ReleaseReceived(received);
    return;
  }
  x.caller->SendMessage(*std::move(minimised));
  x.unreleased_bytes += received;
  if (x.caller->pending_send_bytes() <= kStreamPendingBytesMax) ReleaseStreamed(x);
}

void ReleaseStreamed(Exchange& x) {
  if (x.call != nullptr) x.call->ReleaseReceived(x.unreleased_bytes);
  x.unreleased_bytes = 0;
}

}  // namespace ndx::broker
