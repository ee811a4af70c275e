// Progress of a load on standard error: one line that is painted over on a terminal, else a line
// every few seconds.
//
// Thread-safety: thread-safe.
#pragma once

#include <cstdint>
#include <string>

#include "absl/strings/string_view.h"
#include "ndx/core/clock.h"
#include "ndx/core/mutex.h"

namespace ndx::tools::datagen {

class LoadReport {
 public:
  // The clock must outlive the report.
  LoadReport(const core::Clock& clock, bool terminal);

  // Says how far a database is; most calls show nothing.
  void Step(absl::string_view database, absl::string_view table, uint64_t rows);

  // Takes the painted line away.
  void Clear();

  // Seconds since the report was made.
  double Seconds() const;

 private:
  const core::Clock& clock_;
  const bool terminal_;
  const int64_t begin_nanos_;
  core::Mutex mutex_;
  int64_t shown_nanos_ ABSL_GUARDED_BY(mutex_);
  bool painted_ ABSL_GUARDED_BY(mutex_) = false;
};

}  // namespace ndx::tools::datagen
