// The part of a server that lives on one event loop: its listeners, connections and calls.
//
// Thread-safety: on its loop, except least-loaded accounting (atomic).
// Ownership: owned by the Server; owns connections and streams.
#pragma once

#include <atomic>
#include <functional>
#include <list>
#include <memory>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/functional/any_invocable.h"
#include "internal/listener.h"
#include "internal/server_connection.h"
#include "internal/server_shared.h"
#include "internal/tls_context.h"

namespace ndx::transport {

class ServerShard {
 public:
  ServerShard(ServerShared& shared, EventLoop& loop, size_t listeners);
  ~ServerShard();

  EventLoop& loop() { return loop_; }
  bool draining() const { return draining_; }
  size_t connections() const { return load_.load(std::memory_order_relaxed); }

  // Counts a connection that is on its way here, so that bursts are spread.
  void Reserve() { load_.fetch_add(1, std::memory_order_relaxed); }

  // Takes over an accepted socket; Reserve() was called for it.
  void Adopt(int fd, size_t listener);

  void AddListener(std::unique_ptr<Listener> listener);
  void SetTls(size_t listener, std::shared_ptr<const TlsContext> tls) {
    tls_[listener] = std::move(tls);
  }

  // The connection has come through its handshake.
  void HandshakeOver(ServerConnection* connection);

  // Bytes of answers queued, and those that the output took or that were dropped.
  void AddUnsent(size_t bytes) {
    SetUnsent(unsent_bytes() + bytes);
    if (unsent_bytes() > unsent_bytes_max_ && relief_timer_.number == 0) RelieveSoon();
  }
  void TakeUnsent(size_t bytes) { SetUnsent(unsent_bytes() - bytes); }
  size_t unsent_bytes() const {
    return unsent_bytes_.load(std::memory_order_relaxed);
  }  // any thread

  ServerStream* NewStream(ServerConnection& connection, int32_t id);
  void Release(ServerStream* stream);
  void Release(ServerConnection* connection);

  // Stops accepting, drains; done(clean) once, when empty or at the deadline.
  void Drain(absl::Duration deadline, absl::AnyInvocable<void(bool)> done);

  // Tells the connections of some peers to go, and cuts them after the grace.
  void Dismiss(const std::function<bool(const PeerIdentity&)>& which, absl::Duration grace);

  // Ends connections; after this round no connection is left.
  void EndConnections();
  // Destroys calls that their service never finished; after this round nothing is left.
  void DropCalls();

 private:
  void SetUnsent(size_t bytes) { unsent_bytes_.store(bytes, std::memory_order_relaxed); }
  void TellIfEmpty();
  void MakeRoomForHandshake();
  void RelieveSoon();
  void Relieve();

  ServerShared& shared_;
  EventLoop& loop_;
  std::vector<std::shared_ptr<const TlsContext>> tls_;  // by listener; null: plaintext
  std::vector<std::unique_ptr<Listener>> listeners_;
  absl::flat_hash_map<ServerConnection*, std::unique_ptr<ServerConnection>> connections_;
  absl::flat_hash_map<ServerStream*, std::unique_ptr<ServerStream>> streams_;
  std::list<ServerConnection*> handshakes_;  // under way, the oldest first
  absl::flat_hash_map<ServerConnection*, std::list<ServerConnection*>::iterator> in_handshake_;
  const size_t handshakes_max_;
  const size_t unsent_bytes_max_;
  std::atomic<size_t> unsent_bytes_{0};  // written on the loop only
  EventLoop::TimerId relief_timer_;
  std::atomic<size_t> load_{0};
  bool draining_ = false;
  EventLoop::TimerId drain_timer_;
  absl::AnyInvocable<void(bool)> drained_;
};

}  // namespace ndx::transport
