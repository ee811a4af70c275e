// What the frames of one peer may cost: a bucket for each kind that costs us more than the sender.
//
// Thread-safety: thread-compatible; lives on the connection's loop.
// Units: nanoseconds of a monotonic clock.
#pragma once

#include <nghttp2/nghttp2.h>

#include <cstddef>
#include <cstdint>
#include <optional>

#include "ndx/transport/connection_event.h"
#include "ndx/transport/token_bucket.h"

namespace ndx::transport {

struct FrameLimits {
  RateLimit pings;
  RateLimit settings;
  RateLimit resets;
  RateLimit empty_frames;
  RateLimit window_updates;
  RateLimit key_updates;
};

class FrameBudget {
 public:
  explicit FrameBudget(const FrameLimits& limits);

  // Each counts one, and says what it is when there are too many.
  using Verdict = std::optional<ConnectionAttack>;
  // A frame received, by its head.
  Verdict Received(const nghttp2_frame_hd& head, int64_t now_nanos);
  // A stream that the peer made us reset or refuse.
  Verdict Provoked(int64_t now_nanos);
  // Something that says nothing: a 1xx answer.
  Verdict Empty(int64_t now_nanos);
  // A handshake message of TLS after the handshake.
  Verdict KeyUpdate(int64_t now_nanos);

  // DATA sent: for it the peer may open its windows.
  void Sent(size_t bytes);

 private:
  TokenBucket pings_;
  TokenBucket settings_;
  TokenBucket resets_;
  TokenBucket empty_frames_;
  TokenBucket window_updates_;
  TokenBucket key_updates_;
};

}  // namespace ndx::transport
