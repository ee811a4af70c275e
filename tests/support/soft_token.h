// A token of SoftHSM2 (Debian: softhsm2) in a directory of its own, for tests of keys on tokens.
//
// Thread-safety: thread-compatible. One in a process: where SoftHSM looks for its tokens is an
// environment variable that it reads once.
#pragma once

#include <string>

#include "absl/strings/string_view.h"
#include "ndx/tests/support/temp_dir.h"

namespace ndx::tests {

class SoftToken {
 public:
  static constexpr const char* kModule = "/usr/lib/softhsm/libsofthsm2.so";
  static constexpr const char* kPin = "4711-synthetic";

  // The process's token, with nothing on it; made at the first call.
  static const SoftToken& TheOne();

  // A further token beside it.
  void Add(absl::string_view name) const;

  // Puts a private key, a PEM file without encryption (PKCS#8), on a token.
  void Import(absl::string_view token, absl::string_view name, const std::string& pem_file) const;

  // "pkcs11:token=…;object=…?module-path=…".
  static std::string Uri(absl::string_view token, absl::string_view name);

 private:
  SoftToken();

  TempDir directory_;
};

}  // namespace ndx::tests
