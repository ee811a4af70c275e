#include "ndx/transport/status_mapping.h"

#include <catch2/catch.hpp>

namespace ndx::transport {
namespace {

using absl::StatusCode;

TEST_CASE("HTTP statuses stand for these codes") {
  struct Case {
    int http;
    StatusCode code;
  };
  const Case cases[] = {{400, StatusCode::kInternal},         {401, StatusCode::kUnauthenticated},
                        {403, StatusCode::kPermissionDenied}, {404, StatusCode::kUnimplemented},
                        {429, StatusCode::kUnavailable},      {502, StatusCode::kUnavailable},
                        {503, StatusCode::kUnavailable},      {504, StatusCode::kUnavailable},
                        {200, StatusCode::kUnknown},          {500, StatusCode::kUnknown},
                        {418, StatusCode::kUnknown},          {0, StatusCode::kUnknown}};
  for (const Case& c : cases) {
    INFO(c.http);
    CHECK(StatusCodeOfHttp(c.http) == c.code);
  }
}

TEST_CASE("HTTP/2 errors stand for these codes") {
  struct Case {
    Http2Error error;
    StatusCode code;
  };
  const Case cases[] = {{Http2Error::kNoError, StatusCode::kInternal},
                        {Http2Error::kProtocolError, StatusCode::kInternal},
                        {Http2Error::kInternalError, StatusCode::kInternal},
                        {Http2Error::kFlowControlError, StatusCode::kInternal},
                        {Http2Error::kSettingsTimeout, StatusCode::kUnknown},
                        {Http2Error::kStreamClosed, StatusCode::kUnknown},
                        {Http2Error::kFrameSizeError, StatusCode::kInternal},
                        {Http2Error::kRefusedStream, StatusCode::kUnavailable},
                        {Http2Error::kCancel, StatusCode::kCancelled},
                        {Http2Error::kCompressionError, StatusCode::kInternal},
                        {Http2Error::kConnectError, StatusCode::kInternal},
                        {Http2Error::kEnhanceYourCalm, StatusCode::kResourceExhausted},
                        {Http2Error::kInadequateSecurity, StatusCode::kPermissionDenied},
                        {Http2Error::kHttp11Required, StatusCode::kUnknown}};
  for (const Case& c : cases) {
    INFO(Http2ErrorName(static_cast<uint32_t>(c.error)));
    CHECK(StatusCodeOfReset(static_cast<uint32_t>(c.error)) == c.code);
  }
  CHECK(StatusCodeOfReset(4711) == StatusCode::kUnknown);
  CHECK(Http2ErrorName(8) == "CANCEL");
  CHECK(Http2ErrorName(4711) == "error");
}

}  // namespace
}  // namespace ndx::transport
