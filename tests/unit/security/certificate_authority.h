// An authority in a temporary directory that issues any certificate a test wants and revokes it, on
// the openssl command.
//
// Thread-safety: thread-compatible.
#pragma once

#include <string>

#include "ndx/crypto/certificate.h"
#include "ndx/tests/support/temp_dir.h"

namespace ndx::tests {

class CertificateAuthority {
 public:
  CertificateAuthority();

  // `alt_names` as in openssl.cnf ("URI:ndx://…,DNS:…"), empty for none. Valid from 2026-01-01 to
  // 2026-12-31, UTC. Each call makes a new key and certificate.
  crypto::Certificate Issue(const std::string& alt_names);

  // Revokes a certificate issued here, now.
  void Revoke(const crypto::Certificate& certificate);

  // Writes the current list; returns its file.
  std::string WriteCrl();

  std::string ca_file() const { return dir_.File("ca.pem"); }
  std::string File(const std::string& name) const { return dir_.File(name); }

 private:
  void Run(const std::string& command);
  std::string Ca() const;

  TempDir dir_;
  int crls_ = 0;
};

}  // namespace ndx::tests
