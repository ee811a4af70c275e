// When each request of an open loop is to be sent: evenly, whatever becomes of the others. Latency
// counts from that moment, so that a server that stalls is charged for all who had to wait, not for
// one (no coordinated omission).
//
// Thread-safety: value type. Units: nanoseconds of the monotonic clock.
#pragma once

#include <cmath>
#include <cstdint>

namespace ndx::tools::loadgen {

class SendSchedule {
 public:
  SendSchedule(int64_t begin_nanos, double per_second)
      : begin_nanos_(begin_nanos), per_second_(per_second) {}

  // Of the request with this number, counted from 0. Does not drift: computed from the number.
  int64_t IntendedNanos(uint64_t number) const {
    return begin_nanos_ + std::llround(static_cast<long double>(number) * 1e9L /
                                       static_cast<long double>(per_second_));
  }

 private:
  int64_t begin_nanos_;
  double per_second_;
};

}  // namespace ndx::tools::loadgen
