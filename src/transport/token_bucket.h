// A rate limit that allows bursts.
//
// Thread-safety: thread-compatible.
// Units: nanoseconds of a monotonic clock.
#pragma once

#include <algorithm>
#include <cstdint>

namespace ndx::transport {

struct RateLimit {
  uint32_t burst = 0;
  uint32_t per_second = 0;
};

class TokenBucket {
 public:
  explicit TokenBucket(RateLimit limit) : limit_(limit), tokens_(limit.burst) {}

  // Adds tokens that have been earned, up to the burst.
  void Give(double tokens) { tokens_ = std::min<double>(limit_.burst, tokens_ + tokens); }

  // Takes one token. False when there is none.
  bool Take(int64_t now_nanos) {
    if (now_nanos > last_nanos_) {
      const double seconds = static_cast<double>(now_nanos - last_nanos_) * 1e-9;
      tokens_ = std::min<double>(limit_.burst, tokens_ + seconds * limit_.per_second);
      last_nanos_ = now_nanos;
    }
    if (tokens_ < 1) return false;
    tokens_ -= 1;
    return true;
  }

 private:
  RateLimit limit_;
  double tokens_;
  int64_t last_nanos_ = 0;
};

}  // namespace ndx::transport
