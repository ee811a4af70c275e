// Headers or trailers about to be sent: keeps the encoded values alive until nghttp2 has copied
// them, and marks what HPACK must never index.
//
// Thread-safety: thread-compatible.
// Ownership: names and values added by view must outlive the submit call; encoded ones are kept
// here.
#pragma once

#include <nghttp2/nghttp2.h>

#include <forward_list>
#include <string>

#include "absl/container/inlined_vector.h"
#include "absl/strings/string_view.h"
#include "ndx/transport/grpc_status.h"
#include "ndx/transport/metadata.h"

namespace ndx::transport {

class HeaderList {
 public:
  // An entry as it stands; the views must stay valid.
  void Add(absl::string_view name, absl::string_view value);

  // An entry whose value is kept here.
  void AddOwned(absl::string_view name, std::string value);

  // Custom metadata, -bin values in base64. Keys that gRPC or HTTP own are left out.
  void AddMetadata(const Metadata& metadata);

  // grpc-status, grpc-message, grpc-status-details-bin.
  void AddStatus(const GrpcStatus& status);

  const nghttp2_nv* data() const { return entries_.data(); }
  size_t size() const { return entries_.size(); }

 private:
  absl::InlinedVector<nghttp2_nv, 16> entries_;
  std::forward_list<std::string> owned_;  // a list: the views into it must stay valid
};

}  // namespace ndx::transport
