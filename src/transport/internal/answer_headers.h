// A header block of an answer: initial headers, trailers, or both in one.
//
// Thread-safety: thread-compatible.
// Source: gRPC "PROTOCOL-HTTP2", Responses.
#pragma once

#include <cstddef>
#include <optional>
#include <string>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "ndx/transport/grpc_status.h"
#include "ndx/transport/metadata.h"

namespace ndx::transport {

struct AnswerHeaders {
  // A list this many times over its limit is taken for an attack.
  static constexpr size_t kAttackFactor = 4;

  int http_status = 0;
  bool is_grpc = false;  // by its content-type
  std::optional<GrpcStatus> status;
  Metadata metadata;
  // The first thing wrong: kResourceExhausted (over a limit) or kInternal.
  absl::Status problem;

  // One field. False when the list is beyond what a mistake explains.
  bool Add(absl::string_view name, absl::string_view value, size_t bytes_max, size_t count_max);

 private:
  void AddGrpc(absl::string_view name, absl::string_view value);
  void AddCustom(absl::string_view name, absl::string_view value);
  void Fail(absl::Status what);

  size_t bytes_ = 0;
  size_t count_ = 0;
  std::string message_;
  std::string details_;
};

}  // namespace ndx::transport
