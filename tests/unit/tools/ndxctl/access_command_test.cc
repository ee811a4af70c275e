#include <catch2/catch.hpp>
#include <string>
#include <vector>

#include "ndx/tests/unit/console/console_fixture.h"
#include "ndx/tests/unit/tools/ndxctl/ndxctl_run.h"
#include "ndx/tools/ndxctl/exit_code.h"

namespace ndx::tools::ndxctl {
namespace {

using Catch::Contains;
using tests::ConsoleFixture;

tests::NdxctlRun Run(ConsoleFixture& node, std::vector<std::string> arguments,
                     core::Language language = core::Language::kEnglish) {
  arguments.insert(arguments.begin(), "access");
  arguments.insert(arguments.end(), {"--socket", node.socket()});
  auto run = tests::RunNdxctl(arguments, language);
  UNSCOPED_INFO(run.out << run.err);
  return run;
}

std::vector<std::string> Explain(std::vector<std::string> more) {
  std::vector<std::string> arguments = {"explain",
                                        "--consumer",
                                        "VN:GOV:H55:mot-cua",
                                        "--method",
                                        "probe.v1.PeopleService/LookUp",
                                        "--provider",
                                        "VN:GOV:G01:population"};
  arguments.insert(arguments.end(), more.begin(), more.end());
  return arguments;
}

TEST_CASE("why somebody may ask, and why not, grant by grant") {
  ConsoleFixture node;
  const auto may = Run(node, Explain({"--purpose", "tthc"}));
  CHECK(may.code == 0);
  CHECK_THAT(may.out, Catch::StartsWith("allowed\nrule look-up\n  grant look-up: allowed\n") &&
                          Contains("grant old: refused  GRANT_NOT_IN_FORCE") &&
                          Contains("answer fields: all") && Contains("after change 1"));
  const auto not_so = Run(node, Explain({}), core::Language::kVietnamese);
  CHECK(not_so.code == 0);
  CHECK_THAT(not_so.out, Catch::StartsWith("từ chối") && Contains("quyền look-up: từ chối"));
  CHECK(Run(node, Explain({"--at", "someday"})).code == ToInt(ExitCode::kUsage));
}

TEST_CASE("who can see a field") {
  ConsoleFixture node;
  const auto run = Run(node, {"readers", "person.full_name"});
  CHECK(run.code == 0);
  CHECK_THAT(run.out, Contains("CONSUMER") && Contains("look-up") && Contains("QD 0") &&
                          Contains("not in force"));
  CHECK(Run(node, {"readers", "nothing"}).code == ToInt(ExitCode::kNotFound));
}

}  // namespace
}  // namespace ndx::tools::ndxctl
