#include "ndx/tools/ndxctl/retention_text.h"

#include <catch2/catch.hpp>
#include <sstream>

namespace ndx::tools::ndxctl {
namespace {

using Catch::Contains;

std::string Text(const console::v1::RetentionStatus& status) {
  std::ostringstream out;
  std::ostringstream err;
  Terminal terminal{.out = out, .err = err};
  PrintRetention(status, terminal);
  return out.str();
}

TEST_CASE("without rules it is said that payloads are kept, and what to set") {
  const std::string text = Text({});
  CHECK_THAT(text, Contains("kept for ever"));
  CHECK_THAT(text, Contains("journal.retention.security_level"));
  CHECK(std::count(text.begin(), text.end(), '\n') == 1);
}

TEST_CASE("one line, and one more for whatever is wrong") {
  console::v1::RetentionStatus status;
  status.set_ends(true);
  status.set_security_level(4);
  status.set_exchanges_pruned(7);
  CHECK_THAT(Text(status), Contains("security level 4, removed 7 exchanges' payloads"));
  CHECK_THAT(Text(status), !Contains("kept back"));
  status.set_security_level(0);
  status.mutable_lag()->set_seconds(3 * 24 * 3600);
  status.mutable_clock_ahead()->set_seconds(2 * 3600);
  status.set_trouble("leaf 7: damaged");
  const std::string text = Text(status);
  for (const char* part :
       {"by exceptions alone", "behind by 3 days", "ahead by 0d 2h\n", "leaf 7: damaged"}) {
    CHECK_THAT(text, Contains(part));
  }
}

}  // namespace
}  // namespace ndx::tools::ndxctl
