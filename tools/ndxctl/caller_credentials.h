// The certificate that ndxctl calls with, found from what stands behind --as.
//
// Thread-safety: value type. Errors: kNotFound naming the file that is missing.
#pragma once

#include <string>

#include "absl/status/statusor.h"

namespace ndx::tools::ndxctl {

struct CallerCredentials {
  std::string ca_pem;
  std::string certificate_pem;
  std::string key_pem;

  // as: a path without ending, "pki/VN:GOV:H55:mot-cua" for pki/VN:GOV:H55:mot-cua.crt (or .pem)
  // and .key; or a system's name alone, looked up in directory. ca_file: the authority that signed
  // the node's certificate; where empty ca.crt (or .pem) beside the certificate or one directory
  // above.
  static absl::StatusOr<CallerCredentials> Load(const std::string& as, const std::string& directory,
                                                const std::string& ca_file);
};

// The whole file; kNotFound when it cannot be read.
absl::StatusOr<std::string> ReadFile(const std::string& path);

}  // namespace ndx::tools::ndxctl
