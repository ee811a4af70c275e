#include "ndx/routing/rate_limiter.h"

#include <catch2/catch.hpp>
#include <string>
#include <thread>
#include <vector>

#include "ndx/core/big_endian.h"
#include "ndx/tests/support/fake_clock.h"
#include "ndx/tests/support/registry_fixture.h"

namespace ndx::routing {
namespace {

absl::Time At(const std::string& rfc3339) {
  absl::Time at;
  REQUIRE(absl::ParseTime(absl::RFC3339_full, rfc3339, &at, nullptr));
  return at;
}

// Takes until refused, at one moment; how many it gave.
constexpr char kConsumer[] = "VN:GOV:H55:mot-cua";

uint64_t TakeAll(RateLimiter& limiter, const registry::GrantEntry& grant,
                 const tests::FakeClock& clock, uint64_t most = 100'000) {
  uint64_t taken = 0;
  while (taken < most && !limiter.Take(grant, kConsumer, clock.Now(), clock.MonotonicNanos(), {}))
    ++taken;
  return taken;
}

TEST_CASE("a second's quota gives that many at once, and that many a second after") {
  RateLimiter limiter;
  tests::FakeClock clock(At("2026-11-23T08:00:00+07:00"));
  const registry::GrantEntry grant{.name = "g", .quota_per_second = 5};
  CHECK(TakeAll(limiter, grant, clock) == 5);
  clock.Advance(absl::Milliseconds(199));
  CHECK(TakeAll(limiter, grant, clock) == 0);
  clock.Advance(absl::Milliseconds(1));
  CHECK(TakeAll(limiter, grant, clock) == 1);
  clock.Advance(absl::Hours(5));
  CHECK(TakeAll(limiter, grant, clock) == 5);
  uint64_t taken = 0;
  for (int step = 0; step < 1000; ++step) {
    clock.Advance(absl::Milliseconds(10));
    taken += TakeAll(limiter, grant, clock);
  }
  CHECK(taken == 50);
}

TEST_CASE("a node gives its part of every quota, one at least") {
  tests::FakeClock clock(At("2026-11-23T08:00:00+07:00"));
  const auto given = [&](uint32_t percent, const registry::GrantEntry& grant) {
    RateLimiter limiter(percent);
    return TakeAll(limiter, grant, clock);
  };
  CHECK(given(50, {.name = "g", .quota_per_day = 9}) == 4);
  CHECK(given(30, {.name = "g", .quota_per_second = 250}) == 75);
  CHECK(given(1, {.name = "g", .quota_per_day = 12}) == 1);
  CHECK(given(70, {.name = "g", .campaign_total = 1001}) == 700);
  CHECK(given(50, {.name = "g"}) == 100'000);
  RateLimiter half(50);
  const registry::GrantEntry persons{.name = "g", .subjects_per_day = 4};
  const auto ask = [&](const char* person) {
    return half.Take(persons, kConsumer, clock.Now(), clock.MonotonicNanos(), {person});
  };
  CHECK_FALSE(ask("0000000000000001"));
  CHECK_FALSE(ask("0000000200000002"));
  const auto refused = ask("0000003000000003");
  REQUIRE(refused.has_value());
  CHECK(refused->parameters.at("limit") == "2");
}

TEST_CASE("one and a million a second") {
  for (const uint32_t rate : {1U, 3U, 7U, 1'000'000U}) {
    CAPTURE(rate);
    RateLimiter limiter;
    tests::FakeClock clock;
    const registry::GrantEntry grant{.name = "g", .quota_per_second = rate};
    CHECK(TakeAll(limiter, grant, clock, 2'000'000) == rate);
    clock.Advance(absl::Seconds(1));
    const uint64_t refilled = TakeAll(limiter, grant, clock, 2'000'000);
    CHECK(refilled <= rate);
    CHECK(refilled + 1 >= rate);
  }
}

TEST_CASE("a refusal says when to come back, and it is true") {
  RateLimiter limiter;
  tests::FakeClock clock(At("2026-11-23T08:00:00+07:00"));
  const registry::GrantEntry grant{.name = "g", .quota_per_second = 2};
  CHECK(TakeAll(limiter, grant, clock) == 2);
  clock.Advance(absl::Milliseconds(100));
  const auto refusal = limiter.Take(grant, kConsumer, clock.Now(), clock.MonotonicNanos(), {});
  REQUIRE(refusal.has_value());
  CHECK(refusal->reason == exchange::v1::ERROR_REASON_QUOTA_USED);
  CHECK(refusal->retry_after == absl::Milliseconds(400));
  CHECK(refusal->quota_subject == "g");
  CHECK(core::TextOf(*refusal, core::Language::kVietnamese) ==
        "Đã dùng hết hạn mức 2/giây; gọi lại lúc 2026-11-23 08:00:01+07:00.");
  clock.Advance(*refusal->retry_after - absl::Nanoseconds(1));
  CHECK(TakeAll(limiter, grant, clock) == 0);
  clock.Advance(absl::Nanoseconds(1));
  CHECK(TakeAll(limiter, grant, clock) == 1);
}

TEST_CASE("a day's quota counts Vietnam's days") {
  RateLimiter limiter;
  tests::FakeClock clock(At("2026-11-23T16:30:00Z"));  // 23:30 there
  const registry::GrantEntry grant{.name = "g", .quota_per_day = 3};
  CHECK(TakeAll(limiter, grant, clock) == 3);
  const auto refusal = limiter.Take(grant, kConsumer, clock.Now(), clock.MonotonicNanos(), {});
  REQUIRE(refusal.has_value());
  CHECK(refusal->retry_after == absl::Minutes(30));
  CHECK(core::TextOf(*refusal, core::Language::kEnglish) ==
        "Quota of 3 a day is used; retry at 2026-11-24 00:00:00+07:00.");
  clock.Advance(absl::Minutes(30) - absl::Nanoseconds(1));
  CHECK(TakeAll(limiter, grant, clock) == 0);
  clock.Advance(absl::Nanoseconds(1));
  CHECK(TakeAll(limiter, grant, clock) == 3);
}

TEST_CASE("a clock that steps back over midnight neither refills nor locks a quota") {
  RateLimiter limiter;
  tests::FakeClock clock(At("2026-11-23T23:59:59+07:00"));
  const registry::GrantEntry grant{.name = "g", .quota_per_day = 3};
  CHECK(TakeAll(limiter, grant, clock, 2) == 2);
  clock.Jump(absl::Seconds(2));
  CHECK(TakeAll(limiter, grant, clock) == 3);
  clock.Jump(-absl::Seconds(2));
  CHECK(TakeAll(limiter, grant, clock) == 1);
  // A month ahead by mistake, and back: today's count is still there.
  clock.Jump(absl::Hours(24 * 30));
  CHECK(TakeAll(limiter, grant, clock) == 3);
  clock.Jump(-absl::Hours(24 * 30) + absl::Seconds(2));
  CHECK(TakeAll(limiter, grant, clock) == 0);
}

TEST_CASE("both quotas count, and a refusal takes from neither") {
  RateLimiter limiter;
  tests::FakeClock clock(At("2026-11-23T08:00:00+07:00"));
  const registry::GrantEntry grant{.name = "g", .quota_per_second = 2, .quota_per_day = 5};
  CHECK(TakeAll(limiter, grant, clock) == 2);
  for (int i = 0; i < 10; ++i)
    CHECK(limiter.Take(grant, kConsumer, clock.Now(), clock.MonotonicNanos(), {}).has_value());
  clock.Advance(absl::Seconds(1));
  CHECK(TakeAll(limiter, grant, clock) == 2);
  clock.Advance(absl::Seconds(1));
  CHECK(TakeAll(limiter, grant, clock) == 1);
  const auto refusal = limiter.Take(grant, kConsumer, clock.Now(), clock.MonotonicNanos(), {});
  CHECK(refusal->parameters.at("period_en") == "day");
}

TEST_CASE("grants have their own counts, and none without a quota") {
  RateLimiter limiter;
  const tests::FakeClock clock;
  CHECK(TakeAll(limiter, {.name = "a", .quota_per_day = 2}, clock) == 2);
  CHECK(TakeAll(limiter, {.name = "b", .quota_per_day = 2}, clock) == 2);
  CHECK(TakeAll(limiter, {.name = "c"}, clock, 50) == 50);
  CHECK(limiter.Uses(clock.Now()).size() == 2);
}

TEST_CASE("a quota that was changed counts from what was used") {
  RateLimiter limiter;
  tests::FakeClock clock;
  CHECK(TakeAll(limiter, {.name = "g", .quota_per_day = 4}, clock) == 4);
  CHECK(TakeAll(limiter, {.name = "g", .quota_per_day = 6}, clock) == 2);
  CHECK(TakeAll(limiter, {.name = "s", .quota_per_second = 1}, clock) == 1);
  // From one a second to a thousand: no waiting for the old pace.
  CHECK(TakeAll(limiter, {.name = "s", .quota_per_second = 1000}, clock) == 0);
  clock.Advance(absl::Milliseconds(1));
  CHECK(TakeAll(limiter, {.name = "s", .quota_per_second = 1000}, clock) == 1);
}

TEST_CASE("use is given back after a restart, and forgotten with its grant") {
  RateLimiter before;
  const tests::FakeClock clock;
  const registry::GrantEntry grant{.name = "kept", .quota_per_day = 10};
  CHECK(TakeAll(before, grant, clock, 7) == 7);
  RateLimiter after;
  for (const RateLimiter::DayUse& use : before.Uses(clock.Now())) after.Restore(use);
  CHECK(TakeAll(after, grant, clock) == 3);
  const auto snapshot = tests::BuildProbeRegistry("");
  REQUIRE(snapshot.ok());
  after.Forget(**snapshot);
  CHECK(after.Uses(clock.Now()).empty());
}

TEST_CASE("event loops share a quota exactly") {
  RateLimiter limiter;
  const tests::FakeClock clock;
  const registry::GrantEntry grant{.name = "g", .quota_per_day = 10'000};
  std::vector<uint64_t> taken(4);
  std::vector<std::thread> threads;
  threads.reserve(taken.size());
  for (uint64_t& each : taken) {
    threads.emplace_back([&] { each = TakeAll(limiter, grant, clock); });
  }
  for (std::thread& thread : threads) thread.join();
  CHECK(taken[0] + taken[1] + taken[2] + taken[3] == 10'000);
}

// A reference of a person: what counts is its first 64 bits.
std::string Person(uint64_t number) { return core::BigEndian(number) + std::string(8, 'x'); }

TEST_CASE("each person counts once a day, and past the limit only known ones are asked about") {
  RateLimiter limiter;
  tests::FakeClock clock(At("2026-11-23T08:00:00+07:00"));
  const registry::GrantEntry grant{.name = "g", .subjects_per_day = 3};
  const auto take = [&](const std::vector<std::string>& persons) {
    return limiter.Take(grant, kConsumer, clock.Now(), clock.MonotonicNanos(), persons);
  };
  CHECK_FALSE(take({Person(1), Person(2)}).has_value());
  CHECK_FALSE(take({Person(1)}).has_value());
  CHECK_FALSE(take({}).has_value());
  const auto both = take({Person(3), Person(4)});
  REQUIRE(both.has_value());
  CHECK(both->reason == exchange::v1::ERROR_REASON_SUBJECT_QUOTA_USED);
  CHECK(both->parameters.at("limit") == "3");
  CHECK(both->parameters.at("retry_at") == "2026-11-24 00:00:00+07:00");
  CHECK(both->quota_subject == "g");
  // A refused exchange takes nothing.
  CHECK_FALSE(take({Person(3)}).has_value());
  CHECK(take({Person(4)}).has_value());
  CHECK_FALSE(take({Person(2), Person(3)}).has_value());
  clock.Advance(absl::Hours(16));
  CHECK_FALSE(take({Person(4)}).has_value());
}

TEST_CASE("persons of before a restart are given back, and count once") {
  RateLimiter limiter;
  tests::FakeClock clock(At("2026-11-23T08:00:00+07:00"));
  const registry::GrantEntry grant{.name = "g", .subjects_per_day = 2};
  const absl::CivilDay today(2026, 11, 23);
  const auto take = [&](uint64_t person) {
    return limiter.Take(grant, kConsumer, clock.Now(), clock.MonotonicNanos(), {Person(person)});
  };
  CHECK_FALSE(take(1).has_value());
  limiter.RestoreSubjects("g", today, {Person(1), Person(1)});
  limiter.RestoreSubjects("g", today - 1, {Person(7), Person(8)});
  CHECK_FALSE(take(2).has_value());
  CHECK(take(3).has_value());
}

TEST_CASE("a campaign has a total that no day refills, and no count of persons") {
  RateLimiter limiter;
  tests::FakeClock clock;
  const registry::GrantEntry grant{
      .name = "doi-soat", .quota_per_second = 1000, .campaign_total = 7};
  limiter.RestoreCampaign("doi-soat", 2);
  CHECK(TakeAll(limiter, grant, clock) == 5);
  const auto refusal = limiter.Take(grant, kConsumer, clock.Now(), clock.MonotonicNanos(), {});
  REQUIRE(refusal.has_value());
  CHECK(refusal->reason == exchange::v1::ERROR_REASON_CAMPAIGN_TOTAL_USED);
  CHECK(refusal->parameters.at("limit") == "7");
  CHECK_FALSE(refusal->retry_after.has_value());
  clock.Advance(absl::Hours(48));
  CHECK(TakeAll(limiter, grant, clock) == 0);
  // More was granted.
  const registry::GrantEntry more{
      .name = "doi-soat", .quota_per_second = 1000, .campaign_total = 8};
  CHECK(TakeAll(limiter, more, clock) == 1);
}

TEST_CASE("a group's grant counts for each of its systems by itself") {
  RateLimiter limiter;
  tests::FakeClock clock;
  const registry::ConsumerGroupEntry group{.name = "xa"};
  const registry::GrantEntry grant{.name = "g", .group = &group, .quota_per_day = 2};
  const auto take = [&](absl::string_view consumer) {
    return !limiter.Take(grant, consumer, clock.Now(), clock.MonotonicNanos(), {}).has_value();
  };
  for (const char* consumer : {"VN:GOV:H55.1:mot-cua", "VN:GOV:H55.2:mot-cua"}) {
    CHECK(take(consumer));
    CHECK(take(consumer));
    CHECK_FALSE(take(consumer));
  }
  CHECK(QuotaName(grant, "VN:GOV:H55.1:mot-cua") == "g VN:GOV:H55.1:mot-cua");
  CHECK(QuotaName({.name = "g"}, "VN:GOV:H55.1:mot-cua") == "g");
  limiter.Restore({.quota = QuotaName(grant, "VN:GOV:H55.3:mot-cua"),
                   .day = registry::VietnamDay(clock.Now()),
                   .used = 2});
  CHECK_FALSE(take("VN:GOV:H55.3:mot-cua"));
}

}  // namespace
}  // namespace ndx::routing
