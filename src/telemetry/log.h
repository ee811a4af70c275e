// Structured log: one JSON object a line, from the catalogue in log_event.h.
//
//   log.Write(LogEvent::kProviderDown, {{"provider", system.text()}, {"error", status}});
//   {"time":"2026-03-02T01:15:00.250Z","level":"warning","event":"provider.down","provider":…}
//
// Thread-safety: implementations are thread-safe and do not block on the disk.
// Limits: a line has at most kLogLineBytesMax bytes and a text value kLogTextBytesMax; what does
// not fit is cut at a character and the line says "cut":true. At most kLogLinesPerSecondMax lines
// of one event leave in a second; the next one that leaves says how many were held back.
#pragma once

#include <initializer_list>
#include <string>

#include "absl/time/time.h"
#include "absl/types/span.h"
#include "ndx/telemetry/log_event.h"
#include "ndx/telemetry/log_field.h"

namespace ndx::telemetry {

inline constexpr size_t kLogLineBytesMax = 4096;
inline constexpr size_t kLogTextBytesMax = 1024;
inline constexpr size_t kLogFieldsMax = 24;
inline constexpr uint64_t kLogLinesPerSecondMax = 100;

class Log {
 public:
  virtual ~Log() = default;

  // Whether Write() would write events of this kind at all: to make no fields in vain.
  virtual bool Wants(LogEvent event) const {
    (void)event;
    return true;
  }

  // Writes one line, or nothing when the event's severity is below the log's.
  virtual void Write(LogEvent event, absl::Span<const LogField> fields) = 0;
  void Write(LogEvent event, std::initializer_list<LogField> fields) {
    Write(event, absl::Span<const LogField>(fields.begin(), fields.size()));
  }
  void Write(LogEvent event) { Write(event, absl::Span<const LogField>()); }
};

// For code under test that logs beside the point.
class SilentLog final : public Log {
 public:
  using Log::Write;
  void Write(LogEvent, absl::Span<const LogField>) override {}
};

// The line of an event, without line feed. suppressed is the number of lines held back before it.
std::string FormatLogLine(absl::Time time, LogEvent event, absl::Span<const LogField> fields,
                          uint64_t suppressed = 0);

}  // namespace ndx::telemetry
