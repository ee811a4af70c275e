#include "ndx/tests/support/recorded_log.h"

#include <algorithm>

#include "absl/strings/match.h"

namespace ndx::tests {

void RecordedLog::Write(telemetry::LogEvent event, absl::Span<const telemetry::LogField> fields) {
  core::MutexLock lock(mutex_);
  events_.push_back(event);
  lines_.push_back(telemetry::FormatLogLine(absl::UnixEpoch(), event, fields));
}

std::vector<std::string> RecordedLog::lines() const {
  core::MutexLock lock(mutex_);
  return lines_;
}

size_t RecordedLog::CountOf(telemetry::LogEvent event) const {
  core::MutexLock lock(mutex_);
  return static_cast<size_t>(std::count(events_.begin(), events_.end(), event));
}

bool RecordedLog::Contains(absl::string_view text) const {
  core::MutexLock lock(mutex_);
  return std::any_of(lines_.begin(), lines_.end(),
                     [text](const std::string& line) { return absl::StrContains(line, text); });
}

}  // namespace ndx::tests
