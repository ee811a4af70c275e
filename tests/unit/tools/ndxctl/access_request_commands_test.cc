#include <catch2/catch.hpp>
#include <string>
#include <vector>

#include "absl/strings/escaping.h"
#include "ndx/tests/unit/console/console_fixture.h"
#include "ndx/tests/unit/tools/ndxctl/ndxctl_run.h"
#include "ndx/tools/ndxctl/exit_code.h"

namespace ndx::tools::ndxctl {
namespace {

using Catch::Contains;
using tests::ConsoleFixture;

tests::NdxctlRun RunAccess(ConsoleFixture& node, std::vector<std::string> arguments,
                           core::Language language = core::Language::kEnglish) {
  arguments.insert(arguments.begin(), "access");
  arguments.insert(arguments.end(), {"--socket", node.socket()});
  auto run = tests::RunNdxctl(arguments, language);
  UNSCOPED_INFO(run.out << run.err);
  return run;
}

std::vector<std::string> AskingFor(const std::vector<std::string>& more) {
  std::vector<std::string> words = {
      "request",   "--consumer", "VN:GOV:H55:mot-cua", "--service",     "probe.v1.PeopleService",
      "--purpose", "tthc",       "--legal-basis",      "QD 12",         "--per-day",
      "500",       "--to",       "2099-12-31",         "--explanation", "for counters"};
  words.insert(words.end(), more.begin(), more.end());
  return words;
}

// A request of somebody else's.
void AskedByAnother(ConsoleFixture& node) {
  console::v1::AccessWish wish;
  wish.set_consumer("VN:GOV:H55:mot-cua");
  wish.add_methods("probe.v1.PeopleService/LookUp");
  wish.add_answer_fields("person.full_name");
  wish.add_answer_fields("total");
  wish.add_purposes("tthc");
  wish.set_legal_basis("QD 12");
  wish.set_per_day(9);
  wish.set_valid_to("2099-12-31");
  const auto asked = node.access_desk().Ask({.name = "an", .roles = {}}, wish, "counter", false);
  INFO(asked.status());
  REQUIRE(asked.ok());
}

TEST_CASE("a request is made, shown with what it would grant, and listed") {
  ConsoleFixture node;
  const auto unnamed = RunAccess(node, AskingFor({}));
  CHECK(unnamed.code == ToInt(ExitCode::kFailed));
  CHECK_THAT(unnamed.err, Contains("has no least method"));
  const auto asked =
      RunAccess(node, AskingFor({"--method", "LookUp", "--field", "person.full_name,total"}));
  CHECK(asked.code == 0);
  CHECK_THAT(asked.out, Contains("request 1: waits for its owner") &&
                            Contains("owner of the data: G01") && Contains("per_day: 500") &&
                            Contains("- \"person.full_name\"") && Contains("asked: for counters") &&
                            Contains("ndxctl access approve 1 --plan "));
  const auto listed = RunAccess(node, {"requests"}, core::Language::kVietnamese);
  CHECK_THAT(listed.out, Contains("chờ duyệt") && Contains("probe.v1.PeopleService/LookUp") &&
                             Contains("2099-12-31"));
  CHECK(RunAccess(node, {"requests", "1"}).out == asked.out);
  CHECK(RunAccess(node, {"requests", "2"}).code == ToInt(ExitCode::kNotFound));
  const auto alone = RunAccess(
      node, {"approve", "1", "--plan",
             absl::BytesToHexString(console::AccessDesk::PlanDigest(*node.access_desk().Find(1)))});
  CHECK(alone.code == ToInt(ExitCode::kNotAllowed));
  CHECK_THAT(alone.err, Contains("somebody else has to approve it"));
  CHECK_THAT(RunAccess(node, {"withdraw", "1", "--reason", "wrong"}).out,
             Contains("request 1: withdrawn"));
  CHECK(RunAccess(node, {"requests"}).out == "there is none\n");
  CHECK_THAT(RunAccess(node, {"requests", "--closed"}).out, Contains("withdrawn"));
}

TEST_CASE("the owner asks for more, leaves less, and approves what is left") {
  ConsoleFixture node;
  AskedByAnother(node);
  const auto more = RunAccess(node, {"ask-more", "1", "why?"});
  CHECK_THAT(more.out, Contains("waits for an answer") && Contains("asked for more: why?") &&
                           Contains("ndxctl access answer 1"));
  CHECK(RunAccess(node, {"answer", "1", "so"}).code == ToInt(ExitCode::kFailed));  // another's
  REQUIRE(node.access_desk().Answer({.name = "an", .roles = {}}, 1, "so", nullptr).ok());
  const auto less = RunAccess(node, {"narrow", "1", "--field", "total", "--per-day", "3",
                                     "--reference", "dossier", "--reason", "enough"});
  CHECK(less.code == 0);
  CHECK_THAT(less.out, Contains("-   - \"person.full_name\"") && Contains("+   per_day: 3") &&
                           Contains("left less: enough") && Contains("(- asked for, + left"));
  CHECK(RunAccess(node, {"narrow", "1", "--reference", "x"}).code == ToInt(ExitCode::kUsage));
  const std::string plan =
      absl::BytesToHexString(console::AccessDesk::PlanDigest(*node.access_desk().Find(1)));
  const auto approved = RunAccess(node, {"approve", "1", "--plan", plan});
  CHECK(approved.code == 0);
  CHECK_THAT(approved.out, Contains("in force: change 2") && Contains("request 1: approved") &&
                               Contains("granted by change 2 of the registry"));
  CHECK(node.control().put->FindGrant("access-1")->quota_per_day == 3);
}

TEST_CASE("a request is refused with its reason, which who asked sees") {
  ConsoleFixture node;
  AskedByAnother(node);
  const auto refused =
      RunAccess(node, {"refuse", "1", "--reason", "no legal basis"}, core::Language::kVietnamese);
  CHECK_THAT(refused.out, Contains("yêu cầu 1: bị từ chối") && Contains("từ chối: no legal basis"));
  const auto again = RunAccess(node, {"refuse", "1", "--reason", "x"});
  CHECK(again.code == ToInt(ExitCode::kFailed));
  CHECK_THAT(again.err, Contains("Access request 1 is refused"));
}

TEST_CASE("a dry run and an extension show what they would do") {
  ConsoleFixture node;
  const auto dry = RunAccess(node, AskingFor({"--method", "Verify", "--field", "matches",
                                              "--subjects-per-day", "9", "--dry-run"}));
  CHECK(dry.code == 0);
  CHECK_THAT(dry.out, Contains("would be granted:") && !Contains("request 1"));
  const auto renewed = RunAccess(
      node, {"request", "--renew", "old", "--to", "2099-12-31", "--explanation", "still needed"});
  CHECK_THAT(renewed.out, Contains("extends the grant old") && Contains("2099-12-31"));
  CHECK(RunAccess(node, {"expiring"}).out == "no grant ends soon\n");
}

TEST_CASE("codes are explained for their day") {
  ConsoleFixture node;
  const auto before = RunAccess(node, {"code", "15", "--at", "2025-06-30"});
  CHECK(before.out ==
        "on 2025-06-30\n* Yên Bái  … – 2025-06-30, today part of 15 Lào Cai\n"
        "  Lào Cai  2025-07-01 – …\n");
  const auto member = RunAccess(node, {"code", "000.00.20.G09"}, core::Language::kVietnamese);
  CHECK_THAT(member.out,
             Contains("đơn vị G09.20 = 000.00.20.G09: Cục của Bộ Nội vụ") && Contains("đang dùng"));
  CHECK(RunAccess(node, {"code", "999088000001"}).code == ToInt(ExitCode::kFailed));
}

}  // namespace
}  // namespace ndx::tools::ndxctl
