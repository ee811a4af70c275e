#include "ndx/tools/ndxctl/command_line.h"

#include <catch2/catch.hpp>
#include <string>
#include <vector>

#include "ndx/tests/support/temp_dir.h"
#include "ndx/tests/unit/tools/ndxctl/ndxctl_run.h"

namespace ndx::tools::ndxctl {
namespace {

using tests::RunNdxctl;

TEST_CASE("help exits 0 for the program and for each command, and each has examples") {
  CHECK(RunNdxctl({"--help"}).code == 0);
  const std::vector<std::vector<std::string>> commands = {{"call"},
                                                          {"services"},
                                                          {"journal", "list"},
                                                          {"journal", "show"},
                                                          {"journal", "tail"},
                                                          {"journal", "records"},
                                                          {"journal", "verify"},
                                                          {"receipt", "verify"},
                                                          {"receipt", "get"},
                                                          {"replay"},
                                                          {"resolve"},
                                                          {"registry", "check"},
                                                          {"registry", "reload"},
                                                          {"status"},
                                                          {"doctor"}};
  for (std::vector<std::string> command : commands) {
    INFO(command.back());
    command.emplace_back("--help");
    CHECK(RunNdxctl(command).code == 0);
  }
}

TEST_CASE("a wrong command line exits 2") {
  for (const std::vector<std::string>& arguments : {std::vector<std::string>{},
                                                    {"nothing"},
                                                    {"journal"},
                                                    {"journal", "show"},
                                                    {"status", "--output", "xml"},
                                                    {"journal", "list", "--outcome", "lost"},
                                                    {"journal", "list", "--limit", "0"},
                                                    {"replay", "x"},
                                                    {"call", "a.B/C"},
                                                    {"status", "--timeout", "0"}}) {
    CHECK(RunNdxctl(arguments).code == ToInt(ExitCode::kUsage));
  }
}

TEST_CASE("a node that is not there exits 3 and says which code") {
  const tests::TempDir directory;
  const auto run =
      RunNdxctl({"status", "--socket", directory.File("absent.sock"), "--timeout", "5"});
  CHECK(run.code == ToInt(ExitCode::kUnreachable));
  CHECK_THAT(run.err, Catch::StartsWith("UNAVAILABLE"));
}

}  // namespace
}  // namespace ndx::tools::ndxctl
