// Trace context of one exchange, as carried in the header traceparent.
//
// Thread-safety: value type.
// Source: W3C Trace Context, Recommendation of 23 November 2021, sections 3.2 and 4.
#pragma once

#include <array>
#include <cstdint>
#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "ndx/core/random.h"

namespace ndx::telemetry {

class TraceContext {
 public:
  static constexpr size_t kTraceIdBytes = 16;
  static constexpr size_t kSpanIdBytes = 8;
  // Length of a traceparent of version 00, the only one written.
  static constexpr size_t kTextLength = 55;

  // The invalid context: all zero.
  TraceContext() = default;

  // A new trace, for an exchange that came without one. Not sampled.
  static TraceContext Root(core::Random& random);

  // Parses a traceparent. Versions above 00 are read as 00 and what follows is dropped, as the
  // recommendation says. kInvalidArgument, without the input, for anything else; the caller then
  // starts a new trace.
  static absl::StatusOr<TraceContext> Parse(absl::string_view traceparent);

  // The same trace and flags with a span id of this node's own, for the next hop.
  TraceContext Child(core::Random& random) const;

  // The traceparent of version 00, 55 characters.
  std::string ToString() const;

  // The 16 bytes of the trace id, as leaves hold it.
  absl::string_view trace_id() const;
  // The 8 bytes of the span id.
  absl::string_view span_id() const;
  bool sampled() const { return (flags_ & 0x01) != 0; }
  bool is_valid() const;

  friend bool operator==(const TraceContext&, const TraceContext&) = default;

 private:
  std::array<uint8_t, kTraceIdBytes> trace_id_{};
  std::array<uint8_t, kSpanIdBytes> span_id_{};
  uint8_t flags_ = 0;
};

}  // namespace ndx::telemetry
