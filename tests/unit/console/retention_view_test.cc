#include "ndx/console/retention_view.h"

#include <catch2/catch.hpp>

#include "ndx/tests/support/fake_retention.h"

namespace ndx::console {
namespace {

TEST_CASE("what there is not is absent: a lag, an oldest payload, a level") {
  tests::FakeRetention retention;
  retention.the_rules = journal::RetentionRules();
  const v1::RetentionStatus empty = RetentionStatusOf(retention);
  CHECK_FALSE(empty.has_lag());
  CHECK_FALSE(empty.has_oldest_kept());
  CHECK_FALSE(empty.has_counted_by());
  CHECK(empty.security_level() == 0);
  CHECK_FALSE(empty.ends());
  retention.the_rules =
      journal::RetentionRules::Make(std::nullopt, {{.name = "a.B", .keep_days = 5}}).value();
  retention.the_status.lag = absl::Hours(30);
  retention.the_status.oldest_kept = absl::FromUnixSeconds(1'750'000'000);
  retention.the_status.clock_ahead = absl::Hours(200);
  retention.the_status.clock_held = true;
  retention.the_status.trouble = absl::DataLossError("leaf 7: damaged");
  const v1::RetentionStatus full = RetentionStatusOf(retention);
  CHECK(full.lag().seconds() == 30 * 3600);
  CHECK(full.oldest_kept().seconds() == 1'750'000'000);
  CHECK(full.clock_ahead().seconds() == 200 * 3600);
  CHECK(full.clock_held());
  CHECK(full.ends());
  CHECK(full.trouble() == "leaf 7: damaged");
}

}  // namespace
}  // namespace ndx::console
