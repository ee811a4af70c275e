#include "ndx/tools/ndxctl/time_argument.h"

#include <catch2/catch.hpp>
#include <string>

namespace ndx::tools::ndxctl {
namespace {

TEST_CASE("times as people type them") {
  const absl::Time now = absl::FromUnixSeconds(1'750'000'000);
  struct Case {
    const char* text;
    int64_t unix_seconds;  // 0: refused
  };
  const Case cases[] = {
      {"2026-03-02", 1'772'384'400},
      {"2026-03-02T08:15", 1'772'414'100},
      {"2026-03-02 08:15:30", 1'772'414'130},
      {"2026-03-02T08:15:30+07:00", 1'772'414'130},
      {"2026-03-02T01:15:30Z", 1'772'414'130},
      {"30s", 1'749'999'970},
      {"15m", 1'749'999'100},
      {"2h", 1'749'992'800},
      {"3d", 1'749'740'800},
      {"0d", 1'750'000'000},
      {"", 0},
      {"d", 0},
      {"-1h", 0},
      {"2w", 0},
      {"2026-13-02", 0},
      {"2026-02-30", 0},
      {"yesterday", 0},
  };
  for (const Case& c : cases) {
    INFO(c.text);
    const auto time = ParseTimeArgument(c.text, now);
    CHECK(time.ok() == (c.unix_seconds != 0));
    if (time.ok()) CHECK(absl::ToUnixSeconds(*time) == c.unix_seconds);
  }
}

}  // namespace
}  // namespace ndx::tools::ndxctl
