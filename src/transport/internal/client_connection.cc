#include "internal/client_connection.h"

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "internal/http2_channel.h"
#include "internal/socket_address.h"

namespace ndx::transport {
namespace {

Http2Settings SettingsOf(const ChannelOptions& options) {
  Http2Settings settings = CommonSettings(options);
  settings.server = false;
  settings.handshake = options.timeouts.connect;
  return settings;
}

EndCause EndCauseOf(ConnectionEnd end) {
  switch (end) {
    case ConnectionEnd::kHandshake:
      return EndCause::kConnectFailed;
    case ConnectionEnd::kNotHttp2:
    case ConnectionEnd::kCut:
      return EndCause::kProtocolError;
    default:
      return EndCause::kConnectionLost;
  }
}

}  // namespace

ClientConnection::ClientConnection(Http2Channel& channel, EventLoop& loop,
                                   std::unique_ptr<ByteStream> stream,
                                   const ChannelOptions& options, uint64_t id)
    : Http2Connection(loop, std::move(stream), SettingsOf(options)),
      channel_(&channel),
      options_(options),
      idle_since_nanos_(loop.NowNanos()),
      checks_uri_(options.tls && !options.tls->server_uri.empty()) {
  PeerIdentity identity;
  identity.connection_id = id;
  identity.address = options.address;
  peer_ = std::make_shared<const PeerIdentity>(std::move(identity));
}

bool ClientConnection::OnTlsDone(ByteStream& stream) {
  PeerIdentity identity = *peer_;
  const SocketAddress address = PeerAddressOf(stream.fd());
  identity.address = address.ToString();
  if (address.is_unix()) identity.kind = PeerKind::kUnix;
  if (stream.ssl() != nullptr) {
    identity.kind = PeerKind::kTls;
    if (!ReadPeerCertificate(stream.ssl(), &identity) ||
        (checks_uri_ && !PeerHasUri(stream.ssl(), options_.tls->server_uri))) {
      End(ConnectionEnd::kHandshake, "the server's certificate does not carry the expected URI");
      return false;
    }
  }
  peer_ = std::make_shared<const PeerIdentity>(std::move(identity));
  return true;
}

void ClientConnection::OnAttack(ConnectionAttack attack) {
  // With the channel its options are gone.
  if (channel_ != nullptr && options_.observer != nullptr)
    options_.observer->OnAttackCutOff(*peer_, attack);
}

size_t ClientConnection::StreamsMax() const {
  const uint32_t peers = nghttp2_session_get_remote_settings(
      const_cast<ClientConnection*>(this)->session(), NGHTTP2_SETTINGS_MAX_CONCURRENT_STREAMS);
  return std::min(peers, options_.limits.concurrent_streams_max);
}

void ClientConnection::OnPeerSettings() {
  was_ready_ = true;
  if (channel_ != nullptr) channel_->OnConnectionReady(this);
}

void ClientConnection::OnPeerGoAway(int32_t last_id) {
  leaving_ = true;
  last_stream_id_ = last_id;
  if (channel_ != nullptr) channel_->OnRoom();
}

void ClientConnection::OnHeadersNotSent(int32_t id) {
  const auto found = streams_.find(id);
  if (found != streams_.end()) found->second->OnHeadersNotSent();
}

void ClientConnection::Join(int32_t id, ClientStream* stream) {
  const bool first = streams_.empty();
  streams_.emplace(id, stream);
  if (first) ArmTimer();
}

void ClientConnection::Leave(int32_t id, bool quietly, Http2Error error) {
  streams_.erase(id);
  if (streams_.empty()) idle_since_nanos_ = loop().NowNanos();
  if (session() != nullptr) {
    nghttp2_session_set_stream_user_data(session(), id, nullptr);
    if (!quietly) ResetStream(id, error);
  }
  if (leaving_) ScheduleFlush();
  if (channel_ != nullptr) channel_->OnRoom();
}

void ClientConnection::Retire() {
  if (std::exchange(leaving_, true) || ending()) return;
  if (!open()) {
    End(ConnectionEnd::kGraceful, "no longer needed");
    return;
  }
  nghttp2_submit_goaway(session(), NGHTTP2_FLAG_NONE, 0, NGHTTP2_NO_ERROR, nullptr, 0);
  ScheduleFlush();
}

int64_t ClientConnection::NextDueNanos() const {
  if (!streams_.empty() || leaving_ || options_.timeouts.idle == absl::InfiniteDuration()) return 0;
  return idle_since_nanos_ + absl::ToInt64Nanoseconds(options_.timeouts.idle);
}

void ClientConnection::OnDue() {
  if (!streams_.empty() || leaving_) return;
  const int64_t idle = absl::ToInt64Nanoseconds(options_.timeouts.idle);
  if (loop().NowNanos() - idle_since_nanos_ >= idle) Retire();
}

void ClientConnection::OnEnded(ConnectionEnd end, const std::string& text) {
  while (!streams_.empty()) {
    ClientStream* stream = streams_.begin()->second;
    const bool sent = stream->headers_sent() && written_total() > stream->headers_offset();
    stream->OnConnectionEnded(EndCauseOf(end), sent, text);
  }
  if (channel_ != nullptr) {
    channel_->OnConnectionEnded(this, was_ready_, text);
  } else {
    delete this;
  }
}

}  // namespace ndx::transport
