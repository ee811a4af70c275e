// One accepted connection.
//
// Thread-safety: on its loop.
// Ownership: owned by the shard, which deletes it in Release().
#pragma once

#include <deque>
#include <memory>
#include <string>
#include <utility>

#include "absl/container/flat_hash_set.h"
#include "absl/time/time.h"
#include "internal/http2_connection.h"
#include "internal/server_shared.h"
#include "internal/server_stream.h"
#include "ndx/transport/token_bucket.h"

namespace ndx::transport {

class ServerShard;

class ServerConnection final : public Http2Connection {
 public:
  ServerConnection(ServerShared& shared, ServerShard& shard, EventLoop& loop,
                   std::unique_ptr<ByteStream> stream);

  void Start() { Begin(false); }

  // Others want to shake hands, and this one has not come to an end.
  void CrowdOut();
  // The peer has sent something.
  bool heard() const { return stream().heard(); }

  const std::shared_ptr<const PeerIdentity>& peer() const { return peer_; }

  // Two-step GOAWAY; closes when the last call is done.
  void Drain();
  // The same, and cut if it is still there after the grace.
  void Dismiss(absl::Duration grace);

  // What streams say.
  void AwaitWritten(ServerStream* stream) {
    unstamped_.push_back(stream);
    ScheduleFlush();
  }
  void Forget(ServerStream* stream);
  void CountBadRequest();
  void TellStreamCutOff() { shared_.observer.OnStreamCutOff(*peer_); }

 private:
  bool OnTlsDone(ByteStream& stream) override;
  void OnHandshakeRefused(HandshakeRefusal refusal, absl::string_view cause) override;
  void OnOpened() override;
  void OnGreeted() override;
  Http2Stream* OnStreamBegin(int32_t id) override;
  void OnPingAnswered(absl::string_view opaque) override;
  void OnGoAwaySent() override;
  void OnAttack(ConnectionAttack attack) override;
  void OnWritten() override;
  bool HasStreams() const override { return !streams_.empty(); }
  int64_t NextDueNanos() const override;
  void OnDue() override;
  void OnEnded(ConnectionEnd end, const std::string& text) override;
  void SayLastStream();

  ServerShared& shared_;
  ServerShard& shard_;
  std::shared_ptr<const PeerIdentity> peer_;
  absl::flat_hash_set<ServerStream*> streams_;
  std::vector<ServerStream*> unstamped_;  // over, and their last bytes not yet put into the output
  std::deque<std::pair<uint64_t, ServerStream*>> unwritten_;  // by their end in the output
  TokenBucket bad_requests_;
  bool counted_ = false;  // among the connections of its certificate
  bool opened_ = false;
  bool draining_ = false;
  int64_t idle_since_nanos_ = 0;
  int64_t age_due_nanos_ = 0;
  int64_t last_stream_due_nanos_ = 0;  // second step of GOAWAY
  int64_t cut_due_nanos_ = 0;
};

}  // namespace ndx::transport
