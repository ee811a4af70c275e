// The Connect protocol for unary calls over HTTP/1.1: what a request has to look like, and how
// answers and errors are written. A POST of JSON or of a protobuf message; no web form and no link
// of another site can make one, because of its content type and of a header of its own.
//
//   POST /ndx.console.v1.OperatorService/GetStatus
//   Content-Type: application/json        or application/proto
//   Connect-Protocol-Version: 1           required
//   Connect-Timeout-Ms: 5000              optional, at most ten digits
//   Content-Encoding: gzip                optional
//
// Errors are JSON: {"code": "not_found", "message": …, "details": [{"type", "value", "debug"}]}.
//
// Thread-safety: thread-safe functions.
// Source: connectrpc.com/docs/protocol, "Unary-Request", "Unary-Response", "Error codes". JSON is
// that of protocol buffers; a field that there is not is refused, because it is a slip.
#pragma once

#include <optional>
#include <string>
#include <variant>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "google/protobuf/descriptor.h"
#include "ndx/http/http_site.h"

namespace ndx::console {

enum class ConnectCodec { kJson, kProto };

struct ConnectRequest {
  ConnectCodec codec = ConnectCodec::kJson;
  std::string body;  // not compressed any more
  std::optional<absl::Duration> timeout;
};

// The request, or the answer to one that is none: 405 and 415 for what is not Connect, 400 for a
// version, a timeout or a compression that does not hold, 501 for another compression than gzip,
// 429 for a body that unpacks to more than bytes_max.
std::variant<ConnectRequest, http::HttpResponse> ReadConnectRequest(
    const http::HttpRequest& request, size_t bytes_max);

// The answer that says an error. A Status of RefusalStatus() has details.
http::HttpResponse ConnectError(const absl::Status& status);

// The answer to a unary call: the message serialized as `type`.
http::HttpResponse ConnectAnswer(ConnectCodec codec, const google::protobuf::Descriptor& type,
                                 const std::string& message);

// The message of a request, serialized. kInvalidArgument without anything of the body.
absl::StatusOr<std::string> MessageOf(const ConnectRequest& request,
                                      const google::protobuf::Descriptor& type);

// True if the request is one of a streaming call, by its content type.
bool IsConnectStream(const http::HttpRequest& request);
// The answer to such a call: no message, and the error as its end.
http::HttpResponse ConnectStreamError(const http::HttpRequest& request, const absl::Status& status);

}  // namespace ndx::console
