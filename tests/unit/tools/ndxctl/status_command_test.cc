#include <catch2/catch.hpp>
#include <string>

#include "ndx/tests/unit/console/console_fixture.h"
#include "ndx/tests/unit/tools/ndxctl/ndxctl_run.h"

namespace ndx::tools::ndxctl {
namespace {

using Catch::Contains;

TEST_CASE("the state of a node on one screen, in both languages") {
  tests::ConsoleFixture node;
  auto& status = node.control().status;
  status.set_system("VN:GOV:G01:ndxp");
  status.set_version("0.1.0");
  status.mutable_certificate_not_after()->set_seconds(1'800'000'000);
  status.add_addresses("127.0.0.1:7443");
  auto& provider = *status.add_providers();
  provider.set_system("VN:GOV:G01:population");
  provider.set_endpoint("unix:/run/x.sock");
  provider.set_breaker(console::v1::BREAKER_STATE_OPEN);
  provider.set_detail("no answer");
  auto& condition = *status.add_conditions();
  condition.set_name("journal");
  condition.set_detail("space low");
  node.keeper().SetProgress({.next_leaf = 5,
                             .size = 9,
                             .lag = absl::Seconds(61),
                             .intake_keys = 2,
                             .oldest_intake_key = absl::FromUnixSeconds(1'800'000'000),
                             .trouble = absl::ResourceExhaustedError("disk nearly full")});
  node.journal().SetAccepts(absl::ResourceExhaustedError("space"));
  const auto english = tests::RunNdxctl({"status", "--socket", node.socket()});
  INFO(english.out << english.err);
  CHECK(english.code == 0);
  for (const char* text :
       {"VN:GOV:G01:ndxp, version 0.1.0", "127.0.0.1:7443", "mem/journal/1, 0 leaves",
        "NOT WRITABLE", "not since the start", "NOT READY   journal: space low",
        "VN:GOV:G01:population", "down no answer", "administrator",
        "keys moved  5/0, intake keys 2 since 2027-01-15", "behind by 61 s", "disk nearly full",
        "certificate until 2027-01-15"}) {
    CHECK_THAT(english.out, Contains(text));
  }
  const auto vietnamese =
      tests::RunNdxctl({"status", "--socket", node.socket()}, core::Language::kVietnamese);
  for (const char* text :
       {"nút trục", "KHÔNG GHI ĐƯỢC", "BÊN CUNG CẤP", "đang ngắt", "chuyển khoá"}) {
    CHECK_THAT(vietnamese.out, Contains(text));
  }
  const auto json = tests::RunNdxctl({"status", "-o", "json", "--socket", node.socket()});
  CHECK(tests::LinesOf(json.out).size() == 1);
  CHECK_THAT(json.out, Contains("\"system\":\"VN:GOV:G01:ndxp\""));
}

}  // namespace
}  // namespace ndx::tools::ndxctl
