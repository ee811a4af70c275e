#include "ndx/daemon/subject_tally.h"

#include <catch2/catch.hpp>
#include <string>
#include <vector>

#include "ndx/registry/calendar.h"

namespace ndx::daemon {
namespace {

constexpr absl::CivilDay kToday(2026, 11, 23);

journal::FollowedLeaf Leaf(uint64_t index, absl::CivilSecond time, bool allowed,
                           const std::vector<std::string>& persons) {
  journal::FollowedLeaf leaf;
  leaf.leaf.index = index;
  leaf.leaf.leaf.set_time_unix_ns(
      absl::ToUnixNanos(absl::FromCivil(time, registry::VietnamTimeZone())));
  leaf.leaf.leaf.mutable_decision()->set_allowed(allowed);
  leaf.leaf.leaf.mutable_decision()->set_rule("g");
  for (const std::string& person : persons) {
    leaf.subjects.emplace_back().set_hmac(person + std::string(16 - person.size(), 'x'));
  }
  return leaf;
}

TEST_CASE("persons of today's exchanges that were let through are given back") {
  routing::RateLimiter limiter;
  SubjectTally tally(limiter, 7, kToday);
  CHECK(tally.NextLeaf() == 7);
  const absl::CivilSecond morning(2026, 11, 23, 8);
  REQUIRE(tally
              .Observe({Leaf(7, morning, true, {"personA"}), Leaf(8, morning, false, {"personB"}),
                        Leaf(9, morning - 86'400, true, {"personC"}), Leaf(10, morning, true, {}),
                        Leaf(11, morning, true, {"personD"})})
              .ok());
  CHECK(tally.NextLeaf() == 12);
  const registry::GrantEntry grant{.name = "g", .subjects_per_day = 2};
  const absl::Time now = absl::FromCivil(morning, registry::VietnamTimeZone());
  const auto take = [&](std::string person) {
    person.resize(16, 'x');
    return !limiter.Take(grant, now, 0, {person}).has_value();
  };
  CHECK(take("personA"));
  CHECK(take("personD"));
  CHECK_FALSE(take("personB"));
}

}  // namespace
}  // namespace ndx::daemon
