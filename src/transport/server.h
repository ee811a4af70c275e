// A gRPC server on HTTP/2: listeners, connections and their limits.
//
//   Server server(loops, options, service, observer);
//   NDX_ASSIGN_OR_RETURN(auto ports, server.Start());
//   …
//   server.Drain(absl::Seconds(30), [](bool clean) { … });   // two-step GOAWAY
//   server.Stop();
//
// Thread-safety: Start, Drain, UpdateTls and Stop from one thread that is not one of the loops;
// Dismiss from any other, between Start and destruction. The service and the observer are called on
// the loops, several at once. Ownership: the loops, the service and the observer must outlive the
// Server; the loops must still run when it is destroyed. Errors: Start() says kInvalidArgument
// (plaintext on an address that is not loopback, bad TLS files), kAlreadyExists (address in use),
// kUnavailable (socket errors).
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "absl/functional/any_invocable.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "ndx/core/limits.h"
#include "ndx/core/random.h"
#include "ndx/transport/connection_event.h"
#include "ndx/transport/event_loop_group.h"
#include "ndx/transport/peer_identity.h"
#include "ndx/transport/server_call.h"
#include "ndx/transport/tls_files.h"
#include "ndx/transport/token_bucket.h"

namespace ndx::transport {

struct ListenAddress {
  // "192.0.2.1:7443", "[::1]:0", "localhost:0" or "unix:/run/ndx/operator.sock".
  std::string address;
  // Required unless the address is loopback or a UNIX socket. Client certificates are then
  // required.
  std::optional<TlsFiles> tls;
  // Access mode of a UNIX socket.
  uint32_t unix_mode = 0660;
};

// The request metadata of NDX that a caller may set (architecture, "Request metadata").
std::vector<std::string> CallerMetadataKeys();

struct ServerLimits {
  uint32_t concurrent_streams_max =
      100;                          // of a connection, cancelled but unfinished calls included
  size_t connections_max = 10'000;  // of the server
  // With one certificate; a system has few connections with many calls on each.
  size_t connections_per_certificate_max = 2000;
  // Connections whose handshake (TLS, preface, both SETTINGS) is not over. Past it the oldest goes,
  // one that has sent nothing before the others. An equal part for each event loop.
  size_t handshakes_max = 1024;
  // Length that a ClientHello claims, and all certificates that a peer shows.
  size_t client_hello_bytes_max = size_t{16} << 10;
  size_t certificate_chain_bytes_max = size_t{32} << 10;
  size_t header_list_bytes_max = core::kHeaderListBytesMax;
  size_t header_count_max = core::kHeaderCountMax;
  // A header list this many times over its limit is taken for an attack, and the connection is cut.
  size_t header_attack_factor = 4;
  size_t message_bytes_max = core::kMessageBytesDefault;  // until ServerCall::SetMessageBytesMax
  uint32_t stream_window_bytes = 256u << 10;
  uint32_t connection_window_bytes = 16u << 20;
  // Received and not yet released, of one connection and of the server. Past it the stream whose
  // bytes do not fit is malformed (RESOURCE_EXHAUSTED).
  size_t connection_buffer_bytes_max = size_t{128} << 20;
  size_t server_buffer_bytes_max = size_t{1} << 30;
  // Bytes of answers that callers have not taken. Past it the streams that have stood still
  // longest, but at least ServerTimeouts::send_stall_pressed, are cut. An equal part for each event
  // loop.
  size_t unsent_bytes_max = size_t{256} << 20;
  // What counts as progress of a stream or connection that has bytes to send; less is none.
  size_t send_progress_bytes_min = size_t{16} << 10;
  // gzip: uncompressed bytes for each compressed one, beyond the first 64 KiB.
  size_t gzip_ratio_max = 100;
  // Frames that cost us more than the sender; past the rate the connection is cut.
  RateLimit pings{.burst = 20, .per_second = 2};
  RateLimit settings{.burst = 20, .per_second = 1};
  RateLimit resets{.burst = 300, .per_second = 100};
  RateLimit empty_frames{.burst = 500, .per_second = 100};
  // Two more for each header block, and one for each 2 KiB sent.
  RateLimit window_updates{.burst = 1000, .per_second = 100};
  RateLimit key_updates{.burst = 10, .per_second = 1};
  // Frames that wait to be sent, DATA of stalled streams not counted.
  size_t queued_frames_max = 10'000;
  // Requests that are not gRPC or malformed, for which no honest client is known either.
  RateLimit bad_requests{.burst = 200, .per_second = 20};
  uint32_t continuations_max = 8;  // of one header block
};

struct ServerTimeouts {
  absl::Duration handshake = absl::Seconds(10);     // TLS, the client's preface, both SETTINGS
  absl::Duration header_block = absl::Seconds(10);  // from its first frame to its last
  absl::Duration idle = absl::Minutes(10);          // without a call
  absl::Duration age = absl::Hours(6);           // then GOAWAY; ±10 % so that not all come at once
  absl::Duration age_grace = absl::Minutes(5);   // then cut
  absl::Duration keepalive = absl::Seconds(60);  // PING after this silence
  absl::Duration keepalive_answer = absl::Seconds(20);
  absl::Duration send_stall = absl::Seconds(60);         // bytes to send, no progress: cut or reset
  absl::Duration send_stall_pressed = absl::Seconds(1);  // the same past unsent_bytes_max
  absl::Duration goaway_answer = absl::Seconds(1);       // between the two steps of GOAWAY, at most
  absl::Duration tcp_user = absl::Seconds(30);           // TCP_USER_TIMEOUT
  absl::Duration accept_pause = absl::Milliseconds(100);  // out of file descriptors
};

struct ServerOptions {
  std::vector<ListenAddress> listen;
  ServerLimits limits;
  ServerTimeouts timeouts;
  // Request keys that begin so are dropped, unless allowed. Keys of grpc- always are.
  std::vector<std::string> reserved_prefixes = {"ndx-"};
  std::vector<std::string> allowed_keys = CallerMetadataKeys();
};

// Told what happens below calls, to count and to log. Texts never repeat what a peer sent.
//
// Thread-safety: implementations are thread-safe.
class ServerObserver {
 public:
  virtual ~ServerObserver() = default;
  virtual void OnHandshakeRefused(absl::string_view address, HandshakeRefusal refusal,
                                  absl::string_view cause) {
    (void)address, (void)refusal, (void)cause;
  }
  virtual void OnConnectionOpened(const PeerIdentity& peer) { (void)peer; }
  virtual void OnConnectionClosed(const PeerIdentity& peer) { (void)peer; }
  virtual void OnAttackCutOff(const PeerIdentity& peer, ConnectionAttack attack) {
    (void)peer, (void)attack;
  }
  // A stream was reset because its peer took too little of the answer; the connection goes on.
  virtual void OnStreamCutOff(const PeerIdentity& peer) { (void)peer; }
  // A connection was turned away: connections_max, or out of file descriptors (accepting then
  // pauses).
  virtual void OnConnectionRefused(absl::string_view address, absl::string_view cause) {
    (void)address, (void)cause;
  }
  // A request that is not gRPC was answered with this HTTP status.
  virtual void OnNotGrpc(const PeerIdentity& peer, int http_status) {
    (void)peer, (void)http_status;
  }
};

class Server {
 public:
  Server(EventLoopGroup& loops, core::Random& random, ServerOptions options, ServerService& service,
         ServerObserver& observer);
  // Stops if Stop() was not called.
  ~Server();
  Server(const Server&) = delete;
  Server& operator=(const Server&) = delete;

  // Binds and listens on all addresses, or on none. The ports in the order of
  // ServerOptions::listen; 0 for a UNIX socket.
  absl::StatusOr<std::vector<uint16_t>> Start();

  // Accepts no more, tells every connection to go (GOAWAY 2^31-1, then the last stream id) and lets
  // calls finish. done(true) on one of the loops when none is left; after the deadline the rest is
  // cut and done(false) follows.
  void Drain(absl::Duration deadline, absl::AnyInvocable<void(bool clean)> done);

  // Closes everything now. Calls get OnCancelled(kServerStopping); then their observers are
  // destroyed. Returns when nothing of the server runs on any loop.
  void Stop();

  // Tells the connections of some peers to go (GOAWAY), and cuts those that are still there after
  // the grace. `which` is copied for each loop and asked there. From any thread that is not one of
  // the loops; they are told when this returns.
  void Dismiss(const std::function<bool(const PeerIdentity&)>& which, absl::Duration grace);

  // New keys for handshakes from now on, of every listener that has TLS. Old connections go on.
  absl::Status UpdateTls(const TlsFiles& files);

  // Figures of now, thread-safe.
  size_t connections() const;
  size_t calls() const;
  size_t buffered_bytes() const;
  size_t unsent_bytes() const;  // of answers: past unsent_bytes_max stalled ones are cut off

 private:
  class Core;
  std::unique_ptr<Core> core_;
};

}  // namespace ndx::transport
