// The answering end of one call, for whichever thread does the work; who carries the answers away
// is GrpcReply's or ConnectReply's matter.
//
// Thread-safety: thread-safe.
// Ownership: shared between the call and whoever will answer; the latter may outlive the call, its
// connection and the server. When the call is gone, because the caller hung up or the server
// stopped, answers are dropped.
#pragma once

#include <cstddef>
#include <string>

#include "absl/status/status.h"

namespace ndx::console {

class CallReply {
 public:
  virtual ~CallReply() = default;

  // Sends one serialized message.
  virtual void Send(std::string message) = 0;

  // The last word. Later calls do nothing.
  virtual void Finish(absl::Status status) = 0;

  // The caller does not wait for an answer any more.
  virtual bool cancelled() const = 0;

  // Messages and bytes that the caller has not taken yet are more than this: leave some out.
  static constexpr size_t kBacklogBytesMax = size_t{256} << 10;
  virtual bool congested() const = 0;

  // Blocks a worker until the caller has taken what was sent, but for the backlog, or is gone. Not
  // on an event loop.
  virtual void WaitWhileCongested() = 0;
};

}  // namespace ndx::console
