// A throw-away PKI in a temporary directory, made with the openssl command: one trusted CA, one
// foreign CA, and certificates that are good, expired, not yet valid, or foreign.
//
// Thread-safety: thread-compatible.
// Ownership: the files are removed with the object.
#pragma once

#include <string>

#include "absl/strings/string_view.h"
#include "ndx/tests/support/temp_dir.h"
#include "ndx/transport/tls_files.h"

namespace ndx::tests {

class TestPki {
 public:
  TestPki();

  // localhost, 127.0.0.1 and ndx://VN/GOV/G01/provider.
  transport::TlsFiles Server() const { return Files("server", "ca"); }
  // ndx://VN/GOV/H55/mot-cua.
  transport::TlsFiles Client() const { return Files("client", "ca"); }
  transport::TlsFiles ExpiredClient() const { return Files("expired", "ca"); }
  transport::TlsFiles FutureClient() const { return Files("future", "ca"); }
  transport::TlsFiles ExpiredServer() const { return Files("expired-server", "ca"); }
  // Of a CA that nobody trusts; trusts the good one itself.
  transport::TlsFiles ForeignClient() const { return Files("foreign", "ca"); }

  std::string File(absl::string_view name) const { return dir_.File(name); }

 private:
  transport::TlsFiles Files(absl::string_view name, absl::string_view ca) const;
  void MakeCa(absl::string_view name);
  // Dates as openssl ca writes them: YYYYMMDDHHMMSSZ.
  void MakeLeaf(absl::string_view name, absl::string_view ca, absl::string_view alt_names,
                absl::string_view from, absl::string_view until);

  TempDir dir_;
};

}  // namespace ndx::tests
