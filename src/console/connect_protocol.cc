#include "ndx/console/connect_protocol.h"

#include <array>
#include <cstdint>
#include <memory>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/escaping.h"
#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "google/protobuf/dynamic_message.h"
#include "google/protobuf/struct.pb.h"
#include "google/protobuf/util/json_util.h"
#include "google/rpc/error_details.pb.h"
#include "google/rpc/status.pb.h"
#include "ndx/console/refusal_status.h"
#include "ndx/transport/gzip.h"

namespace ndx::console {
namespace {

using google::protobuf::Message;

constexpr char kJsonType[] = "application/json";
constexpr char kProtoType[] = "application/proto";
constexpr absl::string_view kStreamType = "application/connect+";
constexpr size_t kTimeoutDigitsMax = 10;
constexpr size_t kGzipRatioMax = 100;
// In front of the last message of a stream: the flag for it, and its length.
constexpr char kEndOfStream = 2;
constexpr size_t kEnvelopeBytes = 5;

struct Code {
  const char* name;
  int http_status;
};
// By gRPC's number of the code.
constexpr std::array<Code, 17> kCodes = {{{"unknown", 500},
                                          {"canceled", 499},
                                          {"unknown", 500},
                                          {"invalid_argument", 400},
                                          {"deadline_exceeded", 504},
                                          {"not_found", 404},
                                          {"already_exists", 409},
                                          {"permission_denied", 403},
                                          {"resource_exhausted", 429},
                                          {"failed_precondition", 400},
                                          {"aborted", 409},
                                          {"out_of_range", 400},
                                          {"unimplemented", 501},
                                          {"internal", 500},
                                          {"unavailable", 503},
                                          {"data_loss", 500},
                                          {"unauthenticated", 401}}};

// The one value of a header: nullopt where it is absent, empty where it stands several times.
std::optional<std::string> HeaderOf(const http::HttpRequest& request, absl::string_view name) {
  std::optional<std::string> found;
  for (const auto& [key, value] : request.headers) {
    if (key != name) continue;
    if (found.has_value()) return "";
    found = value;
  }
  return found;
}

// In lower case, without "; charset=utf-8".
std::string ContentTypeOf(const http::HttpRequest& request) {
  std::string type = absl::AsciiStrToLower(HeaderOf(request, "content-type").value_or(""));
  const size_t semicolon = type.find(';');
  if (semicolon == std::string::npos) return type;
  std::string parameter(absl::StripAsciiWhitespace(type.substr(semicolon + 1)));
  if (parameter != "charset=utf-8" && parameter != "charset=\"utf-8\"") return "";
  return std::string(absl::StripAsciiWhitespace(type.substr(0, semicolon)));
}

std::string JsonOf(const Message& message) {
  std::string text;
  if (!google::protobuf::util::MessageToJsonString(message, &text).ok()) return "{}";
  return text;
}

std::string Quoted(absl::string_view text) {
  google::protobuf::Value value;
  value.set_string_value(std::string(text));
  return JsonOf(value);
}

std::unique_ptr<Message> NewMessage(const google::protobuf::Descriptor& type) {
  return std::unique_ptr<Message>(
      google::protobuf::MessageFactory::generated_factory()->GetPrototype(&type)->New());
}

// One detail; for people with curl also readable, where its type is linked in.
std::string DetailOf(const google::protobuf::Any& any) {
  const std::string name = any.type_url().substr(any.type_url().rfind('/') + 1);
  std::string value = absl::Base64Escape(any.value());
  while (absl::EndsWith(value, "=")) value.pop_back();
  std::string debug;
  const auto* const type =
      google::protobuf::DescriptorPool::generated_pool()->FindMessageTypeByName(name);
  if (type != nullptr) {
    const auto message = NewMessage(*type);
    if (message->ParseFromString(any.value())) debug = JsonOf(*message);
  }
  return absl::StrCat("{\"type\":", Quoted(name), ",\"value\":", Quoted(value),
                      debug.empty() ? "" : ",\"debug\":", debug, "}");
}

const Code& CodeOf(const absl::Status& status) {
  const auto number = static_cast<size_t>(status.code());
  return kCodes.at(number < kCodes.size() ? number : 2);
}

std::string ErrorOf(const absl::Status& status) {
  google::rpc::Status wire;
  if (!wire.ParseFromString(ToWireStatus(status).details_bin)) wire.clear_details();
  std::string details;
  for (const auto& any : wire.details()) {
    absl::StrAppend(&details, details.empty() ? "" : ",", DetailOf(any));
  }
  return absl::StrCat("{\"code\":\"", CodeOf(status).name,
                      "\",\"message\":", Quoted(status.message()),
                      details.empty() ? "" : absl::StrCat(",\"details\":[", details, "]"), "}");
}

// The body, unpacked where it is compressed.
absl::StatusOr<std::string> BodyOf(const http::HttpRequest& request, size_t bytes_max) {
  const std::string encoding =
      absl::AsciiStrToLower(HeaderOf(request, "content-encoding").value_or("identity"));
  if (encoding == "identity") return request.body;
  if (encoding != "gzip") {
    return absl::UnimplementedError("send the body as it is, or compressed with gzip");
  }
  auto body = transport::Gunzip(request.body, bytes_max, kGzipRatioMax);
  if (absl::IsInternal(body.status())) {
    return absl::InvalidArgumentError("the body is not what its Content-Encoding says");
  }
  return body;
}

absl::Status CheckVersion(const http::HttpRequest& request) {
  if (HeaderOf(request, "connect-protocol-version") == "1") return absl::OkStatus();
  return absl::InvalidArgumentError("the header Connect-Protocol-Version: 1 is required");
}

absl::StatusOr<std::optional<absl::Duration>> TimeoutOf(const http::HttpRequest& request) {
  const auto text = HeaderOf(request, "connect-timeout-ms");
  if (!text.has_value()) return std::nullopt;
  int64_t millis = -1;
  const bool plain = text->size() <= kTimeoutDigitsMax &&
                     text->find_first_not_of("0123456789") == std::string::npos;
  if (!plain || !absl::SimpleAtoi(*text, &millis)) {
    return absl::InvalidArgumentError("Connect-Timeout-Ms is one to ten digits");
  }
  return absl::Milliseconds(millis);
}

}  // namespace

std::variant<ConnectRequest, http::HttpResponse> ReadConnectRequest(
    const http::HttpRequest& request, size_t bytes_max) {
  if (request.method != "POST") {
    return http::HttpResponse{.status = 405, .body = "use POST\n", .headers = {{"Allow", "POST"}}};
  }
  const std::string type = ContentTypeOf(request);
  if (type != kJsonType && type != kProtoType) {
    return http::HttpResponse{.status = 415,
                              .body = "use Content-Type application/json or application/proto\n",
                              .headers = {{"Accept-Post", "application/json, application/proto"}}};
  }
  if (absl::Status status = CheckVersion(request); !status.ok()) return ConnectError(status);
  auto timeout = TimeoutOf(request);
  if (!timeout.ok()) return ConnectError(timeout.status());
  auto body = BodyOf(request, bytes_max);
  if (!body.ok()) return ConnectError(body.status());
  return ConnectRequest{.codec = type == kJsonType ? ConnectCodec::kJson : ConnectCodec::kProto,
                        .body = *std::move(body),
                        .timeout = *timeout};
}

http::HttpResponse ConnectError(const absl::Status& status) {
  http::HttpResponse response{
      .status = CodeOf(status).http_status, .content_type = kJsonType, .body = ErrorOf(status)};
  if (absl::IsUnauthenticated(status)) response.headers.emplace_back("WWW-Authenticate", "Bearer");
  return response;
}

http::HttpResponse ConnectAnswer(ConnectCodec codec, const google::protobuf::Descriptor& type,
                                 const std::string& message) {
  if (codec == ConnectCodec::kProto) return {.content_type = kProtoType, .body = message};
  const auto read = NewMessage(type);
  http::HttpResponse response{.content_type = kJsonType};
  if (!read->ParseFromString(message) ||
      !google::protobuf::util::MessageToJsonString(*read, &response.body).ok()) {
    return ConnectError(
        absl::InternalError("the answer cannot be written as JSON; ask for application/proto"));
  }
  return response;
}

absl::StatusOr<std::string> MessageOf(const ConnectRequest& request,
                                      const google::protobuf::Descriptor& type) {
  if (request.codec == ConnectCodec::kProto) return request.body;
  const auto message = NewMessage(type);
  // What the library finds wrong may repeat the body, and with it a person's number.
  if (!google::protobuf::util::JsonStringToMessage(request.body, message.get()).ok()) {
    return absl::InvalidArgumentError(
        absl::StrCat("the body is no ", type.full_name(),
                     " in JSON: check its form, the names of its fields and their types"));
  }
  return message->SerializeAsString();
}

bool IsConnectStream(const http::HttpRequest& request) {
  return absl::StartsWith(ContentTypeOf(request), kStreamType);
}

http::HttpResponse ConnectStreamError(const http::HttpRequest& request,
                                      const absl::Status& status) {
  const std::string text = absl::StrCat("{\"error\":", ErrorOf(status), "}");
  std::string body(kEnvelopeBytes, '\0');
  body[0] = kEndOfStream;
  for (size_t i = 1; i < kEnvelopeBytes; ++i) {
    body[i] = static_cast<char>(text.size() >> (8 * (kEnvelopeBytes - 1 - i)));
  }
  const bool json = ContentTypeOf(request) == absl::StrCat(kStreamType, "json");
  return {.content_type = absl::StrCat(kStreamType, json ? "json" : "proto"),
          .body = absl::StrCat(body, text)};
}

}  // namespace ndx::console
