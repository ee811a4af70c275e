#include "ndx/mailbox/delivery_verdict.h"

#include <catch2/catch.hpp>
#include <string>

#include "ndx/tests/support/fake_random.h"

namespace ndx::mailbox {
namespace {

using broker::Outcome;
using exchange::v1::ErrorReason;

struct Case {
  std::string name;
  DeliveryEnd end;
  DeliveryVerdict verdict;
  bool away;
};

TEST_CASE("what follows from how a delivery ended") {
  using V = DeliveryVerdict;
  const Case cases[] = {
      {"answered", {.outcome = Outcome::kAnswered}, V::kFinal, false},
      {"the provider's own no",
       {.outcome = Outcome::kAnswered, .grpc_status = 5},
       V::kFinal,
       false},
      {"not now, it says", {.outcome = Outcome::kAnswered, .grpc_status = 14}, V::kRetry, true},
      {"down",
       {.outcome = Outcome::kFailed, .reason = exchange::v1::ERROR_REASON_PROVIDER_DOWN},
       V::kRetry,
       true},
      {"a read broken off",
       {.outcome = Outcome::kFailed, .reason = exchange::v1::ERROR_REASON_READ_BROKEN_OFF},
       V::kRetry,
       true},
      {"a change broken off",
       {.outcome = Outcome::kInDoubt, .reason = exchange::v1::ERROR_REASON_CHANGE_BROKEN_OFF},
       V::kDoubt,
       true},
      {"no grant any more",
       {.outcome = Outcome::kRefused, .reason = exchange::v1::ERROR_REASON_NO_GRANT},
       V::kDead,
       false},
      {"not the hour",
       {.outcome = Outcome::kRefused, .reason = exchange::v1::ERROR_REASON_OUTSIDE_HOURS},
       V::kRetry,
       false},
      {"the quota of the day",
       {.outcome = Outcome::kRefused, .reason = exchange::v1::ERROR_REASON_QUOTA_USED},
       V::kRetry,
       false},
      {"a campaign that is over",
       {.outcome = Outcome::kRefused, .reason = exchange::v1::ERROR_REASON_CAMPAIGN_TOTAL_USED},
       V::kDead,
       false},
      {"a full node",
       {.outcome = Outcome::kRefused,
        .reason = exchange::v1::ERROR_REASON_NODE_OVERLOADED,
        .retry_after = absl::Seconds(1)},
       V::kRetry,
       true},
  };
  for (const Case& each : cases) {
    INFO(each.name);
    CHECK(Judge(each.end) == each.verdict);
    CHECK(ProviderIsAway(each.end) == each.away);
  }
}

TEST_CASE("the pause grows with the failures, is random, and has a least and a most") {
  tests::FakeRandom random;
  const absl::Duration least = absl::Seconds(1);
  const absl::Duration most = absl::Seconds(60);
  for (uint32_t failures : {0U, 1U, 2U, 5U, 6U, 7U, 40U, 4'000'000'000U}) {
    const absl::Duration bound = std::min(
        most, failures < 7 ? least * (int64_t{1} << (failures > 0 ? failures - 1 : 0)) : most);
    absl::Duration longest;
    absl::Duration shortest = absl::InfiniteDuration();
    for (int i = 0; i < 200; ++i) {
      const absl::Duration pause = BackOff(failures, least, most, random);
      longest = std::max(longest, pause);
      shortest = std::min(shortest, pause);
    }
    INFO(failures);
    CHECK(longest <= bound);
    CHECK(longest > bound / 2);
    CHECK(shortest < bound / 2);
    CHECK(shortest >= least / 10);
  }
}

}  // namespace
}  // namespace ndx::mailbox
