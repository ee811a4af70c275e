#include <catch2/catch.hpp>
#include <iostream>
#include <sstream>
#include <string>
#include <vector>

#include "ndx/tests/unit/console/console_fixture.h"
#include "ndx/tests/unit/tools/ndxctl/ndxctl_run.h"
#include "ndx/tools/ndxctl/exit_code.h"

namespace ndx::tools::ndxctl {
namespace {

using Catch::Contains;
using tests::ConsoleFixture;

constexpr char kPerson[] = "999088000001";

// What the command reads from standard input.
class StandardInput {
 public:
  explicit StandardInput(const std::string& text) : text_(text), before_(std::cin.rdbuf()) {
    std::cin.clear();
    std::cin.rdbuf(text_.rdbuf());
  }
  ~StandardInput() { std::cin.rdbuf(before_); }
  StandardInput(const StandardInput&) = delete;
  StandardInput& operator=(const StandardInput&) = delete;

 private:
  std::istringstream text_;
  std::streambuf* const before_;
};

tests::NdxctlRun RunKeeper(ConsoleFixture& node, std::vector<std::string> arguments,
                           core::Language language = core::Language::kEnglish) {
  arguments.insert(arguments.begin(), "journal");
  arguments.insert(arguments.end(), {"--socket", node.socket()});
  return tests::RunNdxctl(arguments, language);
}

TEST_CASE("an erasure is asked for with the number on standard input, listed, and withdrawn") {
  ConsoleFixture node;
  const StandardInput input(std::string(" ") + kPerson + "\n");
  const auto asked = RunKeeper(node, {"erase", "--subject", "-", "--order", "12/QD"});
  INFO(asked.out << asked.err);
  REQUIRE(asked.code == 0);
  CHECK_THAT(asked.out, Contains("ndxctl journal erase --approve 1"));
  CHECK_THAT(asked.out + asked.err, !Contains(kPerson));
  const auto listed = RunKeeper(node, {"erase"}, core::Language::kVietnamese);
  CHECK_THAT(listed.out, Contains("NGƯỜI YÊU CẦU") && Contains("12/QD") && !Contains(kPerson));
  const auto alone = RunKeeper(node, {"erase", "--approve", "1"});
  CHECK(alone.code == ToInt(ExitCode::kNotAllowed));
  CHECK_THAT(alone.err, Contains("somebody else has to approve it"));
  CHECK(RunKeeper(node, {"erase", "--withdraw", "1"}).code == ToInt(ExitCode::kFailed));
  const auto withdrawn = RunKeeper(node, {"erase", "--withdraw", "1", "--reason", "a mistake"});
  INFO(withdrawn.err);
  CHECK(withdrawn.code == 0);
  CHECK_THAT(RunKeeper(node, {"erase", "-o", "json"}).out, !Contains("12/QD"));
}

TEST_CASE("an approved erasure says what came of it") {
  ConsoleFixture node;
  const auto order =
      node.keeper().AddErasureOrder(kPerson, {.order = "1", .operator_name = "lan"}).value();
  tests::NdxctlRun approved;
  do {
    approved = RunKeeper(node, {"erase", "--approve", std::to_string(order.number)});
  } while (approved.err.find("just started") != std::string::npos);
  INFO(approved.err);
  CHECK(approved.code == 0);
  CHECK_THAT(approved.out, Contains("carried out; nobody can read it any more"));
  CHECK(node.keeper().erased().size() == 1);
}

TEST_CASE("holds are placed, listed and released") {
  ConsoleFixture node;
  node.journal().Put(tests::ExchangeLeaf(journal::v1::JOURNAL_EVENT_ANSWERED, 1));
  const StandardInput input(std::string(kPerson) + "\n");
  CHECK_THAT(RunKeeper(node, {"hold", "--subject", "-", "--order", "5/VKS"}).out,
             Contains("hold 1"));
  CHECK(
      RunKeeper(node, {"hold", "--exchange", tests::ExchangeIdText(1), "--order", "6/VKS"}).code ==
      0);
  const auto listed = RunKeeper(node, {"hold"});
  CHECK_THAT(listed.out, Contains("a person") && Contains(tests::ExchangeIdText(1)) &&
                             Contains("6/VKS") && !Contains(kPerson));
  const auto refused = RunKeeper(node, {"erase", "--subject", kPerson, "--order", "12/QD"});
  CHECK(refused.code == ToInt(ExitCode::kFailed));
  CHECK_THAT(refused.err, Contains("Legal hold 1 (5/VKS)") && !Contains(kPerson));
  CHECK_THAT(RunKeeper(node, {"hold", "--release", "1", "--order", "9/VKS"}).out,
             Contains("released"));
  CHECK(RunKeeper(node, {"erase", "--subject", kPerson, "--order", "12/QD"}).code == 0);
}

TEST_CASE("what does not go together on a command line is refused before anything is asked") {
  ConsoleFixture node;
  const StandardInput nothing("");
  for (const std::vector<std::string>& arguments : std::vector<std::vector<std::string>>{
           {"erase", "--approve", "1", "--withdraw", "1"},
           {"erase", "--approve", "0"},
           {"erase", "--subject", "-", "--order", "1"},
           {"hold", "--subject", kPerson, "--exchange", tests::ExchangeIdText(1), "--order", "1"},
           {"hold", "--release", "1", "--subject", kPerson}}) {
    CHECK(RunKeeper(node, arguments).code == ToInt(ExitCode::kUsage));
  }
  CHECK(node.journal().size() == 0);
}

}  // namespace
}  // namespace ndx::tools::ndxctl
