// Where the keys and certificates of a TLS endpoint are. TLS 1.3 only, in both directions.
//
// Thread-safety: value type.
#pragma once

#include <memory>
#include <string>

namespace ndx::transport {

struct TlsFiles {
  // PEM: the own certificate, then the intermediates.
  std::string certificate_chain;
  // PEM, not encrypted. Not read where there is a key.
  std::string private_key;
  // PEM: the CAs that the peer's certificate must chain to.
  std::string peer_ca;
  // An EVP_PKEY of OpenSSL's, which may be on a token.
  std::shared_ptr<void> key;
};

}  // namespace ndx::transport
