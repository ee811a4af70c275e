// Whoever waits for the answer of an exchange: a face of the node (gRPC, …) or a replay.
//
// Thread-safety: everything on the exchange's event loop.
// Ownership: the caller outlives the exchange's use of it: until Finish(), which is its last call.
#pragma once

#include <cstddef>

#include "ndx/transport/grpc_status.h"
#include "ndx/transport/message.h"
#include "ndx/transport/metadata.h"

namespace ndx::broker {

class Caller {
 public:
  virtual ~Caller() = default;

  // At most once, before the first message.
  virtual void SendInitialMetadata(transport::Metadata metadata) = 0;

  // Never blocks: watch pending_send_bytes().
  virtual void SendMessage(transport::Message message) = 0;

  // The final status.
  virtual void Finish(transport::GrpcStatus status, transport::Metadata trailers) = 0;

  // Bytes sent and not yet taken; Exchange::OnCallerSendable is called when they have become few.
  virtual size_t pending_send_bytes() const = 0;
};

}  // namespace ndx::broker
