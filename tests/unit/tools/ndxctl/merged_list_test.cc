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
using tests::ExchangeIdText;
using tests::ExchangeLeaf;
using tests::LinesOf;

void Put(ConsoleFixture& node, int number) {
  node.journal().Put(ExchangeLeaf(journal::v1::JOURNAL_EVENT_ANSWERED, number));
}

tests::NdxctlRun ListBoth(const ConsoleFixture& one, const std::string& other,
                          std::vector<std::string> more = {}) {
  std::vector<std::string> arguments = {"journal",    "list",   "--socket",
                                        one.socket(), "--also", other};
  arguments.insert(arguments.end(), more.begin(), more.end());
  return tests::RunNdxctl(arguments);
}

TEST_CASE("exchanges of two nodes are one list, in order, over several pages of each") {
  ConsoleFixture one;
  ConsoleFixture other;
  one.control().status.set_system("VN:GOV:G01:one");
  other.control().status.set_system("VN:GOV:G01:other");
  for (int i = 0; i < 240; ++i) {
    one.clock().Advance(absl::Seconds(1));
    other.clock().Advance(absl::Seconds(1));
    Put(i % 3 == 0 ? one : other, i);
  }
  const auto run = ListBoth(one, other.socket(), {"--output", "json", "--limit", "200"});
  REQUIRE(run.code == 0);
  const auto lines = LinesOf(run.out);
  REQUIRE(lines.size() == 200);
  for (int i = 0; i < 200; ++i) {
    CHECK_THAT(lines[static_cast<size_t>(i)], Contains(ExchangeIdText(239 - i)));
  }
  CHECK_THAT(lines[0], Catch::StartsWith(R"({"node":"VN:GOV:G01:other","exchange":{)"));
  const auto table = ListBoth(one, other.socket());
  CHECK_THAT(LinesOf(table.out).at(0), Contains("EXCHANGE") && Contains("NODE"));
}

TEST_CASE("a node that does not answer is named; the other's exchanges are there") {
  ConsoleFixture one;
  Put(one, 1);
  const auto run = ListBoth(one, "/nowhere/operator.sock");
  CHECK(run.code == ToInt(ExitCode::kUnreachable));
  CHECK_THAT(run.out, Contains(ExchangeIdText(1)));
  CHECK_THAT(run.err, Contains("did not answer: /nowhere/operator.sock"));
  const auto none =
      tests::RunNdxctl({"journal", "list", "--socket", "/nowhere/a", "--also", "/nowhere/b"});
  CHECK(none.code == ToInt(ExitCode::kUnreachable));
  CHECK_THAT(none.err, Contains("/nowhere/a") && Contains("/nowhere/b"));
}

TEST_CASE("an imported copy is not listed together with nodes") {
  ConsoleFixture one;
  CHECK(ListBoth(one, one.socket(), {"--directory", "/tmp/x"}).code == ToInt(ExitCode::kUsage));
}

}  // namespace
}  // namespace ndx::tools::ndxctl
