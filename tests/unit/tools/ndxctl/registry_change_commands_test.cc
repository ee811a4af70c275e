#include <catch2/catch.hpp>
#include <fstream>
#include <string>
#include <vector>

#include "absl/strings/escaping.h"
#include "ndx/tests/support/registry_fixture.h"
#include "ndx/tests/unit/console/console_fixture.h"
#include "ndx/tests/unit/tools/ndxctl/ndxctl_run.h"
#include "ndx/tools/ndxctl/exit_code.h"

namespace ndx::tools::ndxctl {
namespace {

using Catch::Contains;
using tests::ConsoleFixture;

tests::NdxctlRun RunRegistry(ConsoleFixture& node, std::vector<std::string> arguments,
                             core::Language language = core::Language::kEnglish) {
  arguments.insert(arguments.begin(), "registry");
  arguments.insert(arguments.end(), {"--socket", node.socket()});
  auto run = tests::RunNdxctl(arguments, language);
  UNSCOPED_INFO(run.out << run.err);
  return run;
}

std::string GrantFile(const tests::TempDir& directory, const std::string& name,
                      const std::string& per_second) {
  const std::string file = directory.File("grant.yaml");
  std::ofstream(file) << "grants:\n- name: " << name << R"(
  consumer: "VN:GOV:H55:mot-cua"
  methods: ["probe.v1.PeopleService/LookUp", "probe.v1.PeopleService/Verify"]
  purposes: [tthc]
  quota: {per_second: )"
                      << per_second << ", per_day: 1000}\n  legal_basis: QD 1\n";
  return file;
}

TEST_CASE("a difference is shown line by line, and made by a proposal that gives nobody more") {
  ConsoleFixture node;
  const tests::TempDir directory;
  const std::string file = GrantFile(directory, "look-up", "4");
  const auto shown = RunRegistry(node, {"diff", file});
  CHECK(shown.code == 0);
  CHECK(shown.out ==
        "~ grant look-up\n    -   per_second: 10\n    +   per_second: 4\n"
        "gives nobody more than before: one person is enough\n");
  CHECK(node.ledger().last_change() == 1);
  const auto made =
      RunRegistry(node, {"propose", file, "--reason", "QD 12"}, core::Language::kVietnamese);
  CHECK(made.code == 0);
  CHECK_THAT(made.out,
             Contains("~ quyền khai thác look-up") && Contains("đã có hiệu lực: lần thay đổi 2"));
  CHECK(node.ledger().last_change() == 2);
  const auto nothing = RunRegistry(node, {"diff", file});
  CHECK(nothing.code == ToInt(ExitCode::kFailed));
  CHECK_THAT(nothing.err, Contains("nothing would change"));
}

TEST_CASE("a proposal says what it gives, is listed, not approved by who made it, and withdrawn") {
  ConsoleFixture node;
  const tests::TempDir directory;
  const auto asked =
      RunRegistry(node, {"propose", GrantFile(directory, "new", "4"), "--reason", "QD 12"});
  CHECK(asked.code == 0);
  CHECK_THAT(asked.out, Contains("+ grant new\n") && Contains("takes a second person, because") &&
                            Contains("grant new is a new grant") &&
                            Contains("ndxctl registry approve 1 --plan "));
  const std::string plan =
      absl::BytesToHexString(console::RegistryDesk::PlanDigest(*node.ledger().Proposal(1)));
  CHECK_THAT(asked.out, Contains("plan " + plan));
  const auto listed = RunRegistry(node, {"proposals"});
  CHECK_THAT(listed.out, Contains("proposal 1  " + ConsoleFixture::OperatorName()) &&
                             Contains("QD 12") && Contains("plan " + plan));
  const auto alone = RunRegistry(node, {"approve", "1", "--plan", plan});
  CHECK(alone.code == ToInt(ExitCode::kNotAllowed));
  CHECK_THAT(alone.err, Contains("somebody else has to approve it"));
  CHECK(RunRegistry(node, {"withdraw", "1", "--reason", "wrong"}).out == "withdrawn: proposal 1\n");
  CHECK(RunRegistry(node, {"proposals"}).out == "nothing waits\n");
}

TEST_CASE("somebody else's proposal is approved with its plan") {
  ConsoleFixture node;
  console::RegistryDesk::Wanted wanted{.reason = "QD 12"};
  auto& grant = *wanted.entries.emplace_back().mutable_grant();
  grant.set_name("new");
  grant.set_consumer("VN:GOV:H55:mot-cua");
  grant.add_methods("probe.v1.PeopleService/Verify");
  grant.set_legal_basis("QD 9");
  const auto asked = node.desk().Propose("an", std::move(wanted));
  REQUIRE(asked.ok());
  const auto run =
      RunRegistry(node, {"approve", "1", "--plan", absl::BytesToHexString(asked->plan_sha256)});
  CHECK(run.code == 0);
  CHECK_THAT(run.out, Catch::StartsWith("in force: change 2  "));
  const auto changes = RunRegistry(node, {"changes"});
  CHECK_THAT(changes.out, Contains("APPROVED BY") && Contains("an") && Contains("QD 12"));
  const auto one = RunRegistry(node, {"changes", "2"});
  CHECK_THAT(one.out, Contains("+ grant new") && Contains("sha256 "));
}

TEST_CASE("entries are removed by kind and name, and a rollback brings them back") {
  ConsoleFixture node;
  const auto removed =
      RunRegistry(node, {"propose", "--remove", "grant:look-up", "--reason", "CV 7"});
  CHECK(removed.code == 0);
  CHECK_THAT(removed.out, Contains("- grant look-up"));
  CHECK(node.control().put->FindGrant("look-up") == nullptr);
  const auto back = RunRegistry(node, {"rollback", "1", "--reason", "wrong"});
  CHECK_THAT(back.out, Contains("+ grant look-up") && Contains("registry approve 1"));
  const auto bad = RunRegistry(node, {"propose", "--remove", "look-up", "--reason", "x"});
  CHECK(bad.code == ToInt(ExitCode::kUsage));
  CHECK_THAT(bad.err, Contains("grant:mot-cua"));
}

TEST_CASE("the registry of now and then is exported as YAML that gives the same registry") {
  ConsoleFixture node;
  const auto now = RunRegistry(node, {"export"});
  CHECK(now.code == 0);
  CHECK_THAT(now.out, Catch::StartsWith("# the registry after change 1\n"));
  const tests::TempDir directory;
  std::ofstream(directory.File("all.yaml")) << now.out;
  CHECK_THAT(RunRegistry(node, {"diff", "--whole", directory.File("all.yaml")}).err,
             Contains("nothing would change"));
  CHECK(RunRegistry(node, {"export", "--at", "someday"}).code == ToInt(ExitCode::kUsage));
  CHECK(RunRegistry(node, {"export", "--change", "9"}).code == ToInt(ExitCode::kFailed));
}

}  // namespace
}  // namespace ndx::tools::ndxctl
