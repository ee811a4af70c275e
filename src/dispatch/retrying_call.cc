#include "retrying_call.h"

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "ndx/dispatch/failure_reason.h"

namespace ndx::dispatch {
namespace {

using transport::CallEnd;
using transport::Delivery;
using transport::EndCause;

// Takes the request's metadata.
transport::CallHead HeadOf(DispatchRequest& request) {
  transport::CallHead head;
  head.path = request.method->path;
  head.metadata = std::move(request.metadata);
  head.deadline_nanos = request.deadline_nanos;
  head.stated_deadline_nanos = request.stated_deadline_nanos;
  head.message_bytes_max = request.method->rules.message_bytes_max();
  head.expect_one_message = !request.method->server_streaming;
  return head;
}

// Who runs what the call goes to.
const registry::SystemEntry& OwnerOf(const registry::ProviderEntry& provider) {
  return provider.via == nullptr ? *provider.system : *provider.via->system;
}

// What says nothing good or bad about the provider: we gave up.
bool IsOurDoing(EndCause cause) {
  return cause == EndCause::kCancelled || cause == EndCause::kChannelClosed ||
         cause == EndCause::kQueueFull;
}

// A second attempt may help: the peer did not look at it, or the connection went.
bool IsPassing(EndCause cause) {
  return cause == EndCause::kConnectFailed || cause == EndCause::kRefusedStream ||
         cause == EndCause::kGoAway || cause == EndCause::kReset ||
         cause == EndCause::kConnectionLost;
}

}  // namespace

RetryingCall::RetryingCall(transport::EventLoop& loop, core::Random& random,
                           std::shared_ptr<Dispatcher::Target> target, DispatchRequest request,
                           DispatchObserver* observer)
    : loop_(loop),
      random_(random),
      target_(std::move(target)),
      observer_(observer),
      head_(HeadOf(request)),
      message_(std::move(request.message)),
      deadline_nanos_(request.deadline_nanos),
      retry_(request.method->retry),
      changes_(request.method->changes()),
      owner_(OwnerOf(*request.provider).member->OwnerText()),
      peer_(request.provider->via == nullptr ? "" : request.provider->via->system->id.text()),
      patience_(std::min(request.method->default_deadline, kPatienceMost)),
      began_nanos_(loop.clock().MonotonicNanos()),
      place_(std::move(request.place)),
      place_given_(place_.taken()) {}

RetryingCall::~RetryingCall() {
  loop_.Cancel(timer_);
  if (call_ != nullptr) target_->state->breaker.Abandoned();
}

void RetryingCall::Begin() {
  target_->state->retries.CountCall();
  Attempt();
}

void RetryingCall::Attempt() {
  timer_ = {};
  if (attempts_ > 0 && Stopped()) return EndNow({.call = last_end_, .attempts = attempts_});
  const int64_t now = loop_.clock().MonotonicNanos();
  if (now >= deadline_nanos_) {
    return EndLater({.reason = exchange::v1::ERROR_REASON_DEADLINE_BEFORE_SENDING},
                    EndCause::kDeadline);
  }
  if (target_->upstream == nullptr) {
    return EndLater({.reason = exchange::v1::ERROR_REASON_INTERNAL}, EndCause::kChannelClosed);
  }
  const auto admission = target_->state->breaker.Allow(now);
  if (!admission.allowed) {
    FailedCall facts = Facts();
    facts.retry_after = admission.retry_after;
    return EndLater(FailureReason({}, Delivery::kNotSent, facts), EndCause::kConnectFailed);
  }
  if (!place_.taken() && !target_->state->line.TryEnter({})) {
    target_->state->breaker.Abandoned();
    constexpr absl::Duration kPause = absl::Milliseconds(100);
    return EndLater({.reason = exchange::v1::ERROR_REASON_PROVIDER_BUSY,
                     .parameters = {{"provider", target_->state->system},
                                    {"limit", absl::StrCat(target_->state->line.options().places)},
                                    {"retry_after", ShortDuration(kPause)}},
                     .retry_after = kPause},
                    EndCause::kQueueFull);
  }
  if (!place_.taken()) place_ = ProviderPlace(target_->state, "", loop_.clock());
  attempt_began_nanos_ = now;
  ++attempts_;
  call_ = target_->upstream->Start(head_, message_, this);
}

void RetryingCall::Cancel() {
  if (cancelled_) return;
  cancelled_ = true;
  if (call_ != nullptr) return call_->Cancel();
  loop_.Cancel(timer_);
  EndLater({.reason = exchange::v1::ERROR_REASON_CANCELLED}, EndCause::kCancelled);
}

void RetryingCall::ReleaseReceived(size_t bytes) {
  if (call_ != nullptr) call_->ReleaseReceived(bytes);
}

void RetryingCall::OnInitialMetadata(transport::Metadata metadata) {
  delivered_anything_ = true;
  observer_->OnInitialMetadata(std::move(metadata));
}

void RetryingCall::OnMessage(transport::Message message) {
  delivered_anything_ = true;
  observer_->OnMessage(std::move(message));
}

void RetryingCall::OnEnd(CallEnd end) {
  TellBreaker(end);
  // One that was waited for stays with the call over its pauses: they are short, and who lost it
  // would have to wait once more.
  if (!place_given_) place_ = ProviderPlace();
  call_.reset();
  const bool earlier_unknown = delivery_ == Delivery::kSentAnswerUnknown;
  delivery_ = std::max(delivery_, end.delivery);  // kNotSent < kSentAnswerUnknown < kAnswered
  const absl::Duration pause = PauseBeforeRetry();
  if (MayRetry(end, pause)) {
    last_end_ = std::move(end);
    timer_ = loop_.RunAfter(pause, [this] { Attempt(); });
    return;
  }
  EndNow(
      {.call = std::move(end), .attempts = attempts_, .earlier_attempt_unknown = earlier_unknown});
}

// Doubled with each attempt, and shortened at random by up to a half, so that callers who failed
// together do not come back together.
absl::Duration RetryingCall::PauseBeforeRetry() {
  const int shift = static_cast<int>(std::min<uint32_t>(attempts_ - 1, 16));
  const absl::Duration pause = std::min(retry_.backoff * (1 << shift), retry_.backoff_max);
  const double jitter = 0.5 + 0.5 * static_cast<double>(random_.Next64() % 1024) / 1024;
  return pause * jitter;
}

// A retry that would begin after the deadline only makes the caller wait for the same failure.
bool RetryingCall::MayRetry(const CallEnd& end, absl::Duration pause) const {
  const int64_t again_nanos = loop_.clock().MonotonicNanos() + absl::ToInt64Nanoseconds(pause);
  return !cancelled_ && !delivered_anything_ && IsPassing(end.cause) &&
         attempts_ < retry_.attempts && again_nanos < deadline_nanos_ && !Stopped() &&
         target_->state->retries.TryTake();
}

bool RetryingCall::Stopped() const {
  const ProviderState& state = *target_->state;
  return state.stops != nullptr && state.stops->StoppedMethod(head_.path, state.system);
}

bool RetryingCall::SaysNothingOfProvider(const CallEnd& end) const {
  if (IsOurDoing(end.cause)) return true;
  const int64_t took = loop_.clock().MonotonicNanos() - attempt_began_nanos_;
  return end.cause == EndCause::kDeadline && took < absl::ToInt64Nanoseconds(patience_);
}

void RetryingCall::TellBreaker(const CallEnd& end) {
  ProviderState& state = *target_->state;
  if (SaysNothingOfProvider(end)) return state.breaker.Abandoned();
  const core::Clock& clock = loop_.clock();
  // Too much of an answer is one: what somebody asks for must not close the provider to others.
  if (end.delivery == Delivery::kAnswered || end.cause == EndCause::kAnswerTooLarge) {
    state.down_since_unix_nanos.store(0, std::memory_order_relaxed);
    return state.breaker.Succeeded(clock.MonotonicNanos());
  }
  int64_t up = 0;
  state.down_since_unix_nanos.compare_exchange_strong(up, absl::ToUnixNanos(clock.Now()),
                                                      std::memory_order_relaxed);
  state.breaker.Failed(clock.MonotonicNanos());
}

void RetryingCall::EndLater(core::Refusal refusal, EndCause cause) {
  DispatchEnd end;
  end.call.cause = cause;
  end.call.delivery = Delivery::kNotSent;
  end.call.text = target_->unusable;
  end.attempts = attempts_;
  end.earlier_attempt_unknown = delivery_ == Delivery::kSentAnswerUnknown;
  // What an earlier attempt left open stays open: the last refusal must not hide it.
  if (delivery_ == Delivery::kNotSent) end.refusal = std::move(refusal);
  timer_ = loop_.RunAfter(absl::ZeroDuration(), [this, end = std::move(end)]() mutable {
    timer_ = {};
    EndNow(std::move(end));
  });
}

void RetryingCall::EndNow(DispatchEnd end) {
  place_ = ProviderPlace();
  end.delivery = delivery_;
  if (end.delivery != Delivery::kAnswered && !end.refusal.has_value()) {
    if (end.call.delivery == Delivery::kNotSent && delivery_ != Delivery::kNotSent) {
      end.call.cause = EndCause::kConnectionLost;
    }
    end.refusal = FailureReason(end.call, delivery_, Facts());
  }
  observer_->OnEnd(std::move(end));
}

FailedCall RetryingCall::Facts() const {
  const core::Clock& clock = loop_.clock();
  const int64_t since = target_->state->down_since_unix_nanos.load(std::memory_order_relaxed);
  return {.changes = changes_,
          .provider = target_->state->system,
          .owner = owner_,
          .peer = peer_,
          .elapsed = absl::Nanoseconds(clock.MonotonicNanos() - began_nanos_),
          .down_since = since == 0 ? clock.Now() : absl::FromUnixNanos(since),
          .retry_after = absl::Seconds(1),
          .answer_bytes_max = head_.message_bytes_max.value_or(0),
          .calls_max = target_->state->line.options().places};
}

}  // namespace ndx::dispatch
