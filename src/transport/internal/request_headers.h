// The header block of a request as it comes in: sorted into what HTTP/2, gRPC and the application
// own, and judged.
//
// Thread-safety: thread-compatible.
// Source: gRPC "PROTOCOL-HTTP2", Requests.
#pragma once

#include <cstdint>
#include <string>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "ndx/transport/server.h"
#include "ndx/transport/server_call.h"

namespace ndx::transport {

class RequestHeaders {
 public:
  // options must outlive it.
  explicit RequestHeaders(const ServerOptions& options) : options_(options) {}

  // One field. False when the list is beyond what a mistake explains.
  bool Add(absl::string_view name, absl::string_view value);

  // 0 when this is gRPC; else the HTTP status to answer with.
  int HttpRefusal() const;

  // What is wrong with a gRPC request; OK when nothing is.
  const absl::Status& status() const { return status_; }
  bool gzip() const { return gzip_; }
  bool unknown_encoding() const { return unknown_encoding_; }

  // The request; this object is used up.
  RequestHead Take(int64_t now_nanos);

 private:
  void AddPseudo(absl::string_view name, absl::string_view value);
  bool AddGrpc(absl::string_view name, absl::string_view value);
  void AddCustom(absl::string_view name, absl::string_view value);
  void Fail(absl::Status status);

  const ServerOptions& options_;
  RequestHead head_;
  absl::Status status_;
  size_t bytes_ = 0;
  size_t count_ = 0;
  bool is_post_ = false;
  bool is_grpc_ = false;
  bool takes_trailers_ = false;
  bool gzip_ = false;
  bool unknown_encoding_ = false;
  int64_t timeout_nanos_ = -1;
};

}  // namespace ndx::transport
