#include "internal/server_connection.h"

#include <sys/socket.h>

#include <algorithm>
#include <limits>

#include "absl/strings/str_cat.h"
#include "internal/server_shard.h"
#include "internal/socket_address.h"

namespace ndx::transport {
namespace {

constexpr absl::string_view kDrainPing = "draining";

Http2Settings SettingsOf(const ServerOptions& options) {
  Http2Settings settings = CommonSettings(options);
  settings.server = true;
  settings.concurrent_streams_max = options.limits.concurrent_streams_max;
  settings.handshake = options.timeouts.handshake;
  return settings;
}

PeerIdentity IdentityOf(int fd, uint64_t id) {
  PeerIdentity identity;
  identity.connection_id = id;
  const SocketAddress address = PeerAddressOf(fd);
  identity.address = address.ToString();
  if (!address.is_unix()) return identity;
  identity.kind = PeerKind::kUnix;
  ucred credentials{};
  socklen_t length = sizeof(credentials);
  if (getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &credentials, &length) == 0) {
    identity.unix_peer = {credentials.pid, credentials.uid, credentials.gid};
  }
  identity.address = absl::StrCat("unix:pid=", credentials.pid);
  return identity;
}

CancelCause CancelCauseOf(ConnectionEnd end) {
  switch (end) {
    case ConnectionEnd::kCut:
    case ConnectionEnd::kNotHttp2:
      return CancelCause::kConnectionCut;
    case ConnectionEnd::kStopping:
      return CancelCause::kServerStopping;
    default:
      return CancelCause::kConnectionLost;
  }
}

}  // namespace

ServerConnection::ServerConnection(ServerShared& shared, ServerShard& shard, EventLoop& loop,
                                   std::unique_ptr<ByteStream> stream)
    : Http2Connection(loop, std::move(stream), SettingsOf(shared.options)),
      shared_(shared),
      shard_(shard),
      bad_requests_(shared.options.limits.bad_requests) {
  const uint64_t id = shared_.next_connection_id.fetch_add(1, std::memory_order_relaxed);
  peer_ = std::make_shared<const PeerIdentity>(IdentityOf(this->stream().fd(), id));
}

bool ServerConnection::OnTlsDone(ByteStream& stream) {
  if (stream.ssl() == nullptr) return true;
  PeerIdentity identity = *peer_;
  identity.kind = PeerKind::kTls;
  identity.certificate_time = stream.verification().time;
  if (!ReadPeerCertificate(stream.ssl(), &identity)) return false;
  peer_ = std::make_shared<const PeerIdentity>(std::move(identity));
  counted_ = shared_.per_certificate.Take(peer_->leaf_der);
  if (!counted_) RefuseHandshake(HandshakeRefusal::kTooManyConnections, "of this certificate");
  return counted_;
}

void ServerConnection::CrowdOut() {
  RefuseHandshake(HandshakeRefusal::kCrowdedOut, "too many handshakes are under way");
}

void ServerConnection::OnGreeted() { shard_.HandshakeOver(this); }

void ServerConnection::CountBadRequest() {
  if (!bad_requests_.Take(loop().NowNanos())) CutOff(ConnectionAttack::kBadRequestFlood);
}

void ServerConnection::OnHandshakeRefused(HandshakeRefusal refusal, absl::string_view cause) {
  shared_.observer.OnHandshakeRefused(peer_->address, refusal, cause);
}

void ServerConnection::OnOpened() {
  opened_ = true;
  idle_since_nanos_ = loop().NowNanos();
  const auto& age = shared_.options.timeouts.age;
  if (age != absl::InfiniteDuration()) {
    // 0.9 to 1.1 times the age, so that connections made together do not go together.
    const double factor = 0.9 + 0.2 * static_cast<double>(shared_.random.Next64() >> 11) * 0x1p-53;
    age_due_nanos_ = loop().NowNanos() + absl::ToInt64Nanoseconds(age * factor);
  }
  shared_.observer.OnConnectionOpened(*peer_);
  if (shard_.draining()) Drain();
}

Http2Stream* ServerConnection::OnStreamBegin(int32_t id) {
  // Calls whose stream was reset count until the service has finished them: opening and resetting
  // streams must not get a caller more than its share.
  if (streams_.size() >= size_t{2} * shared_.options.limits.concurrent_streams_max) return nullptr;
  ServerStream* stream = shard_.NewStream(*this, id);
  streams_.insert(stream);
  return stream;
}

void ServerConnection::Forget(ServerStream* stream) {
  streams_.erase(stream);
  if (streams_.empty()) idle_since_nanos_ = loop().NowNanos();
}

void ServerConnection::OnWritten() {
  // nghttp2 says that a stream is over before it gives out its last frame, so the end is known
  // here.
  for (ServerStream* stream : unstamped_) unwritten_.emplace_back(queued_total(), stream);
  unstamped_.clear();
  while (!unwritten_.empty() && unwritten_.front().first <= written_total()) {
    ServerStream* stream = unwritten_.front().second;
    unwritten_.pop_front();
    stream->OnWritten();
  }
}

void ServerConnection::Drain() {
  if (draining_ || ending()) return;
  if (!opened_) {
    End(ConnectionEnd::kStopping, "draining");
    return;
  }
  draining_ = true;
  nghttp2_submit_shutdown_notice(session());
  const int64_t answer = absl::ToInt64Nanoseconds(shared_.options.timeouts.goaway_answer);
  last_stream_due_nanos_ = loop().NowNanos() + answer;
  ScheduleFlush();
  ArmTimer();
}

void ServerConnection::Dismiss(absl::Duration grace) {
  if (ending()) return;
  const int64_t due = loop().NowNanos() + absl::ToInt64Nanoseconds(grace);
  cut_due_nanos_ = cut_due_nanos_ == 0 ? due : std::min(cut_due_nanos_, due);
  Drain();
  ArmTimer();
}

void ServerConnection::OnGoAwaySent() {
  // Only now: nghttp2 sends PING before everything else, and this one must follow the notice.
  if (last_stream_due_nanos_ == 0) return;
  nghttp2_submit_ping(session(), NGHTTP2_FLAG_NONE,
                      reinterpret_cast<const uint8_t*>(kDrainPing.data()));
}

void ServerConnection::OnPingAnswered(absl::string_view opaque) {
  if (last_stream_due_nanos_ != 0 && opaque == kDrainPing) SayLastStream();
}

void ServerConnection::SayLastStream() {
  last_stream_due_nanos_ = 0;
  nghttp2_submit_goaway(session(), NGHTTP2_FLAG_NONE,
                        nghttp2_session_get_last_proc_stream_id(session()), NGHTTP2_NO_ERROR,
                        nullptr, 0);
  ScheduleFlush();
}

void ServerConnection::OnAttack(ConnectionAttack attack) {
  shared_.observer.OnAttackCutOff(*peer_, attack);
}

int64_t ServerConnection::NextDueNanos() const {
  int64_t due = std::numeric_limits<int64_t>::max();
  const auto at_most = [&due](int64_t at) {
    if (at != 0) due = std::min(due, at);
  };
  if (!opened_) return 0;
  at_most(last_stream_due_nanos_);
  at_most(cut_due_nanos_);
  if (!draining_) at_most(age_due_nanos_);
  const ServerTimeouts& timeouts = shared_.options.timeouts;
  if (!streams_.empty() && timeouts.send_stall != absl::InfiniteDuration()) {
    at_most(loop().NowNanos() + absl::ToInt64Nanoseconds(timeouts.send_stall) / 4);
  } else if (streams_.empty() && !draining_ && timeouts.idle != absl::InfiniteDuration()) {
    at_most(idle_since_nanos_ + absl::ToInt64Nanoseconds(timeouts.idle));
  }
  return due == std::numeric_limits<int64_t>::max() ? 0 : due;
}

void ServerConnection::OnDue() {
  if (!opened_) return;
  const int64_t now = loop().NowNanos();
  const ServerTimeouts& timeouts = shared_.options.timeouts;
  if (cut_due_nanos_ != 0 && now >= cut_due_nanos_) {
    End(ConnectionEnd::kCut, "told to go, and its grace is over");
    return;
  }
  if (last_stream_due_nanos_ != 0 && now >= last_stream_due_nanos_) SayLastStream();
  if (!draining_ && age_due_nanos_ != 0 && now >= age_due_nanos_) {
    cut_due_nanos_ = now + absl::ToInt64Nanoseconds(timeouts.age_grace);
    Drain();
  }
  const int64_t idle = absl::ToInt64Nanoseconds(timeouts.idle);
  if (streams_.empty() && !draining_ && now - idle_since_nanos_ >= idle) Drain();
  const int64_t stall = absl::ToInt64Nanoseconds(timeouts.send_stall);
  const std::vector<ServerStream*> streams(streams_.begin(), streams_.end());
  for (ServerStream* stream : streams) {
    if (stream->StalledSince(now - stall)) stream->CutStalled();
  }
}

void ServerConnection::OnEnded(ConnectionEnd end, const std::string& /*text*/) {
  const absl::flat_hash_set<ServerStream*> streams = std::move(streams_);
  streams_.clear();
  for (ServerStream* stream : streams) stream->OnConnectionEnded(CancelCauseOf(end));
  if (counted_) shared_.per_certificate.Give(peer_->leaf_der);
  if (opened_) shared_.observer.OnConnectionClosed(*peer_);
  shard_.Release(this);
}

}  // namespace ndx::transport
