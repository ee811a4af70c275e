#include "ndx/broker/stages/room_stage.h"

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "ndx/broker/error_answer.h"
#include "ndx/broker/stages/dispatch_stage.h"
#include "ndx/dispatch/failure_reason.h"

namespace ndx::broker {
namespace {

using dispatch::WaitingLine;
using Verdict = WaitingLine::Verdict;

constexpr absl::Duration kMemoryPause = absl::Seconds(1);

}  // namespace

Flow RoomStage::Enter(Exchange& x) {
  if (!TakeMemory(x)) {
    x.Refuse(NodeOverloaded(kMemoryPause));
    return Flow::kNext;
  }
  return TakePlace(x);
}

bool RoomStage::TakeMemory(Exchange& x) const {
  if (x.streams()) return true;  // its messages take theirs one by one
  const uint64_t bytes = kMemoryCopies * sizes_.Expected(x.path);
  if (!admission_.TryTakeMemory(x.principal->system, bytes)) return false;
  x.memory_taken += bytes;
  x.answer_memory = bytes;
  return true;
}

Flow RoomStage::TakePlace(Exchange& x) {
  const State state = dispatcher_.StateOf(*x.route.provider, x.registry);
  if (state->breaker.state() != dispatch::CircuitBreaker::State::kClosed) return Flow::kNext;
  const int64_t now = clock_.MonotonicNanos();
  const WaitingLine::Claim claim{.consumer = x.principal->system.text(),
                                 .share = x.principal->entry->share,
                                 .deadline_nanos = ProviderDeadline(x, now)};
  const WaitingLine::Answer answer =
      state->line.Enter(claim, now, [&]() -> WaitingLine::Told { return WhenWaited(x, state); });
  if (answer.verdict == Verdict::kPlace) {
    x.place = dispatch::ProviderPlace(state, claim.consumer, clock_);
  } else if (answer.verdict == Verdict::kWaits) {
    x.wait_began_nanos = now;
    const int64_t longest = now + absl::ToInt64Nanoseconds(state->line.options().wait_max);
    x.wait_timer =
        x.loop.RunAt(std::min(longest, claim.deadline_nanos),
                     [state, ticket = answer.ticket, waited = WhenWaited(x, state)]() mutable {
                       // Else its turn has just come.
                       if (state->line.Withdraw(ticket)) waited(Verdict::kFull);
                     });
    return Flow::kWait;
  } else {
    RefuseBusy(x, *state, answer.retry_after);
  }
  return Flow::kNext;
}

RoomStage::VerdictCallback RoomStage::WhenWaited(Exchange& x, const State& state) {
  return pipeline_.OnLoop<Verdict>(x, [this, state](Exchange& alive, auto verdict) {
    alive.loop.Cancel(std::exchange(alive.wait_timer, {}));
    Waited(alive, state, *verdict);
    pipeline_.Next(alive);
  });
}

void RoomStage::Waited(Exchange& x, const State& state, Verdict verdict) const {
  x.waited_nanos = clock_.MonotonicNanos() - x.wait_began_nanos;
  if (verdict == Verdict::kPlace) {
    x.place = dispatch::ProviderPlace(state, x.principal->system.text(), clock_);
  } else if (verdict == Verdict::kTooLate) {
    x.Refuse({.reason = exchange::v1::ERROR_REASON_DEADLINE_BEFORE_SENDING});
  } else {
    RefuseBusy(x, *state, state->line.options().wait_max);
  }
}

void RoomStage::RefuseBusy(Exchange& x, const dispatch::ProviderState& state,
                           absl::Duration retry_after) const {
  if (!watch_.Refuses(Limit::kProviderCalls, x.principal->system.text())) {
    x.place = dispatch::ProviderPlace::BeyondTheLimit();
    return;
  }
  x.Refuse({.reason = exchange::v1::ERROR_REASON_PROVIDER_BUSY,
            .parameters = {{"provider", state.system},
                           {"limit", absl::StrCat(state.line.options().places)},
                           {"retry_after", dispatch::ShortDuration(retry_after)}},
            .retry_after = retry_after});
}

}  // namespace ndx::broker
