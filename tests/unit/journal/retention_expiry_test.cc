#include "ndx/journal/retention_expiry.h"

#include <catch2/catch.hpp>

namespace ndx::journal {
namespace {

TEST_CASE("a status says until when a payload was to be kept, by the day in Viet Nam") {
  // 18:30 of the day before in UTC.
  const absl::Time until = absl::FromUnixSeconds(1'772'303'400);
  const absl::Status status = RetentionExpired(until, 17);
  CHECK(absl::IsNotFound(status));
  CHECK(std::string(status.message()) ==
        "retention expired on 2026-03-01; the payload was removed, as record 17 says");
  CHECK(RetentionExpiry(status) == until);
  CHECK_FALSE(RetentionExpiry(absl::NotFoundError("erased")).has_value());
  CHECK_FALSE(RetentionExpiry(absl::OkStatus()).has_value());
}

}  // namespace
}  // namespace ndx::journal
