// A log that keeps its lines, for tests that ask what was said.
//
// Thread-safety: thread-safe.
#pragma once

#include <string>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/strings/string_view.h"
#include "ndx/core/mutex.h"
#include "ndx/telemetry/log.h"

namespace ndx::tests {

class RecordedLog final : public telemetry::Log {
 public:
  using Log::Write;
  void Write(telemetry::LogEvent event, absl::Span<const telemetry::LogField> fields) override;

  // Every line so far, as it would have been written, at the time 1970-01-01T00:00:00Z.
  std::vector<std::string> lines() const;

  // How many lines of an event there are.
  size_t CountOf(telemetry::LogEvent event) const;

  // Whether any line holds the text.
  bool Contains(absl::string_view text) const;

 private:
  mutable core::Mutex mutex_;
  std::vector<telemetry::LogEvent> events_ ABSL_GUARDED_BY(mutex_);
  std::vector<std::string> lines_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace ndx::tests
