#include "ndx/tools/ndxctl/time_argument.h"

#include <algorithm>

#include "absl/strings/numbers.h"

namespace ndx::tools::ndxctl {
namespace {

bool ParseSpan(const std::string& text, absl::Duration& span) {
  int64_t count = 0;
  if (text.size() < 2 || !absl::SimpleAtoi(text.substr(0, text.size() - 1), &count) || count < 0) {
    return false;
  }
  switch (text.back()) {
    case 's':
      span = absl::Seconds(count);
      return true;
    case 'm':
      span = absl::Minutes(count);
      return true;
    case 'h':
      span = absl::Hours(count);
      return true;
    case 'd':
      span = absl::Hours(24) * count;
      return true;
    default:
      return false;
  }
}

}  // namespace

absl::StatusOr<absl::Time> ParseTimeArgument(const std::string& text, absl::Time now) {
  absl::Duration span;
  if (ParseSpan(text, span)) return now - span;
  std::string with_t = text;
  std::replace(with_t.begin(), with_t.end(), ' ', 'T');
  absl::Time time;
  std::string ignored;
  for (const char* format :
       {"%Y-%m-%dT%H:%M:%E*S%Ez", "%Y-%m-%dT%H:%M:%E*S", "%Y-%m-%dT%H:%M", "%Y-%m-%d"}) {
    if (absl::ParseTime(format, with_t, absl::FixedTimeZone(7 * 3600), &time, &ignored)) {
      return time;
    }
  }
  return absl::InvalidArgumentError(
      "a time is written like 2026-03-02, 2026-03-02T08:15 or, before now, 30m, 2h, 3d");
}

}  // namespace ndx::tools::ndxctl
