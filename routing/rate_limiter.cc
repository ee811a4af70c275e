#include "ndx/routing/rate_limiter.h"

#include <algorithm>
#include <utility>

#include "absl/container/flat_hash_set.h"
#include "absl/strings/str_cat.h"
#include "ndx/core/big_endian.h"
#include "ndx/registry/calendar.h"

namespace ndx::routing {
namespace {

using core::Refusal;
using registry::GrantEntry;

constexpr int64_t kNanosPerSecond = 1'000'000'000;

std::string InstantText(absl::Time at) {
  return absl::FormatTime("%Y-%m-%d %H:%M:%S%Ez", at, registry::VietnamTimeZone());
}

// The instant as people call it: never earlier than meant.
absl::Time NextWholeSecond(absl::Time at) {
  const absl::Time whole = absl::FromUnixSeconds(absl::ToUnixSeconds(at));
  return whole == at ? at : whole + absl::Seconds(1);
}

Refusal Used(const GrantEntry& grant, uint64_t limit, absl::string_view vi, absl::string_view en,
             absl::Time now, absl::Time retry_at) {
  return {.reason = exchange::v1::ERROR_REASON_QUOTA_USED,
          .parameters = {{"limit", absl::StrCat(limit)},
                         {"period_vi", std::string(vi)},
                         {"period_en", std::string(en)},
                         {"retry_at", InstantText(NextWholeSecond(retry_at))}},
          .retry_after = retry_at - now,
          .quota_subject = grant.name};
}

Refusal SubjectsUsed(const GrantEntry& grant, uint64_t limit, absl::Time now, absl::Time retry_at) {
  return {.reason = exchange::v1::ERROR_REASON_SUBJECT_QUOTA_USED,
          .parameters = {{"limit", absl::StrCat(limit)},
                         {"retry_at", InstantText(NextWholeSecond(retry_at))}},
          .retry_after = retry_at - now,
          .quota_subject = grant.name};
}

// Nothing to wait for: it does not refill.
Refusal CampaignUsed(const GrantEntry& grant, uint64_t limit) {
  return {.reason = exchange::v1::ERROR_REASON_CAMPAIGN_TOTAL_USED,
          .parameters = {{"limit", absl::StrCat(limit)}},
          .quota_subject = grant.name};
}

bool HasQuota(const GrantEntry& grant) {
  return grant.quota_per_second != 0 || grant.quota_per_day != 0 || grant.subjects_per_day != 0 ||
         grant.campaign_total != 0;
}

uint64_t NumberOf(absl::string_view reference) {
  return reference.size() < sizeof(uint64_t) ? 0 : core::ReadBigEndian<uint64_t>(reference);
}

// Between a grant's name and a system's; in neither of them.
constexpr char kQuotaSeparator = ' ';

}  // namespace

std::string QuotaName(const GrantEntry& grant, absl::string_view consumer) {
  if (grant.group == nullptr) return grant.name;
  return absl::StrCat(grant.name, absl::string_view(&kQuotaSeparator, 1), consumer);
}

// The counts of one grant.
struct RateLimiter::Counter {
  // Two days are kept, so that a clock that steps back over midnight finds its day again.
  struct Day {
    absl::CivilDay day;
    uint64_t used = 0;
    absl::flat_hash_set<uint64_t> subjects;
    bool in_use = false;
  };

  Day& DayOf(absl::CivilDay day) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex) {
    for (Day& each : days) {
      if (each.in_use && each.day == day) return each;
    }
    Day& replaced =
        !days[0].in_use || (days[1].in_use && days[0].day < days[1].day) ? days[0] : days[1];
    replaced = {.day = day, .used = 0, .subjects = {}, .in_use = true};
    return replaced;
  }

  core::Mutex mutex;
  // Generic cell rate algorithm: when, on the monotonic clock, the bucket is full again.
  int64_t full_at_nanos ABSL_GUARDED_BY(mutex) = INT64_MIN;
  std::array<Day, 2> days ABSL_GUARDED_BY(mutex);
  uint64_t campaign_used ABSL_GUARDED_BY(mutex) = 0;
};

RateLimiter::RateLimiter(uint32_t share_percent) : share_percent_(share_percent) {}
RateLimiter::~RateLimiter() = default;

// In two steps, since a hundred times a total may not fit.
uint64_t RateLimiter::ShareOf(uint64_t quota) const {
  if (quota == 0) return 0;
  return std::max<uint64_t>(quota / 100 * share_percent_ + quota % 100 * share_percent_ / 100, 1);
}

std::shared_ptr<RateLimiter::Counter> RateLimiter::CounterOf(absl::string_view quota) {
  core::MutexLock lock(mutex_);
  std::shared_ptr<Counter>& counter = counters_[quota];
  if (counter == nullptr) counter = std::make_shared<Counter>();
  return counter;
}

std::optional<Refusal> RateLimiter::Take(const GrantEntry& grant, absl::string_view consumer,
                                         absl::Time now, int64_t monotonic_nanos,
                                         absl::Span<const std::string> subjects) {
  if (!HasQuota(grant)) return std::nullopt;
  const std::shared_ptr<Counter> counter =
      grant.group == nullptr ? CounterOf(grant.name) : CounterOf(QuotaName(grant, consumer));
  core::MutexLock lock(counter->mutex);
  const absl::CivilDay today = registry::VietnamDay(now);
  Counter::Day& day = counter->DayOf(today);
  const auto midnight = [today] { return absl::FromCivil(today + 1, registry::VietnamTimeZone()); };
  const uint64_t per_day = ShareOf(grant.quota_per_day);
  if (per_day != 0 && day.used >= per_day) {
    return Used(grant, per_day, "ngày", "day", now, midnight());
  }
  const uint64_t total = ShareOf(grant.campaign_total);
  if (total != 0 && counter->campaign_used >= total) return CampaignUsed(grant, total);
  const uint64_t persons = ShareOf(grant.subjects_per_day);
  absl::flat_hash_set<uint64_t> fresh;
  if (persons != 0) {
    for (const std::string& subject : subjects) {
      if (!day.subjects.contains(NumberOf(subject))) fresh.insert(NumberOf(subject));
    }
    if (!fresh.empty() && day.subjects.size() + fresh.size() > persons) {
      return SubjectsUsed(grant, persons, now, midnight());
    }
  }
  if (grant.quota_per_second != 0) {
    const auto rate = static_cast<int64_t>(ShareOf(grant.quota_per_second));
    const int64_t step = (kNanosPerSecond + rate - 1) / rate;
    // A quota that was lowered must not leave the consumer waiting for the old one's debt.
    const int64_t full_at =
        std::clamp(counter->full_at_nanos, monotonic_nanos, monotonic_nanos + rate * step);
    const int64_t wait = full_at - (rate - 1) * step - monotonic_nanos;
    if (wait > 0) {
      return Used(grant, static_cast<uint64_t>(rate), "giây", "second", now,
                  now + absl::Nanoseconds(wait));
    }
    counter->full_at_nanos = full_at + step;
  }
  ++day.used;
  if (grant.campaign_total != 0) ++counter->campaign_used;
  day.subjects.insert(fresh.begin(), fresh.end());
  return std::nullopt;
}

std::vector<RateLimiter::DayUse> RateLimiter::Uses(absl::Time now) const {
  const absl::CivilDay today = registry::VietnamDay(now);
  std::vector<DayUse> uses;
  core::MutexLock lock(mutex_);
  for (const auto& [quota, counter] : counters_) {
    core::MutexLock counter_lock(counter->mutex);
    for (const Counter::Day& day : counter->days) {
      if (day.in_use && day.day == today) {
        uses.push_back({.quota = quota, .day = today, .used = day.used});
      }
    }
  }
  std::sort(uses.begin(), uses.end(),
            [](const DayUse& a, const DayUse& b) { return a.quota < b.quota; });
  return uses;
}

void RateLimiter::Restore(const DayUse& use) {
  const std::shared_ptr<Counter> counter = CounterOf(use.quota);
  core::MutexLock lock(counter->mutex);
  counter->DayOf(use.day).used += use.used;
}

void RateLimiter::RestoreSubjects(absl::string_view quota, absl::CivilDay day,
                                  absl::Span<const std::string> subjects) {
  const std::shared_ptr<Counter> counter = CounterOf(quota);
  core::MutexLock lock(counter->mutex);
  for (const std::string& subject : subjects) {
    counter->DayOf(day).subjects.insert(NumberOf(subject));
  }
}

void RateLimiter::RestoreCampaign(absl::string_view grant, uint64_t used) {
  const std::shared_ptr<Counter> counter = CounterOf(grant);
  core::MutexLock lock(counter->mutex);
  counter->campaign_used += used;
}

void RateLimiter::Forget(const registry::RegistrySnapshot& registry) {
  core::MutexLock lock(mutex_);
  absl::erase_if(counters_, [&](const auto& entry) {
    const absl::string_view grant =
        absl::string_view(entry.first).substr(0, entry.first.find(kQuotaSeparator));
    return registry.FindGrant(grant) == nullptr;
  });
}

}  // namespace ndx::routing
