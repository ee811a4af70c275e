#include <catch2/catch.hpp>
#include <string>

#include "ndx/tests/unit/console/console_fixture.h"
#include "ndx/tests/unit/tools/ndxctl/ndxctl_run.h"

namespace ndx::tools::ndxctl {
namespace {

using Catch::Contains;

TEST_CASE("how long payloads are kept, what would go and what went, in both languages") {
  tests::ConsoleFixture node;
  auto& retention = node.retention();
  retention.the_rules =
      journal::RetentionRules::Make(3, {{.name = "/probe.v1.PeopleService/LookUp", .keep_days = 0}})
          .value();
  retention.the_status.exchanges_pruned = 1234;
  retention.the_status.kept_back = 2;
  retention.forecast->due = {
      {.method = "/gone.v1.Service/Method", .keep_days = 92, .exchanges = 3, .bytes = 4096}};
  retention.forecast->complete = false;
  retention.history = {{.leaf_index = 99,
                        .time = node.clock().Now(),
                        .groups = {{.keep_days = 92, .exchanges = 5, .bytes = 2048}}}};
  const auto english = tests::RunNdxctl({"journal", "retention", "--socket", node.socket()});
  INFO(english.out << english.err);
  CHECK(english.code == 0);
  for (const char* text :
       {"security level 3", "removed 1234", "kept back 2", "/probe.v1.PeopleService/LookUp",
        "for ever", "exception /probe.v1.PeopleService/LookUp", "92 days", "3 exchanges, 4.0 KiB",
        "(every other)", "more is due", "99", "KEPT FOR DAYS"}) {
    CHECK_THAT(english.out, Contains(text));
  }
  const auto vietnamese = tests::RunNdxctl({"journal", "retention", "--socket", node.socket()},
                                           core::Language::kVietnamese);
  for (const char* text : {"cấp độ an toàn 3", "vĩnh viễn", "92 ngày", "tạm giữ 2",
                           "(mọi chức năng khác)", "SẼ XOÁ NGAY"}) {
    CHECK_THAT(vietnamese.out, Contains(text));
  }
  const auto json =
      tests::RunNdxctl({"journal", "retention", "-o", "json", "--socket", node.socket()});
  CHECK_THAT(json.out, Contains("\"security_level\":3"));
  CHECK(tests::LinesOf(json.out).size() == 1);
}

TEST_CASE("a clock that is held is said so, and confirmed with a reason alone") {
  tests::ConsoleFixture node;
  node.retention().the_status.clock_held = true;
  node.retention().the_status.clock_ahead = absl::Hours(24 * 366 + 5);
  const auto shown = tests::RunNdxctl({"journal", "retention", "--socket", node.socket()});
  CHECK_THAT(shown.out, Contains("the clock is ahead by 366d 5h; retention waits"));
  CHECK(tests::RunNdxctl({"journal", "retention", "--confirm-clock", "--socket", node.socket()})
            .code == 2);
  CHECK(node.retention().clocks_accepted == 0);
  const auto confirmed = tests::RunNdxctl(
      {"journal", "retention", "--confirm-clock", "--reason", "BB-07", "--socket", node.socket()});
  CHECK(confirmed.code == 0);
  CHECK_THAT(confirmed.out, Contains("the clock is confirmed"));
  CHECK(node.retention().clocks_accepted == 1);
}

}  // namespace
}  // namespace ndx::tools::ndxctl
