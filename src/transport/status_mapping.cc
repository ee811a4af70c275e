#include "ndx/transport/status_mapping.h"

namespace ndx::transport {

absl::StatusCode StatusCodeOfHttp(int http_status) {
  switch (http_status) {
    case 400:
      return absl::StatusCode::kInternal;
    case 401:
      return absl::StatusCode::kUnauthenticated;
    case 403:
      return absl::StatusCode::kPermissionDenied;
    case 404:
      return absl::StatusCode::kUnimplemented;
    case 429:
    case 502:
    case 503:
    case 504:
      return absl::StatusCode::kUnavailable;
    default:
      return absl::StatusCode::kUnknown;
  }
}

absl::StatusCode StatusCodeOfReset(uint32_t http2_error) {
  switch (static_cast<Http2Error>(http2_error)) {
    case Http2Error::kNoError:
    case Http2Error::kProtocolError:
    case Http2Error::kInternalError:
    case Http2Error::kFlowControlError:
    case Http2Error::kFrameSizeError:
    case Http2Error::kCompressionError:
    case Http2Error::kConnectError:
      return absl::StatusCode::kInternal;
    case Http2Error::kRefusedStream:
      return absl::StatusCode::kUnavailable;
    case Http2Error::kCancel:
      return absl::StatusCode::kCancelled;
    case Http2Error::kEnhanceYourCalm:
      return absl::StatusCode::kResourceExhausted;
    case Http2Error::kInadequateSecurity:
      return absl::StatusCode::kPermissionDenied;
    case Http2Error::kSettingsTimeout:
    case Http2Error::kStreamClosed:
    case Http2Error::kHttp11Required:
      break;
  }
  return absl::StatusCode::kUnknown;
}

absl::string_view Http2ErrorName(uint32_t http2_error) {
  constexpr absl::string_view kNames[] = {
      "NO_ERROR",
      "PROTOCOL_ERROR",
      "INTERNAL_ERROR",
      "FLOW_CONTROL_ERROR",
      "SETTINGS_TIMEOUT",
      "STREAM_CLOSED",
      "FRAME_SIZE_ERROR",
      "REFUSED_STREAM",
      "CANCEL",
      "COMPRESSION_ERROR",
      "CONNECT_ERROR",
      "ENHANCE_YOUR_CALM",
      "INADEQUATE_SECURITY",
      "HTTP_1_1_REQUIRED",
  };
  return http2_error < std::size(kNames) ? kNames[http2_error] : "error";
}

}  // namespace ndx::transport
