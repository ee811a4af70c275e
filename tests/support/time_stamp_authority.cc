#include "ndx/tests/support/time_stamp_authority.h"

#include <cstdlib>
#include <fstream>
#include <sstream>

#include "ndx/core/status_macros.h"

namespace ndx::tests {
namespace {

const char kSettings[] = R"([tsa]
default_tsa = main
[main]
serial = serial
crypto_device = builtin
signer_cert = tsa.pem
signer_key = tsa.key
signer_digest = sha256
default_policy = 1.2.3.4.1
digests = sha256
accuracy = secs:1
ess_cert_id_alg = sha256
[leaf]
extendedKeyUsage = critical,timeStamping
)";

std::string ReadFile(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  std::ostringstream content;
  content << file.rdbuf();
  return content.str();
}

}  // namespace

const TimeStampAuthority& TimeStampAuthority::Shared() {
  static const auto* const kAuthority = new TimeStampAuthority();
  return *kAuthority;
}

TimeStampAuthority::TimeStampAuthority() {
  std::ofstream(directory_.File("tsa.cnf")) << kSettings;
  std::ofstream(directory_.File("serial")) << "01\n";
  Run("openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -subj /CN=tsa-ca "
      "-days 30 -keyout ca.key -out ca.pem");
  Run("openssl req -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -subj /CN=tsa -keyout "
      "tsa.key -out tsa.csr");
  Run("openssl x509 -req -in tsa.csr -CA ca.pem -CAkey ca.key -CAcreateserial -days 30 -extfile "
      "tsa.cnf -extensions leaf -out tsa.pem");
}

std::string TimeStampAuthority::Answer(const std::string& request) const {
  std::ofstream(directory_.File("query"), std::ios::binary) << request;
  Run("openssl ts -reply -config tsa.cnf -queryfile query -out reply");
  return ReadFile(directory_.File("reply"));
}

std::string TimeStampAuthority::ca_pem() const { return ReadFile(ca_path()); }

std::string TimeStampAuthority::certificate_pem() const {
  return ReadFile(directory_.File("tsa.pem"));
}

void TimeStampAuthority::Run(const std::string& command) const {
  const std::string line = "cd " + directory_.path() + " && " + command + " >log 2>&1";
  NDX_CHECK(std::system(line.c_str()) == 0);
}

}  // namespace ndx::tests
