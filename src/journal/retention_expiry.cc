#include "ndx/journal/retention_expiry.h"

#include "absl/strings/cord.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"

namespace ndx::journal {
namespace {

// Of the status's payload: nanoseconds since 1970 as text.
constexpr int kVietnamOffsetSeconds = 7 * 3600;
constexpr absl::string_view kExpiryType = "ndx.journal/retention-expired";

}  // namespace

absl::Status RetentionExpired(absl::Time kept_until, uint64_t removed_by_leaf) {
  absl::Status status = absl::NotFoundError(absl::StrCat(
      "retention expired on ",
      absl::FormatTime("%Y-%m-%d", kept_until, absl::FixedTimeZone(kVietnamOffsetSeconds)),
      "; the payload was removed, as record ", removed_by_leaf, " says"));
  status.SetPayload(kExpiryType, absl::Cord(absl::StrCat(absl::ToUnixNanos(kept_until))));
  return status;
}

std::optional<absl::Time> RetentionExpiry(const absl::Status& status) {
  const auto text = status.GetPayload(kExpiryType);
  int64_t nanos = 0;
  if (!text.has_value() || !absl::SimpleAtoi(std::string(*text), &nanos)) return std::nullopt;
  return absl::FromUnixNanos(nanos);
}

}  // namespace ndx::journal
