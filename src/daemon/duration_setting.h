// A duration of the settings as the rest of the program has it.
#pragma once

#include "absl/time/time.h"
#include "google/protobuf/duration.pb.h"

namespace ndx::daemon {

inline absl::Duration DurationOf(const google::protobuf::Duration& duration) {
  return absl::Seconds(duration.seconds()) + absl::Nanoseconds(duration.nanos());
}

}  // namespace ndx::daemon
