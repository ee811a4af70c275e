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
  // name: its common name.
  explicit CertificateAuthority(const std::string& name = "ca");

  // `alt_names` as in openssl.cnf ("URI:ndx://…,DNS:…"), empty for none. Valid from 2026-01-01 to
  // 2026-12-31, UTC, or to `end` (YYYYMMDDHHMMSSZ). Each call makes a new key and certificate.
  // extensions: further lines of openssl.cnf. Its files are leaf.pem and leaf.key until the next.
  crypto::Certificate Issue(const std::string& alt_names, const std::string& extensions = "",
                            const std::string& end = "20261231000000Z");

  // Revokes a certificate issued here, now.
  void Revoke(const crypto::Certificate& certificate);

  // Writes the current list; returns its file, a new one unless it is named. The times are as
  // openssl has them, YYYYMMDDHHMMSSZ, both or none: of now, and 30 days later.
  std::string WriteCrl(const std::string& file = "", const std::string& last_update = "",
                       const std::string& next_update = "");

  // What a responder answers to an OCSPRequest (DER) now, for a day; it signs with the authority's
  // own certificate and key, or with these files.
  std::string AnswerOcsp(const std::string& request, const std::string& signer_file = "",
                         const std::string& key_file = "");

  std::string ca_file() const { return dir_.File("ca.pem"); }
  std::string File(const std::string& name) const { return dir_.File(name); }

 private:
  void Run(const std::string& command);
  std::string Ca() const;

  TempDir dir_;
  int crls_ = 0;
};

}  // namespace ndx::tests
