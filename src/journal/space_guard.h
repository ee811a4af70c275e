// Watches the free space under the journal. Private to this folder.
//
// Thread-safety: thread-safe.
#pragma once

#include <atomic>
#include <cstdint>
#include <functional>
#include <string>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "ndx/core/clock.h"
#include "ndx/core/mutex.h"
#include "ndx/store/disk_space.h"

namespace ndx::journal {

enum class Space {
  kEnough,
  kLow,   // no new exchanges
  kLast,  // the ballast is gone: only what closes an exchange
};

struct SpaceGuardOptions {
  uint64_t free_bytes_min = 0;
  absl::Duration interval;
  std::function<absl::StatusOr<uint64_t>()> free_bytes;
  // The disk cannot even be asked: it is gone, and nothing can be written any more.
  std::function<void(const absl::Status&)> on_failed_disk;
};

class SpaceGuard {
 public:
  // The ballast is released below this part of free_bytes_min.
  static constexpr uint64_t kBallastShare = 8;

  SpaceGuard(SpaceGuardOptions options, store::Ballast ballast, const core::Clock& clock)
      : options_(std::move(options)), clock_(clock), ballast_(std::move(ballast)) {}

  // Allocates the ballast and looks once. Not OK if the disk cannot be asked.
  absl::Status Start();

  // How it stands; looks at the disk at most once in an interval. A disk that cannot be asked
  // counts as low, and on_failed_disk is told.
  Space Look();

 private:
  absl::Status LookNow() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);

  const SpaceGuardOptions options_;
  const core::Clock& clock_;
  std::atomic<int64_t> next_look_ns_{0};
  std::atomic<Space> space_{Space::kEnough};
  core::Mutex mutex_;
  store::Ballast ballast_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace ndx::journal
