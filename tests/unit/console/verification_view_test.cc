#include "ndx/console/verification_view.h"

#include <catch2/catch.hpp>

namespace ndx::console {
namespace {

TEST_CASE("a report without problems is shown as intact, with what was counted") {
  journal::VerifyReport report;
  report.leaves = 12;
  report.payloads = 9;
  report.payloads_pruned = 3;
  const auto view = VerificationView(report, 100);
  CHECK((view.done() && view.intact()));
  CHECK(view.leaves_verified() == 12);
  CHECK(view.leaves_total() == 12);
  CHECK(view.payloads_verified() == 9);
  CHECK(view.payloads_pruned() == 3);
  CHECK(view.findings_size() == 0);
}

TEST_CASE("problems are findings with the leaf where there is one, up to so many") {
  journal::VerifyReport report;
  report.problems.push_back({.first_leaf = 0, .end_leaf = 1, .what = "changed"});
  report.problems.push_back({.what = "no checkpoint"});
  report.problems.push_back({.first_leaf = 7, .end_leaf = 8, .what = "gone"});
  const auto all = VerificationView(report, 3);
  CHECK_FALSE(all.intact());
  REQUIRE(all.findings_size() == 3);
  CHECK(all.findings(0).leaf_index_plus_one() == 1);
  CHECK(all.findings(1).leaf_index_plus_one() == 0);
  CHECK(all.findings(2).text() == report.problems[2].ToString());
  CHECK(VerificationView(report, 2).findings_size() == 2);
}

}  // namespace
}  // namespace ndx::console
