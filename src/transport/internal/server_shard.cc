#include "internal/server_shard.h"

#include <unistd.h>

#include <utility>

#include "internal/socket_address.h"

namespace ndx::transport {

ServerShard::ServerShard(ServerShared& shared, EventLoop& loop, size_t listeners)
    : shared_(shared), loop_(loop), tls_(listeners) {}

ServerShard::~ServerShard() = default;

void ServerShard::AddListener(std::unique_ptr<Listener> listener) {
  listener->Start();
  listeners_.push_back(std::move(listener));
}

void ServerShard::Adopt(int fd, size_t listener) {
  if (draining_) {
    close(fd);
    load_.fetch_sub(1, std::memory_order_relaxed);
    shared_.connections.fetch_sub(1, std::memory_order_relaxed);
    return;
  }
  if (!PeerAddressOf(fd).is_unix()) {
    TuneTcp(fd, absl::ToInt64Milliseconds(shared_.options.timeouts.tcp_user));
  }
  auto stream = tls_[listener] != nullptr
                    ? std::make_unique<ByteStream>(fd, tls_[listener], true, std::string())
                    : std::make_unique<ByteStream>(fd);
  auto connection = std::make_unique<ServerConnection>(shared_, *this, loop_, std::move(stream));
  ServerConnection* raw = connection.get();
  connections_.emplace(raw, std::move(connection));
  raw->Start();
}

ServerStream* ServerShard::NewStream(ServerConnection& connection, int32_t id) {
  auto stream = std::make_unique<ServerStream>(shared_, *this, connection, id);
  ServerStream* raw = stream.get();
  streams_.emplace(raw, std::move(stream));
  return raw;
}

void ServerShard::Release(ServerStream* stream) {
  const auto found = streams_.find(stream);
  if (found == streams_.end()) return;
  stream->TellClosed();
  streams_.erase(found);
  TellIfEmpty();
}

void ServerShard::Release(ServerConnection* connection) {
  connections_.erase(connection);
  load_.fetch_sub(1, std::memory_order_relaxed);
  shared_.connections.fetch_sub(1, std::memory_order_relaxed);
  TellIfEmpty();
}

void ServerShard::Drain(absl::Duration deadline, absl::AnyInvocable<void(bool)> done) {
  draining_ = true;
  drained_ = std::move(done);
  listeners_.clear();
  for (const auto& [raw, connection] : connections_) raw->Drain();
  drain_timer_ = loop_.RunAfter(deadline, [this] {
    EndConnections();
    loop_.Defer([this] {
      if (drained_) std::exchange(drained_, nullptr)(false);
    });
  });
  TellIfEmpty();
}

void ServerShard::TellIfEmpty() {
  if (!drained_ || !connections_.empty() || !streams_.empty()) return;
  loop_.Cancel(drain_timer_);
  std::exchange(drained_, nullptr)(true);
}

void ServerShard::EndConnections() {
  draining_ = true;
  listeners_.clear();
  for (const auto& [raw, connection] : connections_) {
    raw->End(ConnectionEnd::kStopping, "the server stops");
  }
}

void ServerShard::DropCalls() {
  loop_.Cancel(drain_timer_);
  drained_ = nullptr;
  // Behind the releases that calls have put off to the end of this round.
  loop_.Defer([this] { streams_.clear(); });
}

}  // namespace ndx::transport
