// Dates and hours as the registry means them: those of Asia/Ho_Chi_Minh, UTC+7 without summer time.
//
// Thread-safety: value types.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/civil_time.h"
#include "absl/time/time.h"
#include "ndx/registry/v1/registry_document.pb.h"

namespace ndx::registry {

// Fixed at UTC+7, so that no node depends on its time zone files.
absl::TimeZone VietnamTimeZone();

// The day of an instant there.
absl::CivilDay VietnamDay(absl::Time at);

// Parses yyyy-MM-dd, an existing day of the years 1900 to 9999.
absl::StatusOr<absl::CivilDay> ParseDay(absl::string_view text);

// A span of whole days, both ends included, either end open.
struct DateRange {
  std::optional<absl::CivilDay> from;
  std::optional<absl::CivilDay> to;

  bool Contains(absl::CivilDay day) const { return (!from || *from <= day) && (!to || day <= *to); }
  // yyyy-MM-dd, or "…" for an open end.
  std::string FromText() const;
  std::string ToText() const;
};

// Spans of hours in a week. Without any span every hour is allowed.
class WeeklyHours {
 public:
  // kInvalidArgument unless `from` is HH:mm, `to` is HH:mm or 24:00, from is before to, and no day
  // is named twice.
  absl::Status Add(const v1::Hours& hours);

  bool Allows(absl::Time at) const;

  // "T2–T6 07:30–11:30, 13:00–17:00" and "Mon–Fri 07:30–11:30, 13:00–17:00".
  std::string TextVi() const;
  std::string TextEn() const;

 private:
  struct Span {
    uint8_t days = 0;  // bit 0 Monday … bit 6 Sunday
    int from_minute = 0;
    int to_minute = 0;
  };
  std::string Text(bool vietnamese) const;

  std::vector<Span> spans_;
};

}  // namespace ndx::registry
