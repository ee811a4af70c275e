#include "ndx/dispatch/waiting_line.h"

#include <algorithm>
#include <utility>
#include <vector>

namespace ndx::dispatch {
namespace {

// A new duration moves the smoothed one by this part of their difference.
constexpr int64_t kSmoothing = 8;
// How long the fastest call counts.
constexpr int64_t kWindowNanos = 5'000'000'000;

}  // namespace

WaitingLine::Answer WaitingLine::Enter(const Claim& claim, int64_t now_nanos,
                                       absl::FunctionRef<Told()> told) {
  std::list<Waiter> pushed_out;
  Answer answer;
  {
    const core::MutexLock lock(mutex_);
    if (TakeFree(claim)) return {.verdict = Verdict::kPlace};
    const auto at = ConsumerOf(claim);
    Consumer& consumer = at->second;
    const absl::Duration wait = ExpectedWait(consumer);
    answer.retry_after = std::max(wait, absl::Milliseconds(100));
    const bool in_time =
        wait <= options_.wait_max / 2 && absl::Nanoseconds(claim.deadline_nanos - now_nanos) > wait;
    if (in_time && tickets_.size() >= options_.waiting_max) pushed_out = PushOutFor(consumer);
    if (in_time && tickets_.size() < options_.waiting_max) {
      answer.verdict = Verdict::kWaits;
      answer.ticket = ++last_ticket_;
      consumer.waiting.push_back({.ticket = answer.ticket,
                                  .since_nanos = now_nanos,
                                  .deadline_nanos = claim.deadline_nanos,
                                  .told = told()});
      tickets_[answer.ticket] = at;
    } else {
      ForgetIfIdle(at);
    }
  }
  for (Waiter& waiter : pushed_out) waiter.told(Verdict::kPushedOut);
  return answer;
}

bool WaitingLine::TryEnter(const Claim& claim) {
  const core::MutexLock lock(mutex_);
  return TakeFree(claim);
}

bool WaitingLine::TakeFree(const Claim& claim) {
  // Who waits is before who comes.
  if (held_ >= options_.places || !tickets_.empty()) return false;
  Take(ConsumerOf(claim)->second);
  return true;
}

WaitingLine::Consumers::iterator WaitingLine::ConsumerOf(const Claim& claim) {
  const auto [at, fresh] = consumers_.try_emplace(claim.consumer);
  Consumer& consumer = at->second;
  consumer.share = std::max<uint32_t>(claim.share, 1);
  // Nobody saves up places while it asks for none.
  if (fresh) consumer.served = served_;
  return at;
}

void WaitingLine::Take(Consumer& consumer) {
  ++held_;
  ++consumer.held;
  served_ = std::max(served_, consumer.served);
  // As long as calls take; put right when this one has ended.
  consumer.served += static_cast<double>(duration_nanos_) / consumer.share;
}

absl::Duration WaitingLine::ExpectedWait(const Consumer& consumer) const {
  // Its part of the places that come free, next to the others who wait.
  double shares = consumer.waiting.empty() ? consumer.share : 0;
  for (const auto& [name, other] : consumers_) {
    if (!other.waiting.empty()) shares += other.share;
  }
  const double places = static_cast<double>(consumer.waiting.size() + 1) * shares / consumer.share;
  return absl::Nanoseconds(static_cast<double>(duration_nanos_) * places / options_.places);
}

std::list<WaitingLine::Waiter> WaitingLine::PushOutFor(const Consumer& consumer) {
  const auto load = [](const Consumer& c, size_t more) {
    return static_cast<double>(c.waiting.size() + more) / c.share;
  };
  const auto most = std::max_element(
      consumers_.begin(), consumers_.end(),
      [&](const auto& a, const auto& b) { return load(a.second, 0) < load(b.second, 0); });
  std::list<Waiter> out;
  if (most == consumers_.end() || load(most->second, 0) <= load(consumer, 1)) return out;
  out.splice(out.end(), most->second.waiting, most->second.waiting.begin());
  tickets_.erase(out.front().ticket);
  ForgetIfIdle(most);
  return out;
}

bool WaitingLine::Withdraw(Ticket ticket) {
  const core::MutexLock lock(mutex_);
  const auto found = tickets_.find(ticket);
  if (found == tickets_.end()) return false;
  const auto consumer = found->second;
  consumer->second.waiting.remove_if([&](const Waiter& w) { return w.ticket == ticket; });
  tickets_.erase(found);
  ForgetIfIdle(consumer);
  return true;
}

void WaitingLine::Leave(const std::string& consumer, int64_t entered_nanos, int64_t now_nanos) {
  std::vector<Outcome> outcomes;
  {
    const core::MutexLock lock(mutex_);
    const auto from = consumers_.find(consumer);
    --held_;
    if (from != consumers_.end()) {
      --from->second.held;
      const int64_t took = now_nanos - entered_nanos;
      from->second.served += static_cast<double>(took - duration_nanos_) / from->second.share;
      ForgetIfIdle(from);
    }
    Observe(entered_nanos, now_nanos);
    const int64_t fastest = fastest_before_nanos_ == 0
                                ? fastest_nanos_
                                : std::min(fastest_nanos_, fastest_before_nanos_);
    while (held_ < options_.places && !tickets_.empty()) {
      const auto next = Next();
      Consumer& served = next->second;
      const int64_t waited = now_nanos - served.waiting.front().since_nanos;
      const bool pressed = waited > absl::ToInt64Nanoseconds(options_.wait_max * 0.75);
      const auto who = pressed ? std::prev(served.waiting.end()) : served.waiting.begin();
      const bool too_late = now_nanos + fastest >= who->deadline_nanos;
      outcomes.push_back({std::move(who->told), too_late ? Verdict::kTooLate : Verdict::kPlace});
      tickets_.erase(who->ticket);
      served.waiting.erase(who);
      if (!too_late) Take(served);
      ForgetIfIdle(next);
    }
  }
  for (Outcome& outcome : outcomes) outcome.told(outcome.verdict);
}

WaitingLine::Consumers::iterator WaitingLine::Next() {
  auto next = consumers_.end();
  for (auto at = consumers_.begin(); at != consumers_.end(); ++at) {
    if (at->second.waiting.empty()) continue;
    if (next == consumers_.end() || at->second.served < next->second.served) next = at;
  }
  return next;
}

void WaitingLine::Observe(int64_t entered_nanos, int64_t now_nanos) {
  const int64_t took = std::max<int64_t>(now_nanos - entered_nanos, 1);
  if (now_nanos - window_began_nanos_ >= kWindowNanos) {
    const bool adjacent = now_nanos - window_began_nanos_ < 2 * kWindowNanos;
    fastest_before_nanos_ = adjacent ? fastest_nanos_ : 0;
    fastest_nanos_ = 0;
    window_began_nanos_ = now_nanos;
  }
  if (fastest_nanos_ == 0 || took < fastest_nanos_) fastest_nanos_ = took;
  duration_nanos_ =
      duration_nanos_ == 0 ? took : duration_nanos_ + (took - duration_nanos_) / kSmoothing;
}

void WaitingLine::ForgetIfIdle(Consumers::iterator consumer) {
  if (consumer == consumers_.end()) return;
  if (consumer->second.held == 0 && consumer->second.waiting.empty()) consumers_.erase(consumer);
}

uint32_t WaitingLine::calls() const {
  const core::MutexLock lock(mutex_);
  return held_;
}

uint32_t WaitingLine::waiting() const {
  const core::MutexLock lock(mutex_);
  return static_cast<uint32_t>(tickets_.size());
}

}  // namespace ndx::dispatch
