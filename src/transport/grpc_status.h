// The final status of a gRPC call, as trailers carry it.
//
// Thread-safety: value type.
// Source: gRPC "PROTOCOL-HTTP2", section Responses; codes have the numbers of absl::StatusCode.
#pragma once

#include <string>
#include <utility>

#include "absl/status/status.h"

namespace ndx::transport {

struct GrpcStatus {
  // 0 to 16. A number outside is kept as received.
  int code = 0;
  // grpc-message, decoded: UTF-8.
  std::string message;
  // grpc-status-details-bin, decoded: a serialised google.rpc.Status, or empty.
  std::string details_bin;

  bool ok() const { return code == 0; }

  friend bool operator==(const GrpcStatus&, const GrpcStatus&) = default;
};

inline GrpcStatus MakeGrpcStatus(absl::StatusCode code, std::string message) {
  return GrpcStatus{static_cast<int>(code), std::move(message), {}};
}

inline GrpcStatus ToGrpcStatus(const absl::Status& status) {
  return GrpcStatus{static_cast<int>(status.code()), std::string(status.message()), {}};
}

}  // namespace ndx::transport
