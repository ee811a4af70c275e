// What happens to connections below calls, by name, for counters and logs.
//
// Thread-safety: value types.
#pragma once

#include "absl/strings/string_view.h"

namespace ndx::transport {

// Why a TLS handshake, or the first bytes after it, did not make a connection.
enum class HandshakeRefusal {
  kNoCertificate,         // the client showed none
  kUntrustedCertificate,  // does not chain to the CA, is not for this use, or names somebody else
  kNotTls,                // no TLS at all: cleartext HTTP, a port scan
  kTlsVersion,            // older than TLS 1.3
  kNoHttp2,               // ALPN without h2
  kTimeout,
  kClosed,              // by the peer, before the end
  kTooLarge,            // a ClientHello or a chain of certificates over its limit
  kCrowdedOut,          // so many handshakes are under way that the oldest had to go
  kTooManyConnections,  // of that certificate
  kOther,
};

absl::string_view HandshakeRefusalName(HandshakeRefusal refusal);

// For what a connection was cut.
enum class ConnectionAttack {
  kRapidReset,
  kPingFlood,
  kSettingsFlood,
  kEmptyFrameFlood,
  kContinuationFlood,
  kHeaderListTooLarge,
  kWindowUpdateFlood,
  kKeyUpdateFlood,   // handshake messages of TLS after the handshake
  kOutputFlood,      // makes us answer and does not take the answers: frames pile up
  kBadRequestFlood,  // requests that are not gRPC, or malformed
  kSlowHeaders,      // a header block that does not end
  kSlowReader,       // takes too little of what it asked for
  kProtocolError,    // anything else that breaks HTTP/2
};

absl::string_view ConnectionAttackName(ConnectionAttack attack);

}  // namespace ndx::transport
