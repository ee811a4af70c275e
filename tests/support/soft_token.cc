#include "ndx/tests/support/soft_token.h"

#include <cstdlib>
#include <fstream>

#include "absl/strings/str_cat.h"
#include "ndx/core/status_macros.h"

namespace ndx::tests {
namespace {

void Run(const std::string& command) {
  NDX_CHECK(std::system(absl::StrCat(command, " >/dev/null").c_str()) == 0);
}

}  // namespace

const SoftToken& SoftToken::TheOne() {
  static const SoftToken kToken;
  return kToken;
}

SoftToken::SoftToken() {
  const std::string settings = directory_.File("softhsm2.conf");
  std::ofstream(settings) << "directories.tokendir = " << directory_.path()
                          << "\nobjectstore.backend = file\nlog.level = ERROR\n";
  NDX_CHECK(setenv("SOFTHSM2_CONF", settings.c_str(), 1) == 0);
}

void SoftToken::Add(absl::string_view name) const {
  Run(absl::StrCat("softhsm2-util --init-token --free --so-pin 12345678 --pin ", kPin, " --label ",
                   name));
}

void SoftToken::Import(absl::string_view token, absl::string_view name,
                       const std::string& pem_file) const {
  Run(absl::StrCat("softhsm2-util --import ", pem_file, " --token ", token, " --label ", name,
                   " --id ", name.size(), name.size(), " --pin ", kPin));
}

std::string SoftToken::Uri(absl::string_view token, absl::string_view name) {
  return absl::StrCat("pkcs11:token=", token, ";object=", name, "?module-path=", kModule);
}

}  // namespace ndx::tests
