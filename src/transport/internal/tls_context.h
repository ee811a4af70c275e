// Keys, CAs and rules of TLS for one endpoint: TLS 1.3, ALPN h2, no resumption.
//
// No session tickets: a resumed session would skip the certificate, and with it revocation.
//
// Thread-safety: immutable after construction, shared by all loops.
// Ownership: shared, because sessions made from an old one live on after a change of keys.
#pragma once

#include <openssl/ssl.h>

#include <memory>
#include <string>

#include "absl/status/statusor.h"
#include "ndx/transport/peer_identity.h"
#include "ndx/transport/tls_files.h"

namespace ndx::transport {

// What certificate verification found, filled in while the handshake runs.
struct PeerVerification {
  CertificateTime time = CertificateTime::kValid;
  // Let an expired or not yet valid leaf through (servers: the caller is told so in words).
  bool allow_leaf_time = false;
  // X509_V_… of the error that ended the handshake; 0 for none.
  int error = 0;
  // Handshake messages that came after the handshake: KeyUpdate, for a client session tickets too.
  bool established = false;
  uint32_t later_messages = 0;
};

struct SslFree {
  void operator()(SSL* ssl) const { SSL_free(ssl); }
};
using SslPointer = std::unique_ptr<SSL, SslFree>;

class TlsContext {
 public:
  enum class Role { kServer, kClient };

  // kInvalidArgument when a file cannot be read or key and certificate do not belong together.
  // chain_bytes_max: of all certificates that a peer shows.
  static absl::StatusOr<std::shared_ptr<const TlsContext>> Create(Role role, const TlsFiles& files,
                                                                  size_t chain_bytes_max);
  ~TlsContext();
  TlsContext(const TlsContext&) = delete;
  TlsContext& operator=(const TlsContext&) = delete;

  // A session on fd. verification must outlive it. Client: server_name (DNS or IP) must stand in
  // the peer's certificate; empty: not compared.
  SslPointer NewSession(int fd, PeerVerification* verification,
                        const std::string& server_name) const;

 private:
  TlsContext(Role role, SSL_CTX* context) : role_(role), context_(context) {}

  const Role role_;
  SSL_CTX* const context_;
};

// DER of the peer's leaf and of its issuer into *identity. False when the peer showed none.
bool ReadPeerCertificate(SSL* ssl, PeerIdentity* identity);

// True when the peer's leaf has the URI among its subject alternative names.
bool PeerHasUri(SSL* ssl, const std::string& uri);

// True when ALPN settled on h2.
bool NegotiatedHttp2(SSL* ssl);

// The oldest error in OpenSSL's queue as "reason"; empties the queue.
std::string TakeTlsError(int* reason_code);

}  // namespace ndx::transport
