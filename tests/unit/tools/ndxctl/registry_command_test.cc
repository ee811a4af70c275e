#include <catch2/catch.hpp>
#include <fstream>
#include <string>

#include "ndx/tests/support/registry_fixture.h"
#include "ndx/tests/unit/console/console_fixture.h"
#include "ndx/tests/unit/tools/ndxctl/ndxctl_run.h"
#include "ndx/tools/ndxctl/exit_code.h"

namespace ndx::tools::ndxctl {
namespace {

using Catch::Contains;
using tests::ConsoleFixture;
using tests::RunNdxctl;

TEST_CASE("files on this machine are checked by the node") {
  ConsoleFixture node;
  const tests::TempDir directory;
  std::ofstream(directory.File("10.yaml")) << tests::ProbeRegistryYaml();
  const auto good = RunNdxctl({"registry", "check", directory.path(), "--socket", node.socket()});
  INFO(good.out << good.err);
  CHECK(good.code == 0);
  CHECK_THAT(good.out, Catch::StartsWith("valid  ") &&
                           Contains("3 members, 4 systems, 2 services, 8 methods, 0 grants"));
  std::ofstream(directory.File("20.yaml")) << "grants:\n- {name: x, nonsense: 1}\n";
  const auto bad = RunNdxctl({"registry", "check", directory.path(), "--socket", node.socket()});
  CHECK(bad.code == ToInt(ExitCode::kFailed));
  CHECK_THAT(bad.out, Catch::StartsWith("not valid\n") && Contains("20.yaml:2"));
  CHECK(
      RunNdxctl({"registry", "check", directory.File("absent"), "--socket", node.socket()}).code ==
      ToInt(ExitCode::kUsage));
}

TEST_CASE("a reload says what is in force now") {
  ConsoleFixture node;
  node.control().reload = [](const console::OperatorAct&) { return tests::BuildProbeRegistry(""); };
  const auto run =
      RunNdxctl({"registry", "reload", "--reason", "QD 12", "--socket", node.socket()});
  CHECK(run.code == 0);
  CHECK_THAT(run.out, Catch::StartsWith("in force  "));
  node.control().reload = [](const console::OperatorAct&)
      -> absl::StatusOr<std::shared_ptr<const registry::RegistrySnapshot>> {
    return absl::InvalidArgumentError("base.yaml:1: wrong");
  };
  const auto failed = RunNdxctl({"registry", "reload", "--socket", node.socket()});
  CHECK(failed.code == ToInt(ExitCode::kFailed));
  CHECK_THAT(failed.err, Contains("base.yaml:1: wrong"));
}

TEST_CASE("who is no administrator is told which role is missing") {
  ConsoleFixture node({settings::v1::OPERATOR_ROLE_VIEWER});
  const auto run =
      RunNdxctl({"registry", "reload", "--socket", node.socket()}, core::Language::kVietnamese);
  CHECK(run.code == ToInt(ExitCode::kNotAllowed));
  CHECK_THAT(run.err, Contains("ReloadRegistry cần vai trò administrator"));
}

}  // namespace
}  // namespace ndx::tools::ndxctl
