#include "internal/request_headers.h"

#include <algorithm>
#include <utility>

#include "absl/strings/match.h"
#include "ndx/transport/grpc_timeout.h"

namespace ndx::transport {
namespace {

// "application/grpc" alone or followed by "+proto" or ";…"; not "application/grpc-web".
bool IsGrpcContentType(absl::string_view value) {
  constexpr absl::string_view kGrpc = "application/grpc";
  if (!absl::StartsWith(value, kGrpc)) return false;
  return value.size() == kGrpc.size() || value[kGrpc.size()] == '+' || value[kGrpc.size()] == ';';
}

}  // namespace

bool RequestHeaders::Add(absl::string_view name, absl::string_view value) {
  const ServerLimits& limits = options_.limits;
  bytes_ += name.size() + value.size() + Metadata::kEntryOverheadBytes;
  ++count_;
  if (bytes_ > limits.header_list_bytes_max * limits.header_attack_factor) return false;
  const bool pseudo = !name.empty() && name.front() == ':';
  if (bytes_ > limits.header_list_bytes_max || count_ > limits.header_count_max) {
    Fail(absl::ResourceExhaustedError("the request's metadata is larger than the limit"));
    if (pseudo) AddPseudo(name, {});
    return true;
  }
  if (pseudo) {
    AddPseudo(name, value);
  } else if (!AddGrpc(name, value)) {
    AddCustom(name, value);
  }
  return true;
}

void RequestHeaders::AddPseudo(absl::string_view name, absl::string_view value) {
  if (name == ":path") {
    head_.path = std::string(value);
  } else if (name == ":authority") {
    head_.authority = std::string(value);
  } else if (name == ":method") {
    is_post_ = value == "POST";
  }
}

bool RequestHeaders::AddGrpc(absl::string_view name, absl::string_view value) {
  if (name == "content-type") {
    is_grpc_ = IsGrpcContentType(value);
  } else if (name == "te") {
    takes_trailers_ = takes_trailers_ || absl::StrContains(value, "trailers");
  } else if (name == "user-agent") {
    head_.user_agent = std::string(value);
  } else if (name == "grpc-timeout") {
    const auto timeout = ParseGrpcTimeout(value);
    if (!timeout) Fail(absl::InternalError("grpc-timeout is malformed"));
    timeout_nanos_ = timeout.value_or(-1);
  } else if (name == "grpc-encoding") {
    gzip_ = value == "gzip";
    unknown_encoding_ = !gzip_ && value != "identity";
    if (unknown_encoding_) {
      Fail(absl::UnimplementedError("the message encoding is not supported: use identity or gzip"));
    }
  } else {
    return IsReservedKey(name);
  }
  return true;
}

void RequestHeaders::AddCustom(absl::string_view name, absl::string_view value) {
  const auto is_reserved = [name](const std::string& prefix) {
    return absl::StartsWith(name, prefix);
  };
  const auto& prefixes = options_.reserved_prefixes;
  const auto& allowed = options_.allowed_keys;
  if (std::any_of(prefixes.begin(), prefixes.end(), is_reserved) &&
      std::find(allowed.begin(), allowed.end(), name) == allowed.end()) {
    head_.dropped_keys.emplace_back(name);
    return;
  }
  Fail(head_.metadata.AddFromWire(name, value));
}

void RequestHeaders::Fail(absl::Status status) {
  if (status_.ok()) status_ = std::move(status);
}

int RequestHeaders::HttpRefusal() const {
  // A list over the limit was cut short: what was not seen is not held against it.
  const bool complete = status_.code() != absl::StatusCode::kResourceExhausted;
  if (!is_post_ && complete) return 405;
  if (!is_grpc_ && complete) return 415;
  if (!takes_trailers_ && complete) return 400;
  return 0;
}

RequestHead RequestHeaders::Take(int64_t now_nanos) {
  head_.received_nanos = now_nanos;
  if (timeout_nanos_ >= 0) head_.deadline_nanos = now_nanos + timeout_nanos_;
  return std::move(head_);
}

}  // namespace ndx::transport
