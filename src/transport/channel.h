// Calls to one gRPC server, over as many connections as the server's stream limit makes necessary.
//
// A call goes to a connection with a free stream; else it waits, earliest deadline first, and if
// the pool may grow a further connection is made. After a failed attempt the channel backs off with
// jitter, and calls fail at once with kConnectFailed (Delivery::kNotSent) until the next attempt.
//
// Thread-safety: everything on the channel's event loop (also destruction), except Create.
// Ownership: the loop, the clock and the random source must outlive the channel. Destroying the
// channel ends its calls with kChannelClosed; that event is delivered from within the destructor.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "ndx/core/limits.h"
#include "ndx/core/random.h"
#include "ndx/transport/client_call.h"
#include "ndx/transport/connection_event.h"
#include "ndx/transport/event_loop.h"
#include "ndx/transport/peer_identity.h"
#include "ndx/transport/tls_files.h"
#include "ndx/transport/token_bucket.h"

namespace ndx::transport {

struct ChannelTls {
  TlsFiles files;
  // Name or IP address that the server's certificate must carry. Empty: the host of the address.
  std::string server_name;
  // URI that it must carry (ndx://VN/GOV/<member>/<system>); then the name is not compared.
  std::string server_uri;
};

struct ChannelLimits {
  size_t connections_max = 4;
  uint32_t concurrent_streams_max = 1000;  // of a connection, if the peer allows as many
  size_t queued_calls_max = 1000;
  size_t message_bytes_max = core::kMessageBytesDefault;
  size_t header_list_bytes_max = core::kHeaderListBytesMax;
  size_t header_count_max = core::kHeaderCountMax;
  uint32_t stream_window_bytes = 256u << 10;
  uint32_t connection_window_bytes = 16u << 20;
  size_t connection_buffer_bytes_max = size_t{256} << 20;
  size_t certificate_chain_bytes_max = size_t{32} << 10;  // of the server
  // What counts as progress of a connection that has bytes to send; less is none.
  size_t send_progress_bytes_min = size_t{16} << 10;
  // Frames of the server that cost us more than it; past the rate the connection is cut.
  RateLimit pings{.burst = 20, .per_second = 2};
  RateLimit settings{.burst = 20, .per_second = 1};
  RateLimit resets{.burst = 2000, .per_second = 1000};
  RateLimit empty_frames{.burst = 500, .per_second = 100};
  // Two more for each header block, and one for each 2 KiB sent.
  RateLimit window_updates{.burst = 1000, .per_second = 100};
  RateLimit key_updates{.burst = 10, .per_second = 1};  // session tickets are counted with them
  uint32_t continuations_max = 8;                       // of one header block
  size_t queued_frames_max = 10'000;  // waiting to be sent, DATA of stalled calls not counted
};

struct ChannelTimeouts {
  absl::Duration connect = absl::Seconds(5);  // TCP, TLS and the server's SETTINGS
  absl::Duration backoff_first = absl::Milliseconds(100);
  absl::Duration backoff_max = absl::Seconds(10);
  double backoff_factor = 1.6;
  double backoff_jitter = 0.2;
  absl::Duration header_block = absl::Seconds(10);  // from its first frame to its last
  absl::Duration idle = absl::Minutes(5);
  absl::Duration keepalive = absl::Seconds(60);  // PING after this silence while calls are open
  absl::Duration keepalive_answer = absl::Seconds(20);
  absl::Duration send_stall = absl::Seconds(60);  // bytes to send, no progress: cut
  absl::Duration tcp_user = absl::Seconds(30);
};

// Told when a server misbehaves, to count and to log.
//
// Thread-safety: called on the channel's loop.
class ChannelObserver {
 public:
  virtual ~ChannelObserver() = default;
  virtual void OnAttackCutOff(const PeerIdentity& peer, ConnectionAttack attack) = 0;
};

struct ChannelOptions {
  // "host:port" or "unix:/path". A host name is resolved anew for each connection attempt.
  std::string address;
  // Empty: plaintext, only to a UNIX socket or a loopback address.
  std::optional<ChannelTls> tls;
  // ":authority"; empty: the server name, or the host and port of the address.
  std::string authority;
  std::string user_agent = "ndx/0.1";
  ChannelLimits limits;
  ChannelTimeouts timeouts;
  // May be null; must outlive the channel.
  ChannelObserver* observer = nullptr;
};

class Channel {
 public:
  virtual ~Channel() = default;

  // kInvalidArgument: bad address, plaintext to another machine, bad TLS files. Connects only when
  // the first call starts.
  static absl::StatusOr<std::unique_ptr<Channel>> Create(EventLoop& loop, core::Random& random,
                                                         ChannelOptions options);

  // Never fails; what goes wrong is told by OnEnd.
  virtual std::unique_ptr<ClientCall> Start(CallHead head, ClientCallObserver* observer) = 0;

  // New keys for connections from now on; the old connections finish their calls.
  virtual absl::Status UpdateTls(const TlsFiles& files) = 0;

  // Open connections, and calls that wait for a stream.
  virtual size_t connections() const = 0;
  virtual size_t queued_calls() const = 0;
};

}  // namespace ndx::transport
