// The log of a running program: lines are made by the caller and written by one thread of spdlog's.
//
// Thread-safety: thread-safe. Write() makes the line and queues it; when the queue is full the
// oldest line is dropped and counted, so that a stuck disk never stops an exchange.
// Errors: Open() returns kUnavailable when the file cannot be opened.
#pragma once

#include <memory>
#include <string>

#include "absl/status/statusor.h"
#include "ndx/core/clock.h"
#include "ndx/telemetry/log.h"

namespace ndx::telemetry {

struct JsonLogOptions {
  // Empty: standard error, as systemd's journal wants it. Otherwise appended to.
  std::string file;
  LogSeverity severity_min = LogSeverity::kInfo;
  // Lines waiting for the disk.
  size_t queue_lines_max = 8192;
};

class JsonLog final : public Log {
 public:
  static absl::StatusOr<std::unique_ptr<JsonLog>> Open(const JsonLogOptions& options,
                                                       const core::Clock& clock);
  // Writes what is queued, then stops the thread.
  ~JsonLog() override;

  using Log::Write;
  bool Wants(LogEvent event) const override;
  void Write(LogEvent event, absl::Span<const LogField> fields) override;

  // Lines dropped because the queue was full, and held back because of their number.
  uint64_t lines_dropped() const;
  uint64_t lines_suppressed() const;

 private:
  struct State;
  explicit JsonLog(std::unique_ptr<State> state);

  std::unique_ptr<State> state_;
};

}  // namespace ndx::telemetry
