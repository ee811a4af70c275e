// Limits of handshakes, at themselves and one past them, and what comes after a handshake.
#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/ssl.h>

#include <catch2/catch.hpp>
#include <memory>
#include <string>

#include "loopback.h"
#include "ndx/tests/support/fake_clock.h"
#include "raw_peer.h"

namespace ndx::transport {
namespace {

// A TLS client by hand, with the good certificate.
class TlsPeer {
 public:
  explicit TlsPeer(uint16_t port)
      : context_(SSL_CTX_new(TLS_client_method()), SSL_CTX_free), peer_(RawPeer::Connect(port)) {
    const TlsFiles files = Pki().Client();
    SSL_CTX_use_certificate_chain_file(context_.get(), files.certificate_chain.c_str());
    SSL_CTX_use_PrivateKey_file(context_.get(), files.private_key.c_str(), SSL_FILETYPE_PEM);
    const unsigned char alpn[] = {2, 'h', '2'};
    SSL_CTX_set_alpn_protos(context_.get(), alpn, sizeof(alpn));
    ssl_.reset(SSL_new(context_.get()));
    SSL_set_fd(ssl_.get(), peer_.fd());
    ERR_clear_error();
    connected_ = SSL_connect(ssl_.get()) == 1;
  }

  SSL* ssl() { return ssl_.get(); }
  void Send(const std::string& bytes) {
    ERR_clear_error();
    SSL_write(ssl_.get(), bytes.data(), static_cast<int>(bytes.size()));
  }
  // True when the server sends (its SETTINGS to begin with), false when it closes.
  bool ServerTalks() {
    char byte = 0;
    ERR_clear_error();
    return connected_ && SSL_read(ssl_.get(), &byte, 1) == 1;
  }
  // Reads until the server closes.
  void ReadToEnd() {
    while (ServerTalks()) {
    }
  }

 private:
  std::unique_ptr<SSL_CTX, decltype(&SSL_CTX_free)> context_;
  RawPeer peer_;
  std::unique_ptr<SSL, decltype(&SSL_free)> ssl_{nullptr, SSL_free};
  bool connected_ = false;
};

// The beginning of a record with a ClientHello that claims so many bytes.
std::string HelloHead(uint32_t claims) {
  return std::string("\x16\x03\x01\x02\x00\x01", 6) + U32(claims).substr(1);
}

size_t CertificateBytes(const std::string& file) {
  std::unique_ptr<BIO, decltype(&BIO_free)> bio(BIO_new_file(file.c_str(), "r"), BIO_free);
  std::unique_ptr<X509, decltype(&X509_free)> certificate(
      PEM_read_bio_X509(bio.get(), nullptr, nullptr, nullptr), X509_free);
  return static_cast<size_t>(i2d_X509(certificate.get(), nullptr));
}

void Settle(Loopback& loopback, size_t connections) {
  while (loopback.server->connections() < connections) loopback.server_loop().RunAndWait([] {});
  for (int i = 0; i < 3; ++i) loopback.server_loop().RunAndWait([] {});
}

TEST_CASE("a ClientHello that claims more than the limit is not read") {
  ServerOptions options;
  options.limits.client_hello_bytes_max = 2000;
  Loopback loopback(Wire::kTls, options);
  loopback.StartServer();
  RawPeer at = RawPeer::Connect(loopback.port());
  at.Send(HelloHead(2000));
  RawPeer over = RawPeer::Connect(loopback.port());
  over.Send(HelloHead(2001));
  CHECK(over.ReadToEnd());
  CHECK_FALSE(loopback.observer.log.Await("refused too_large").empty());
  CHECK(loopback.observer.log.Count("refused") == 1);
  for (int i = 0; i < 3; ++i) loopback.server_loop().RunAndWait([] {});
  CHECK(loopback.server->connections() == 1);
  // A head in pieces is looked at when it is whole.
  RawPeer pieces = RawPeer::Connect(loopback.port());
  for (const char byte : HelloHead(2001)) pieces.Send(std::string(1, byte));
  CHECK(pieces.ReadToEnd());
  CHECK(loopback.observer.log.AwaitCount("refused too_large", 2));
  // One that ends before is over as any other.
  RawPeer short_one = RawPeer::Connect(loopback.port());
  short_one.Send("\x16");
  short_one.Close();
  CHECK_FALSE(loopback.observer.log.Await("refused closed").empty());
  loopback.NewChannel();
  CHECK(loopback.Call("/t.T/Echo", {"well"}).end.status.ok());
}

TEST_CASE("a record too short for the head of a ClientHello is refused") {
  Loopback loopback(Wire::kTls);
  loopback.StartServer();
  RawPeer peer = RawPeer::Connect(loopback.port());
  peer.Send(std::string("\x16\x03\x01\x00\x01\x01\x16\x03\x01\x00", 10));
  CHECK(peer.ReadToEnd());
  CHECK_FALSE(loopback.observer.log.Await("refused too_large").empty());
}

TEST_CASE("certificates of a caller are bounded") {
  // Context, length of the list, length of the certificate, its extensions.
  const size_t message = 1 + 3 + 3 + CertificateBytes(Pki().Client().certificate_chain) + 2;
  for (const size_t limit : {message, message - 1}) {
    ServerOptions options;
    options.limits.certificate_chain_bytes_max = limit;
    Loopback loopback(Wire::kTls, options);
    loopback.StartServer();
    CHECK(TlsPeer(loopback.port()).ServerTalks() == (limit == message));
    if (limit < message) CHECK_FALSE(loopback.observer.log.Await("refused too_large").empty());
  }
}

TEST_CASE("past the handshakes allowed the oldest goes, a silent one before others") {
  ServerOptions options;
  options.limits.handshakes_max = 2;
  Loopback loopback(Wire::kTls, options);
  loopback.StartServer();
  RawPeer heard = RawPeer::Connect(loopback.port());
  heard.Send(HelloHead(512));
  Settle(loopback, 1);
  RawPeer silent = RawPeer::Connect(loopback.port());
  Settle(loopback, 2);
  CHECK(loopback.observer.log.Count("refused") == 0);
  RawPeer third = RawPeer::Connect(loopback.port());
  third.Send(HelloHead(512));
  CHECK(silent.ReadToEnd());
  CHECK(loopback.observer.log.AwaitCount("refused crowded_out", 1));
  Settle(loopback, 2);
  RawPeer fourth = RawPeer::Connect(loopback.port());
  CHECK(heard.ReadToEnd());
  CHECK(loopback.observer.log.AwaitCount("refused crowded_out", 2));
  // Who gets through does not count any more.
  loopback.NewChannel();
  CHECK(loopback.Call("/t.T/Echo", {"well"}).end.status.ok());
  RawPeer fifth = RawPeer::Connect(loopback.port());
  RawPeer sixth = RawPeer::Connect(loopback.port());
  CHECK(loopback.observer.log.AwaitCount("refused crowded_out", 4));
  CHECK(loopback.Call("/t.T/Echo", {"well"}).end.status.ok());
}

TEST_CASE("connections with one certificate are bounded") {
  ServerOptions options;
  options.limits.connections_per_certificate_max = 2;
  Loopback loopback(Wire::kTls, options);
  loopback.StartServer();
  {
    TlsPeer first(loopback.port());
    CHECK(first.ServerTalks());
    TlsPeer second(loopback.port());
    CHECK(second.ServerTalks());
    CHECK_FALSE(TlsPeer(loopback.port()).ServerTalks());
    CHECK_FALSE(loopback.observer.log.Await("refused too_many_connections").empty());
  }
  REQUIRE(loopback.observer.log.AwaitCount("closed", 2));
  CHECK(TlsPeer(loopback.port()).ServerTalks());
}

TEST_CASE("as many changes of TLS keys as allowed pass, one more is an attack") {
  constexpr uint32_t kBurst = 3;
  for (const uint32_t count : {kBurst, kBurst + 1}) {
    INFO(count);
    ServerOptions options;
    options.limits.key_updates = {.burst = kBurst, .per_second = 1};
    tests::FakeClock clock;
    Loopback loopback(Wire::kTls, options, clock, 1);
    loopback.StartServer();
    TlsPeer peer(loopback.port());
    peer.Send(ClientHello());
    REQUIRE(peer.ServerTalks());
    for (uint32_t i = 0; i < count; ++i) {
      REQUIRE(SSL_key_update(peer.ssl(), SSL_KEY_UPDATE_NOT_REQUESTED) == 1);
      ERR_clear_error();
      SSL_do_handshake(peer.ssl());
    }
    peer.Send(Frame(kHeaders, kEndHeaders, 1, Hpack(GrpcHeaders("/t.T/Echo"))) +
              Frame(kData, kEndStream, 1, Prefixed("well")));
    if (count == kBurst) {
      CHECK_FALSE(loopback.script.log.Await("call").empty());
      CHECK(loopback.observer.log.Count("attack") == 0);
    } else {
      peer.ReadToEnd();
      CHECK(loopback.observer.log.Await("attack") == "attack key_update_flood");
    }
  }
}

}  // namespace
}  // namespace ndx::transport
