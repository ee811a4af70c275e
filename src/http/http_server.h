// HTTP/1.1 server: the operator's pages on loopback, a witness's door with TLS on any address.
//
// Thread-safety: thread-safe. One thread of its own runs all connections (the exception to the rule
// against std::thread: it is this server's event loop); it must not share the loops of the data
// plane, whose answers it would delay.
// Ownership: the caller owns the server; the site and the clock of the operating system outlive it.
// Errors: Start() returns kInvalidArgument for an address that is not loopback where there is no
// TLS, for a certificate that cannot be used, or an option out of range, kUnavailable when the port
// cannot be bound. Source: RFC 9110, RFC 9112, as Boost.Beast implements them.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "ndx/http/http_site.h"

namespace ndx::http {

// PEM files.
struct HttpServerTls {
  std::string certificate_file;  // with its chain
  std::string key_file;          // not read where there is a key
  // An EVP_PKEY of OpenSSL's, which may be on a token.
  std::shared_ptr<void> key = nullptr;
  // Authorities of clients' certificates. Clients are then asked for one and may do without; one
  // that does not chain to these fails the handshake, one whose dates are over does not
  // (HttpPeer). Empty: clients are not asked.
  std::string client_ca_file;
};

// Told of peers that are turned away or cut, to count and to log. A cause is a word of the server's
// own: too_many_connections, headers_too_large, body_too_large, malformed, too_slow, handshake.
//
// Thread-safety: called on the server's thread.
class HttpServerObserver {
 public:
  virtual ~HttpServerObserver() = default;
  virtual void OnRefused(absl::string_view address, absl::string_view cause) = 0;
};

struct HttpServerOptions {
  std::string address = "127.0.0.1";  // 127.0.0.0/8 or ::1; any with TLS
  uint16_t port = 0;                  // 0: any, see HttpServer::port()
  // TLS 1.2 or 1.3, without resumption; plaintext where absent.
  std::optional<HttpServerTls> tls;
  // The start line, and all headers together, each; past it 431.
  uint32_t header_bytes_max = 8 << 10;
  // Body; past it 413.
  uint64_t body_bytes_max = 64 << 10;
  // Connections open at once; the next one is closed at once.
  size_t connections_max = 64;
  // Requests on one connection; the last answer says "Connection: close".
  size_t requests_per_connection_max = 1000;
  // From the connection, or the end of the answer before, until a request is complete.
  absl::Duration request_timeout = absl::Seconds(20);
  // For the peer to take an answer.
  absl::Duration answer_timeout = absl::Seconds(10);
  // May be null; must outlive the server.
  HttpServerObserver* observer = nullptr;
};

class HttpServer {
 public:
  // Listens and starts to serve.
  static absl::StatusOr<std::unique_ptr<HttpServer>> Start(const HttpServerOptions& options,
                                                           WaitingHttpSite& site);
  // Stops as Stop() does.
  ~HttpServer();
  HttpServer(const HttpServer&) = delete;
  HttpServer& operator=(const HttpServer&) = delete;

  // The port bound.
  uint16_t port() const;

  // Another certificate for connections from now on; old ones go on. kInvalidArgument when it
  // cannot be used, kFailedPrecondition where there is no TLS. From any thread, not at once with
  // Stop().
  absl::Status UpdateTls(const HttpServerTls& tls);

  // Takes no new connection, lets answers that are being written go out, closes the rest (those
  // that still wait for the site's answer too), and returns when all is closed, at most
  // answer_timeout later.
  void Stop();

 private:
  class Loop;
  explicit HttpServer(std::unique_ptr<Loop> loop);

  std::unique_ptr<Loop> loop_;
};

}  // namespace ndx::http
