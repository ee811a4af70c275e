// Who gets through the handshake, who does not, and what is said about it.
#include <openssl/err.h>
#include <openssl/ssl.h>

#include <catch2/catch.hpp>
#include <memory>
#include <optional>
#include <string>

#include "loopback.h"
#include "raw_peer.h"

namespace ndx::transport {
namespace {

// What a foreign TLS client offers.
struct Offer {
  std::optional<TlsFiles> files;
  std::string alpn = std::string("\x02h2");
  int version_max = TLS1_3_VERSION;
};

// Connects, shakes hands and reads until the server closes; true when the server sent anything of
// HTTP/2 (its SETTINGS).
bool ServerTalks(uint16_t port, const Offer& offer) {
  std::unique_ptr<SSL_CTX, decltype(&SSL_CTX_free)> context(SSL_CTX_new(TLS_client_method()),
                                                            SSL_CTX_free);
  SSL_CTX_set_max_proto_version(context.get(), offer.version_max);
  if (offer.files) {
    SSL_CTX_use_certificate_chain_file(context.get(), offer.files->certificate_chain.c_str());
    SSL_CTX_use_PrivateKey_file(context.get(), offer.files->private_key.c_str(), SSL_FILETYPE_PEM);
  }
  if (!offer.alpn.empty()) {
    SSL_CTX_set_alpn_protos(context.get(),
                            reinterpret_cast<const unsigned char*>(offer.alpn.data()),
                            static_cast<unsigned int>(offer.alpn.size()));
  }
  RawPeer peer = RawPeer::Connect(port);
  std::unique_ptr<SSL, decltype(&SSL_free)> ssl(SSL_new(context.get()), SSL_free);
  SSL_set_fd(ssl.get(), peer.fd());
  ERR_clear_error();
  if (SSL_connect(ssl.get()) != 1) return false;
  char byte = 0;
  ERR_clear_error();
  return SSL_read(ssl.get(), &byte, 1) == 1;
}

TEST_CASE("handshakes that must fail do, and the cause is told") {
  struct Case {
    const char* name;
    Offer offer;
    const char* refused;
  };
  TlsFiles foreign_shown = Pki().ForeignClient();
  const Case cases[] = {
      {"no certificate", {}, "refused no_certificate"},
      {"a foreign certificate", {.files = foreign_shown}, "refused untrusted_certificate"},
      {"TLS 1.2", {.files = Pki().Client(), .version_max = TLS1_2_VERSION}, "refused tls_version"},
      {"another protocol",
       {.files = Pki().Client(), .alpn = std::string("\x08http/1.1")},
       "refused no_http2"},
      {"no ALPN", {.files = Pki().Client(), .alpn = ""}, "refused no_http2"},
  };
  Loopback loopback(Wire::kTls);
  loopback.StartServer();
  for (const Case& c : cases) {
    INFO(c.name);
    CHECK_FALSE(ServerTalks(loopback.port(), c.offer));
    CHECK_FALSE(loopback.observer.log.Await(c.refused).empty());
  }
  CHECK(loopback.observer.log.Count("opened") == 0);
  CHECK(ServerTalks(loopback.port(), {.files = Pki().Client()}));
}

TEST_CASE("cleartext on a TLS port is refused") {
  Loopback loopback(Wire::kTls);
  loopback.StartServer();
  for (const std::string& bytes : {ClientHello(), std::string("GET / HTTP/1.1\r\n\r\n")}) {
    RawPeer peer = RawPeer::Connect(loopback.port());
    peer.Send(bytes);
    CHECK(peer.ReadToEnd());
  }
  CHECK(loopback.observer.log.AwaitCount("refused not_tls", 2));
  CHECK(loopback.observer.log.Count("opened") == 0);
}

TEST_CASE("an expired or not yet valid caller gets through, marked as such") {
  struct Case {
    TlsFiles files;
    CertificateTime time;
  };
  const Case cases[] = {{Pki().Client(), CertificateTime::kValid},
                        {Pki().ExpiredClient(), CertificateTime::kExpired},
                        {Pki().FutureClient(), CertificateTime::kNotYetValid}};
  Loopback loopback(Wire::kTls);
  std::shared_ptr<const PeerIdentity> peer;
  loopback.script.Add("/t.T/Peer", [&](ServerCall& call) {
    peer = call.peer();
    call.Finish({});
    return std::make_unique<Probe>(call, loopback.script.log);
  });
  loopback.StartServer();
  for (const Case& c : cases) {
    ChannelOptions options = loopback.DefaultChannel();
    options.tls->files = c.files;
    loopback.NewChannel(options);
    REQUIRE(loopback.Call("/t.T/Peer", {"m"}).end.status.ok());
    CHECK(peer->certificate_time == c.time);
    CHECK(peer->kind == PeerKind::kTls);
    CHECK_FALSE(peer->leaf_der.empty());
  }
}

TEST_CASE("a client takes no server but the one it expects") {
  struct Case {
    const char* name;
    std::string server_name;
    std::string server_uri;
    bool good;
  };
  const Case cases[] = {{"the address", "", "", true},
                        {"the DNS name", "localhost", "", true},
                        {"the URI", "", "ndx://VN/GOV/G01/provider", true},
                        {"another name", "example.vn", "", false},
                        {"another URI", "", "ndx://VN/GOV/G02/provider", false},
                        {"another address", "127.0.0.2", "", false}};
  Loopback loopback(Wire::kTls);
  loopback.StartServer();
  for (const Case& c : cases) {
    INFO(c.name);
    ChannelOptions options = loopback.DefaultChannel();
    options.tls->server_name = c.server_name;
    options.tls->server_uri = c.server_uri;
    loopback.NewChannel(options);
    const auto answer = loopback.Call("/t.T/Echo", {"m"});
    INFO(answer.end.text);
    CHECK(answer.end.status.ok() == c.good);
    if (c.good) continue;
    CHECK(answer.end.cause == EndCause::kConnectFailed);
    CHECK(answer.end.delivery == Delivery::kNotSent);
    CHECK(answer.end.status.code == static_cast<int>(absl::StatusCode::kUnavailable));
  }
}

TEST_CASE("new keys count for new handshakes") {
  Loopback loopback(Wire::kTls);
  loopback.StartServer();
  REQUIRE(loopback.Call("/t.T/Echo", {"m"}).end.status.ok());
  // The running connection goes on; a new one meets a server whose certificate has expired.
  REQUIRE(loopback.server->UpdateTls(Pki().ExpiredServer()).ok());
  CHECK(loopback.Call("/t.T/Echo", {"m"}).end.status.ok());
  loopback.NewChannel();
  const auto answer = loopback.Call("/t.T/Echo", {"m"});
  CHECK(answer.end.cause == EndCause::kConnectFailed);
  CHECK(answer.end.text.find("expired") != std::string::npos);
  REQUIRE(loopback.server->UpdateTls(Pki().Server()).ok());
  loopback.NewChannel();
  CHECK(loopback.Call("/t.T/Echo", {"m"}).end.status.ok());
  CHECK_FALSE(loopback.server->UpdateTls({.certificate_chain = "/nonexistent"}).ok());
}

TEST_CASE("plaintext stays on the machine, and bad files are told at start") {
  Loopback loopback(Wire::kPlaintext);
  const auto start = [&loopback](ListenAddress listen) {
    ServerOptions options;
    options.listen = {std::move(listen)};
    EventLoopGroup loops(*std::make_unique<core::SystemClock>(), 1, "x");
    Server server(loops, loopback.random, options, loopback.script, loopback.observer);
    return server.Start().status();
  };
  CHECK(absl::IsInvalidArgument(start({.address = "0.0.0.0:0"})));
  CHECK(absl::IsInvalidArgument(start({.address = "nonsense"})));
  CHECK(absl::IsInvalidArgument(start({.address = "unix:relative"})));
  CHECK(absl::IsInvalidArgument(start({.address = "::1:80"})));
  CHECK(start({.address = "127.0.0.1:0"}).ok());
  CHECK(start({.address = "0.0.0.0:0", .tls = Pki().Server()}).ok());
  TlsFiles mixed = Pki().Server();
  mixed.private_key = Pki().Client().private_key;
  CHECK(absl::IsInvalidArgument(start({.address = "127.0.0.1:0", .tls = mixed})));
  loopback.StartServer();
  const auto taken = start({.address = loopback.address()});
  INFO(taken.ToString());
  CHECK(absl::IsAlreadyExists(taken));
  const auto channel = Channel::Create(loopback.client_loop(), loopback.random,
                                       ChannelOptions{.address = "192.0.2.1:80"});
  CHECK(absl::IsInvalidArgument(channel.status()));
}

}  // namespace
}  // namespace ndx::transport
