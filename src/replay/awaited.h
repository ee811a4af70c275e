// A value that another thread will bring, for a thread that may block and may have to give up.
//
// Thread-safety: thread-safe. Shared by both threads: the one that brings it may come after the
// other has given up.
#pragma once

#include <functional>
#include <optional>
#include <utility>

#include "absl/base/thread_annotations.h"
#include "ndx/core/mutex.h"

namespace ndx::replay {

template <typename T>
class Awaited {
 public:
  void Set(T value) {
    const core::MutexLock lock(mutex_);
    value_ = std::move(value);
    changed_.NotifyAll();
  }

  // nullopt: give_up() said true. It is asked every now and then.
  std::optional<T> Wait(const std::function<bool()>& give_up) {
    constexpr absl::Duration kLook = absl::Milliseconds(50);
    const core::MutexLock lock(mutex_);
    while (!value_.has_value()) {
      if (give_up()) return std::nullopt;
      changed_.WaitFor(mutex_, kLook);
    }
    return std::exchange(value_, std::nullopt);
  }

 private:
  core::Mutex mutex_;
  core::CondVar changed_;
  std::optional<T> value_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace ndx::replay
