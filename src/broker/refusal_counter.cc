#include "ndx/broker/refusal_counter.h"

#include <algorithm>
#include <utility>

namespace ndx::broker {
namespace {

const char kOther[] = "other";

}  // namespace

void RefusalCounter::CountHandshake(absl::string_view cause) {
  const core::MutexLock lock(mutex_);
  Add(std::string(cause));
}

void RefusalCounter::Count(exchange::v1::ErrorReason reason) {
  const core::MutexLock lock(mutex_);
  Add(core::ReasonName(reason));
}

bool RefusalCounter::TryTakeLeaf(int64_t now_nanos) {
  const core::MutexLock lock(mutex_);
  if (!HasLeaf(now_nanos)) return false;
  ++leaves_in_second_;
  return true;
}

bool RefusalCounter::LeafLeft(int64_t now_nanos) {
  const core::MutexLock lock(mutex_);
  return HasLeaf(now_nanos);
}

bool RefusalCounter::HasLeaf(int64_t now_nanos) {
  constexpr int64_t kSecond = 1'000'000'000;
  if (now_nanos - second_began_nanos_ >= kSecond) {
    second_began_nanos_ = now_nanos;
    leaves_in_second_ = 0;
  }
  return leaves_in_second_ < kUnauthenticatedLeavesPerSecond;
}

std::optional<journal::v1::JournalLeaf> RefusalCounter::TakeLeaf() {
  const core::MutexLock lock(mutex_);
  if (counts_.empty()) return std::nullopt;
  journal::v1::JournalLeaf leaf;
  leaf.set_event(journal::v1::JOURNAL_EVENT_HANDSHAKES_REFUSED);
  for (const auto& [cause, count] : std::exchange(counts_, {})) {
    (*leaf.mutable_handshakes_refused())[cause] = count;
  }
  return leaf;
}

void RefusalCounter::Add(std::string cause) {
  // The last place is for all that have none of their own.
  const bool no_place = counts_.size() - counts_.count(kOther) >= kRefusalCausesMax - 1;
  if (no_place && !counts_.contains(cause)) cause = kOther;
  cause.resize(std::min(cause.size(), journal::kLeafHandshakeCauseBytesMax));
  ++counts_[std::move(cause)];
}

}  // namespace ndx::broker
