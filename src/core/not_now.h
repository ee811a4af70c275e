// A provider's own "not now" (không phải lúc này): by its gRPC status it says that nothing was done
// and that it may be asked again. Whoever recalls or delivers a request must agree
// on it: as an answer it is one, as the end of a request it is none.
//
// Thread-safety: thread-safe.
#pragma once

#include "absl/status/status.h"

namespace ndx::core {

// Of a gRPC status code.
inline bool SaysNotNow(int grpc_status) {
  const auto code = static_cast<absl::StatusCode>(grpc_status);
  return code == absl::StatusCode::kUnavailable || code == absl::StatusCode::kResourceExhausted;
}

}  // namespace ndx::core
