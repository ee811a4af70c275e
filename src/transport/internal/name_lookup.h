// Host names to addresses without blocking the loop: getaddrinfo knows no other way than a thread.
//
// The thread is detached because it cannot be interrupted; it shares nothing with the channel but
// the State, and forgets the answer when the channel has gone.
//
// Thread-safety: on the loop, except the thread's own part.
#pragma once

#include <memory>
#include <vector>

#include "absl/functional/any_invocable.h"
#include "absl/status/statusor.h"
#include "internal/socket_address.h"
#include "ndx/transport/event_loop.h"

namespace ndx::transport {

class NameLookup {
 public:
  using Done = absl::AnyInvocable<void(absl::StatusOr<std::vector<SocketAddress>>)>;

  // done runs on the loop, unless this object is destroyed before.
  NameLookup(EventLoop& loop, AddressText address, Done done);
  ~NameLookup();
  NameLookup(const NameLookup&) = delete;
  NameLookup& operator=(const NameLookup&) = delete;

 private:
  struct State;
  std::shared_ptr<State> state_;  // shared with the thread
};

}  // namespace ndx::transport
