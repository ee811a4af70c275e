#include "ndx/registry/calendar.h"

#include <algorithm>
#include <array>
#include <cstdint>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/str_join.h"

namespace ndx::registry {
namespace {

constexpr int kUtcOffsetSeconds = 7 * 3600;
constexpr int kDays = 7;
constexpr int kMinutesOfDay = 24 * 60;
constexpr unsigned kEveryDay = (1U << kDays) - 1;
constexpr absl::string_view kOpenEnd = "…";

// Digits of a fixed place, or -1.
int Digits(absl::string_view text, size_t at, size_t count) {
  int value = 0;
  for (const char c : text.substr(at, count)) {
    if (!absl::ascii_isdigit(static_cast<unsigned char>(c))) return -1;
    value = value * 10 + (c - '0');
  }
  return value;
}

absl::StatusOr<int> ParseMinute(absl::string_view text, bool end) {
  const bool formed = text.size() == 5 && text[2] == ':';
  const int hour = formed ? Digits(text, 0, 2) : -1;
  const int minute = formed ? Digits(text, 3, 2) : -1;
  const int total = hour * 60 + minute;
  if (hour < 0 || minute < 0 || minute > 59 || total > (end ? kMinutesOfDay : kMinutesOfDay - 1)) {
    return absl::InvalidArgumentError(end ? "must be a time of day HH:mm, or 24:00"
                                          : "must be a time of day HH:mm");
  }
  return total;
}

std::string DaysText(unsigned days, bool vietnamese) {
  static constexpr std::array<absl::string_view, kDays> kVi = {"T2", "T3", "T4", "T5",
                                                               "T6", "T7", "CN"};
  static constexpr std::array<absl::string_view, kDays> kEn = {"Mon", "Tue", "Wed", "Thu",
                                                               "Fri", "Sat", "Sun"};
  const auto& names = vietnamese ? kVi : kEn;
  std::vector<std::string> runs;
  for (size_t first = 0; first < kDays; ++first) {
    if ((days >> first & 1U) == 0) continue;
    size_t last = first;
    while (last + 1 < kDays && (days >> (last + 1) & 1U) != 0) ++last;
    if (last - first >= 2) {
      runs.push_back(absl::StrCat(names[first], "–", names[last]));
    } else {
      for (size_t day = first; day <= last; ++day) runs.emplace_back(names[day]);
    }
    first = last;
  }
  return absl::StrJoin(runs, ",");
}

}  // namespace

absl::TimeZone VietnamTimeZone() {
  // Made once: absl looks a zone up by a name that it has to write first.
  static const absl::TimeZone zone = absl::FixedTimeZone(kUtcOffsetSeconds);
  return zone;
}

absl::CivilDay VietnamDay(absl::Time at) { return absl::ToCivilDay(at, VietnamTimeZone()); }

absl::StatusOr<absl::CivilDay> ParseDay(absl::string_view text) {
  const bool formed = text.size() == 10 && text[4] == '-' && text[7] == '-';
  const int year = formed ? Digits(text, 0, 4) : -1;
  const int month = formed ? Digits(text, 5, 2) : -1;
  const int day = formed ? Digits(text, 8, 2) : -1;
  const absl::CivilDay parsed(year, month, day);
  // CivilDay normalises 2025-02-30 to March; such a day does not exist.
  if (year < 1900 || parsed.year() != year || parsed.month() != month || parsed.day() != day) {
    return absl::InvalidArgumentError("must be an existing day, yyyy-MM-dd");
  }
  return parsed;
}

std::string DateRange::FromText() const {
  return from ? absl::FormatCivilTime(*from) : std::string(kOpenEnd);
}

std::string DateRange::ToText() const {
  return to ? absl::FormatCivilTime(*to) : std::string(kOpenEnd);
}

absl::Status WeeklyHours::Add(const v1::Hours& hours) {
  unsigned days = 0;
  for (const int day : hours.days()) {
    if (day < v1::DAY_MONDAY || day > v1::DAY_SUNDAY) {
      return absl::InvalidArgumentError("must name days of the week");
    }
    const unsigned bit = 1U << static_cast<unsigned>(day - v1::DAY_MONDAY);
    if ((days & bit) != 0) return absl::InvalidArgumentError("must name each day once");
    days |= bit;
  }
  const auto from = ParseMinute(hours.from(), false);
  if (!from.ok()) return from.status();
  const auto to = ParseMinute(hours.to(), true);
  if (!to.ok()) return to.status();
  if (*from >= *to) {
    return absl::InvalidArgumentError(
        "must begin before they end; hours past midnight are a second entry");
  }
  spans_.push_back({.days = static_cast<uint8_t>(days == 0 ? kEveryDay : days),
                    .from_minute = *from,
                    .to_minute = *to});
  return absl::OkStatus();
}

bool WeeklyHours::Allows(absl::Time at) const {
  if (spans_.empty()) return true;
  const absl::CivilMinute minute = absl::ToCivilMinute(at, VietnamTimeZone());
  const auto weekday = static_cast<unsigned>(absl::GetWeekday(minute));
  const int of_day = minute.hour() * 60 + minute.minute();
  return std::any_of(spans_.begin(), spans_.end(), [&](const Span& span) {
    return (span.days >> weekday & 1U) != 0 && span.from_minute <= of_day &&
           of_day < span.to_minute;
  });
}

std::string WeeklyHours::Text(bool vietnamese) const {
  std::string text;
  int last_days = -1;
  for (const Span& span : spans_) {
    const std::string hours =
        absl::StrFormat("%02d:%02d–%02d:%02d", span.from_minute / 60, span.from_minute % 60,
                        span.to_minute / 60, span.to_minute % 60);
    if (span.days == last_days) {
      absl::StrAppend(&text, ", ", hours);
    } else {
      absl::StrAppend(&text, text.empty() ? "" : "; ", DaysText(span.days, vietnamese), " ", hours);
    }
    last_days = span.days;
  }
  return text;
}

std::string WeeklyHours::TextVi() const { return Text(true); }
std::string WeeklyHours::TextEn() const { return Text(false); }

}  // namespace ndx::registry
