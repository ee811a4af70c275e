#include "ndx/tools/datagen/record_text.h"

#include <catch2/catch.hpp>

namespace ndx::tools::datagen {
namespace {

TEST_CASE("dates and instants are written as the schemas say") {
  CHECK(DateText(kAsOf) == "2026-01-01");
  CHECK(DateText(kMergerDay) == "2025-07-01");
  CHECK(VietnamTimeText(kMergerDay, 8 * 60 + 15) == "2025-07-01T08:15:00+07:00");
  CHECK(UtcTimeText(kMergerDay, 8 * 60 + 15) == "2025-07-01T01:15:00Z");
  CHECK(UtcTimeText(kMergerDay, 6 * 60 + 59) == "2025-06-30T23:59:00Z");
}

}  // namespace
}  // namespace ndx::tools::datagen
