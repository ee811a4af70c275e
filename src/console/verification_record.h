// How far the journal was last verified whole, since the node started.
//
// Thread-safety: thread-safe.
#pragma once

#include <cstdint>
#include <optional>

#include "absl/base/thread_annotations.h"
#include "absl/time/time.h"
#include "ndx/core/mutex.h"

namespace ndx::console {

class VerificationRecord {
 public:
  struct Entry {
    uint64_t leaves = 0;
    absl::Time time;
  };

  // False when a verification runs already. One at a time: each reads the whole journal.
  bool TryBegin() {
    core::MutexLock lock(mutex_);
    if (running_) return false;
    running_ = true;
    return true;
  }
  // intact: what was found sound, if anything was.
  void End(std::optional<Entry> intact) {
    core::MutexLock lock(mutex_);
    running_ = false;
    if (intact.has_value()) last_ = intact;
  }
  std::optional<Entry> last() const {
    core::MutexLock lock(mutex_);
    return last_;
  }

 private:
  mutable core::Mutex mutex_;
  bool running_ ABSL_GUARDED_BY(mutex_) = false;
  std::optional<Entry> last_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace ndx::console
