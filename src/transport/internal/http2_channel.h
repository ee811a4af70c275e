// The channel: a pool of connections and a queue of calls that wait for a stream.
//
// Thread-safety: on its loop.
#pragma once

#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/container/btree_map.h"
#include "absl/container/flat_hash_map.h"
#include "internal/client_connection.h"
#include "internal/client_stream.h"
#include "internal/name_lookup.h"
#include "internal/socket_address.h"
#include "internal/tls_context.h"
#include "ndx/transport/channel.h"

namespace ndx::transport {

class Http2Channel final : public Channel {
 public:
  Http2Channel(EventLoop& loop, core::Random& random, ChannelOptions options, AddressText address,
               std::shared_ptr<const TlsContext> tls);
  ~Http2Channel() override;

  std::unique_ptr<ClientCall> Start(CallHead head, ClientCallObserver* observer) override;
  absl::Status UpdateTls(const TlsFiles& files) override;
  size_t connections() const override { return connections_.size(); }
  size_t queued_calls() const override { return queue_.size(); }

  EventLoop& loop() const { return loop_; }
  const ChannelOptions& options() const { return options_; }
  const std::string& authority() const { return authority_; }

  // What connections say.
  void OnConnectionReady(ClientConnection* connection);
  void OnConnectionEnded(ClientConnection* connection, bool was_ready, const std::string& text);
  // A stream has become free, or a connection unusable: look at the queue at the end of the round.
  void OnRoom();

  // What calls say.
  void OnCallEnded(ClientStream* stream);

 private:
  // Earliest deadline first, then in order of arrival.
  using QueueKey = std::pair<int64_t, uint64_t>;

  void Place(ClientStream* stream);
  bool TryBegin(ClientStream* stream);
  void ServeQueue();
  void FailQueue();
  bool MayConnect() const;
  bool AnyUsable() const;
  void Connect();
  void ConnectTo(absl::StatusOr<std::vector<SocketAddress>> found);
  void ConnectFailed(const std::string& text);
  void ReleaseEnded();

  EventLoop& loop_;
  core::Random& random_;
  const ChannelOptions options_;
  const AddressText address_;
  std::string authority_;
  std::string server_name_;
  std::shared_ptr<const TlsContext> tls_;
  absl::flat_hash_map<ClientStream*, std::unique_ptr<ClientStream>> calls_;
  absl::btree_map<QueueKey, ClientStream*> queue_;
  absl::flat_hash_map<ClientStream*, QueueKey> queued_;
  uint64_t next_in_queue_ = 0;
  std::vector<ClientStream*> ended_;  // to be told and released at the end of the round
  // Outlived by tasks that were put off; they look whether it is still there.
  std::shared_ptr<Http2Channel*> self_ = std::make_shared<Http2Channel*>(this);
  bool closing_ = false;
  std::vector<std::unique_ptr<ClientConnection>> connections_;
  std::unique_ptr<NameLookup> lookup_;
  std::string connect_error_;
  uint64_t next_connection_id_ = 1;
  size_t next_address_ = 0;
  int failures_ = 0;
  int64_t next_attempt_nanos_ = 0;
  EventLoop::TimerId serve_timer_;
};

}  // namespace ndx::transport
