// One connection of a channel.
//
// Thread-safety: on its loop.
// Ownership: owned by the channel; when the channel goes first, it deletes itself once torn down.
#pragma once

#include <limits>
#include <memory>
#include <string>

#include "absl/container/flat_hash_map.h"
#include "internal/client_stream.h"
#include "internal/http2_connection.h"
#include "ndx/transport/channel.h"

namespace ndx::transport {

class Http2Channel;

class ClientConnection final : public Http2Connection {
 public:
  ClientConnection(Http2Channel& channel, EventLoop& loop, std::unique_ptr<ByteStream> stream,
                   const ChannelOptions& options, uint64_t id);

  void Start() { Begin(true); }

  const std::shared_ptr<const PeerIdentity>& peer() const { return peer_; }

  // The peer's SETTINGS have come, so it is an HTTP/2 server and its stream limit is known.
  bool ready() const { return peer_settings_seen() && usable(); }
  bool usable() const { return !ending() && !leaving_; }
  bool HasRoom() const { return ready() && streams_.size() < StreamsMax(); }
  bool AboveGoAway(int32_t id) const { return id > last_stream_id_; }

  // No new calls; closes when the last one ends.
  void Retire();

  // The channel is being destroyed.
  void Disown() { channel_ = nullptr; }

  // What streams say. quietly: the peer has closed the stream or will; else it is reset with error.
  void Join(int32_t id, ClientStream* stream);
  void Leave(int32_t id, bool quietly, Http2Error error);

 private:
  bool OnTlsDone(ByteStream& stream) override;
  void OnHandshakeRefused(HandshakeRefusal /*refusal*/, absl::string_view /*cause*/) override {}
  void OnOpened() override {}
  void OnPeerSettings() override;
  Http2Stream* OnStreamBegin(int32_t /*id*/) override { return nullptr; }
  void OnPeerGoAway(int32_t last_id) override;
  void OnHeadersNotSent(int32_t id) override;
  void OnAttack(ConnectionAttack attack) override;
  bool HasStreams() const override { return !streams_.empty(); }
  int64_t NextDueNanos() const override;
  void OnDue() override;
  void OnEnded(ConnectionEnd end, const std::string& text) override;
  size_t StreamsMax() const;

  Http2Channel* channel_;
  const ChannelOptions& options_;
  std::shared_ptr<const PeerIdentity> peer_;
  absl::flat_hash_map<int32_t, ClientStream*> streams_;
  bool leaving_ = false;
  bool was_ready_ = false;
  int32_t last_stream_id_ = std::numeric_limits<int32_t>::max();
  int64_t idle_since_nanos_ = 0;
  const bool checks_uri_;
};

}  // namespace ndx::transport
