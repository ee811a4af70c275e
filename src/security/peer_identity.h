// What a peer's certificate says about it, read once for each connection.
//
// Thread-safety: value type; ReadPeerIdentity is thread-safe.
#pragma once

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"

namespace ndx::security {

struct PeerIdentity {
  std::vector<std::string> uris;  // URI SANs, as they stand
  std::string spki_sha256;        // SHA-256 of the SubjectPublicKeyInfo, 32 bytes
  std::string issuer_der;         // issuer name, DER
  std::string serial;             // serial number, big-endian bytes without leading zeros
  absl::Time not_before;
  absl::Time not_after;
};

// Reads a certificate in DER. kInvalidArgument when it is none.
absl::StatusOr<PeerIdentity> ReadPeerIdentity(absl::string_view der);

}  // namespace ndx::security
