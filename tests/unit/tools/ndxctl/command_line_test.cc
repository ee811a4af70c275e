#include "ndx/tools/ndxctl/command_line.h"

#include <catch2/catch.hpp>
#include <functional>
#include <sstream>
#include <string>
#include <vector>

#include "ndx/tests/support/fake_clock.h"
#include "ndx/tests/support/temp_dir.h"
#include "ndx/tests/unit/tools/ndxctl/ndxctl_run.h"

namespace ndx::tools::ndxctl {
namespace {

using tests::RunNdxctl;

// Calls see for every command that does something, with its full name.
void ForEachCommand(const command_options::Command& command, const std::string& name,
                    const std::function<void(const std::string&, const std::string&)>& see) {
  const auto commands = command.commands();
  if (commands.empty()) see(name, command.Help());
  for (const auto& under : commands) ForEachCommand(under, name + " " + under.name(), see);
}

TEST_CASE("every command explains itself, with examples of its own") {
  std::ostringstream out;
  Terminal terminal{.out = out, .err = out};
  const tests::FakeClock clock;
  CommandLine line(terminal, clock);
  int commands = 0;
  ForEachCommand(line.program(), "ndxctl", [&](const std::string& name, const std::string& help) {
    ++commands;
    CHECK_THAT(help, Catch::Contains("Examples:\n") && Catch::Contains("\n  " + name));
  });
  CHECK(commands == 72);
  CHECK_THAT(line.program().Help(), Catch::Contains("Exit status: 0 done"));
  CHECK(RunNdxctl({"--help"}).code == 0);
  CHECK(RunNdxctl({"journal", "list", "--help"}).code == 0);
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
