#include <catch2/catch.hpp>
#include <string>

#include "ndx/tests/unit/console/console_fixture.h"
#include "ndx/tests/unit/tools/ndxctl/ndxctl_run.h"
#include "ndx/tools/ndxctl/exit_code.h"

namespace ndx::tools::ndxctl {
namespace {

using Catch::Contains;

TEST_CASE("services are listed with providers, methods, and on demand their grants") {
  tests::ConsoleFixture node;
  const auto all = tests::RunNdxctl({"services", "--socket", node.socket()});
  REQUIRE(all.code == 0);
  CHECK_THAT(all.out, Contains("probe.v1.PeopleService") && Contains("probe.v1.CatalogueService") &&
                          Contains("provider VN:GOV:G01:backup  unix:/run/backup.sock"));
  CHECK(all.out.find("look-up") == std::string::npos);
  const auto one = tests::RunNdxctl({"services", "People", "--grants", "--socket", node.socket()});
  CHECK(one.out.find("CatalogueService") == std::string::npos);
  CHECK_THAT(one.out, Contains("look-up") && Contains("not in force") &&
                          Contains("VN:GOV:H55:mot-cua  tthc"));
  const auto json = tests::RunNdxctl({"services", "--output", "json", "--socket", node.socket()});
  CHECK(tests::LinesOf(json.out).size() == 2);
  CHECK(tests::RunNdxctl({"services", "absent", "--socket", node.socket()}).code ==
        ToInt(ExitCode::kNotFound));
}

}  // namespace
}  // namespace ndx::tools::ndxctl
