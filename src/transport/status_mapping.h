// What gRPC code an HTTP status or an HTTP/2 error code stands for when the peer sent no
// grpc-status.
//
// Thread-safety: thread-safe.
// Source: gRPC "http-grpc-status-mapping" and "PROTOCOL-HTTP2", Errors.
#pragma once

#include <cstdint>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"

namespace ndx::transport {

// HTTP/2 error codes (RFC 9113 section 7).
enum class Http2Error : uint32_t {
  kNoError = 0,
  kProtocolError = 1,
  kInternalError = 2,
  kFlowControlError = 3,
  kSettingsTimeout = 4,
  kStreamClosed = 5,
  kFrameSizeError = 6,
  kRefusedStream = 7,
  kCancel = 8,
  kCompressionError = 9,
  kConnectError = 10,
  kEnhanceYourCalm = 11,
  kInadequateSecurity = 12,
  kHttp11Required = 13,
};

// 200 without a grpc-status is kUnknown too.
absl::StatusCode StatusCodeOfHttp(int http_status);

absl::StatusCode StatusCodeOfReset(uint32_t http2_error);

// "CANCEL", "REFUSED_STREAM" …; "error" for a number without a name.
absl::string_view Http2ErrorName(uint32_t http2_error);

}  // namespace ndx::transport
