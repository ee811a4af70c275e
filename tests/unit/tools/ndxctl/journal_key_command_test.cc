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
using tests::FakeJournalKeys;
using tests::LeafJournal;

tests::NdxctlRun RunJournalKey(ConsoleFixture& node, std::vector<std::string> arguments,
                               core::Language language = core::Language::kEnglish) {
  arguments.insert(arguments.begin(), "journal");
  arguments.insert(arguments.end(), {"--socket", node.socket()});
  return tests::RunNdxctl(arguments, language);
}

TEST_CASE("keys are printed one a line, the one that signs first, through a rotation") {
  ConsoleFixture node;
  const std::string next = FakeJournalKeys::kNextVkey;
  const std::string first = LeafJournal::Vkey();
  CHECK(RunJournalKey(node, {"key"}).out == first + "\n" + next + "\n");
  CHECK_THAT(RunJournalKey(node, {"key", "--details"}).out,
             Contains("next, signs nothing yet") && Contains("current") && Contains("8d27b3e0"));
  const auto none = RunJournalKey(node, {"key", "--handover"});
  CHECK(none.code == static_cast<int>(ExitCode::kFailed));
  CHECK_THAT(none.err, Contains("there is no handover"));

  const auto rotated = RunJournalKey(node, {"rotate-key", "--reason", "12/QD-A05"});
  REQUIRE(rotated.code == 0);
  CHECK_THAT(rotated.out, Contains("signs from leaf 0 on: " + next) && Contains("2025-10-09") &&
                              Contains("witnesses"));
  CHECK(RunJournalKey(node, {"key"}).out == next + "\n" + first + "\n");
  CHECK(RunJournalKey(node, {"key", "--handover"}).out == FakeJournalKeys::kHandover);
  const auto details = RunJournalKey(node, {"key", "--details"}, core::Language::kVietnamese);
  CHECK_THAT(details.out, Contains("đang ký; từ bản ghi 0") && Contains("còn ký song song"));
}

TEST_CASE("a rotation without a reason, or without a key to follow, says so") {
  ConsoleFixture node;
  CHECK(RunJournalKey(node, {"rotate-key"}).code == static_cast<int>(ExitCode::kUsage));
  REQUIRE(RunJournalKey(node, {"rotate-key", "--reason", "x"}).code == 0);
  const auto again = RunJournalKey(node, {"rotate-key", "--reason", "x"});
  CHECK(again.code != 0);
  CHECK_THAT(again.err, Contains("no key is there to follow"));
}

}  // namespace
}  // namespace ndx::tools::ndxctl
