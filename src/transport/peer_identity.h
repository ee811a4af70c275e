// Who is at the other end of a connection, as far as the transport can prove it.
//
// Thread-safety: immutable once published as shared_ptr<const PeerIdentity>.
// Ownership: shared by the connection and every call on it, because a call may outlive it.
#pragma once

#include <sys/types.h>

#include <cstdint>
#include <string>

namespace ndx::transport {

enum class PeerKind {
  kTls,        // leaf_der chains to the CA of the listener
  kPlaintext,  // loopback only: nothing is proven
  kUnix,       // the kernel vouches for unix_peer
};

// Dates of the leaf certificate at the time of the handshake. Both exceptions are let through, so
// that the caller can be answered with the cause; whoever authenticates must look.
enum class CertificateTime { kValid, kExpired, kNotYetValid };

struct UnixPeer {
  pid_t pid = 0;
  uid_t uid = 0;
  gid_t gid = 0;
};

struct PeerIdentity {
  PeerKind kind = PeerKind::kPlaintext;
  // "192.0.2.1:4711", "[2001:db8::1]:4711" or "unix:pid=…"; for logs.
  std::string address;
  // DER of the leaf certificate and of the certificate that issued it; empty without TLS.
  std::string leaf_der;
  std::string issuer_der;
  CertificateTime certificate_time = CertificateTime::kValid;
  // Meaningful when kind is kUnix.
  UnixPeer unix_peer;
  // Unique in this process: tells connections apart in logs and journals.
  uint64_t connection_id = 0;
};

}  // namespace ndx::transport
