// A core::Refusal as an absl::Status that keeps all of it, and the wire form of both.
//
//   return RefusalStatus({.reason = exchange::v1::ERROR_REASON_EXCHANGE_UNKNOWN});
//
// Thread-safety: thread-safe functions.
// Format: google.rpc.Status with ErrorInfo{domain "ndx", reason, metadata "fault"}, a
// LocalizedMessage in Vietnamese and one in English, BadRequest for violations, RetryInfo.
#pragma once

#include "absl/status/status.h"
#include "ndx/core/refusal.h"
#include "ndx/transport/grpc_status.h"

namespace ndx::console {

// Code and English text of the reason's table entry; the details travel as a payload.
absl::Status RefusalStatus(const core::Refusal& refusal);

// The final status of a call. A Status that is not from RefusalStatus() has no details.
transport::GrpcStatus ToWireStatus(const absl::Status& status);

}  // namespace ndx::console
