#include "internal/server_shard.h"

#include <unistd.h>

#include <algorithm>
#include <utility>

#include "internal/socket_address.h"

namespace ndx::transport {
namespace {

// Between two looks at the answers that nobody takes, while they are too many.
constexpr absl::Duration kReliefPause = absl::Milliseconds(100);

}  // namespace

ServerShard::ServerShard(ServerShared& shared, EventLoop& loop, size_t listeners)
    : shared_(shared),
      loop_(loop),
      tls_(listeners),
      handshakes_max_(std::max<size_t>(shared.options.limits.handshakes_max / shared.shards, 1)),
      unsent_bytes_max_(shared.options.limits.unsent_bytes_max / shared.shards) {}

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
  auto stream =
      tls_[listener] != nullptr
          ? ByteStream::Accepted(fd, tls_[listener], shared_.options.limits.client_hello_bytes_max)
          : std::make_unique<ByteStream>(fd);
  auto connection = std::make_unique<ServerConnection>(shared_, *this, loop_, std::move(stream));
  ServerConnection* raw = connection.get();
  connections_.emplace(raw, std::move(connection));
  MakeRoomForHandshake();
  in_handshake_.emplace(raw, handshakes_.insert(handshakes_.end(), raw));
  raw->Start();
}

// Who has sent nothing goes before who has.
void ServerShard::MakeRoomForHandshake() {
  if (handshakes_.size() < handshakes_max_) return;
  const auto silent =
      std::find_if(handshakes_.begin(), handshakes_.end(),
                   [](const ServerConnection* connection) { return !connection->heard(); });
  ServerConnection* goes = silent != handshakes_.end() ? *silent : handshakes_.front();
  HandshakeOver(goes);
  goes->CrowdOut();
}

void ServerShard::HandshakeOver(ServerConnection* connection) {
  const auto found = in_handshake_.find(connection);
  if (found == in_handshake_.end()) return;
  handshakes_.erase(found->second);
  in_handshake_.erase(found);
}

void ServerShard::RelieveSoon() {
  relief_timer_ = loop_.RunAfter(kReliefPause, [this] {
    relief_timer_ = {};
    Relieve();
  });
}

// Answers that nobody takes give up their memory, the one that has stood still longest first.
void ServerShard::Relieve() {
  if (unsent_bytes() <= unsent_bytes_max_) return;
  const auto pressed = absl::ToInt64Nanoseconds(shared_.options.timeouts.send_stall_pressed);
  std::vector<ServerStream*> stalled;
  for (const auto& [raw, stream] : streams_) {
    if (raw->StalledSince(loop_.NowNanos() - pressed)) stalled.push_back(raw);
  }
  std::sort(stalled.begin(), stalled.end(), [](const ServerStream* a, const ServerStream* b) {
    return a->send_progress_nanos() < b->send_progress_nanos();
  });
  size_t excess = unsent_bytes() - unsent_bytes_max_;
  for (ServerStream* stream : stalled) {
    const size_t bytes = stream->pending_send_bytes();
    stream->CutStalled();
    if (bytes >= excess) break;
    excess -= bytes;
  }
  RelieveSoon();
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
  HandshakeOver(connection);
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

void ServerShard::Dismiss(const std::function<bool(const PeerIdentity&)>& which,
                          absl::Duration grace) {
  for (const auto& [raw, connection] : connections_) {
    if (which(*raw->peer())) raw->Dismiss(grace);
  }
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
  loop_.Cancel(relief_timer_);
  drained_ = nullptr;
  // Behind the releases that calls have put off to the end of this round.
  loop_.Defer([this] { streams_.clear(); });
}

}  // namespace ndx::transport
