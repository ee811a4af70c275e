// When the next exchange of a replay task may be sent: evenly, never catching up on what was
// missed. Pure; time is an argument.
//
// Thread-safety: thread-compatible. Units: monotonic nanoseconds.
#pragma once

#include <algorithm>
#include <cstdint>

#include "absl/time/time.h"

namespace ndx::replay {

class Pacer {
 public:
  explicit Pacer(uint32_t per_minute)
      : interval_nanos_(absl::ToInt64Nanoseconds(absl::Minutes(1)) /
                        std::max<uint32_t>(per_minute, 1)) {}

  // How long to wait before the next one; zero or less: it may go.
  absl::Duration Wait(int64_t now_nanos) const {
    return absl::Nanoseconds(next_nanos_ - now_nanos);
  }
  void Sent(int64_t now_nanos) { next_nanos_ = now_nanos + interval_nanos_; }

 private:
  const int64_t interval_nanos_;
  int64_t next_nanos_ = 0;
};

}  // namespace ndx::replay
