#include "certificate_authority.h"

#include <cstdlib>
#include <fstream>
#include <sstream>

#include "absl/strings/str_cat.h"
#include "ndx/core/status_macros.h"

namespace ndx::tests {
namespace {

void Write(const std::string& path, const std::string& text) { std::ofstream(path) << text; }

}  // namespace

CertificateAuthority::CertificateAuthority() {
  Write(File("ca.cnf"),
        absl::StrCat(
            "[ca]\ndefault_ca=d\n[d]\nnew_certs_dir=", dir_.path(), "\ndatabase=", File("ca.db"),
            "\nrand_serial=yes\ndefault_md=sha256\npolicy=p\nunique_subject=no\n"
            "default_crl_days=30\n[p]\ncommonName=supplied\n[req]\ndistinguished_name=dn\n[dn]\n"
            "[v3]\nbasicConstraints=critical,CA:TRUE\nkeyUsage=keyCertSign,cRLSign\n"));
  Write(File("ca.db"), "");
  Run(absl::StrCat(
      "openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 36500 "
      "-subj /CN=ca -config ",
      File("ca.cnf"), " -extensions v3 -keyout ", File("ca.key"), " -out ", ca_file()));
}

void CertificateAuthority::Run(const std::string& command) {
  const std::string whole = absl::StrCat("(", command, ") >>", File("log"), " 2>&1");
  NDX_CHECK(std::system(whole.c_str()) == 0);
}

std::string CertificateAuthority::Ca() const {
  return absl::StrCat("openssl ca -batch -notext -config ", dir_.File("ca.cnf"), " -cert ",
                      ca_file(), " -keyfile ", dir_.File("ca.key"), " ");
}

crypto::Certificate CertificateAuthority::Issue(const std::string& alt_names) {
  Write(File("leaf.ext"), alt_names.empty() ? "basicConstraints=CA:FALSE\n"
                                            : absl::StrCat("subjectAltName=", alt_names, "\n"));
  Run(
      absl::StrCat("openssl req -new -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -subj "
                   "/CN=leaf -config ",
                   File("ca.cnf"), " -keyout ", File("leaf.key"), " -out ", File("leaf.csr")));
  Run(absl::StrCat(Ca(), "-startdate 20260101000000Z -enddate 20261231000000Z -extfile ",
                   File("leaf.ext"), " -in ", File("leaf.csr"), " -out ", File("leaf.pem")));
  std::ostringstream pem;
  pem << std::ifstream(File("leaf.pem")).rdbuf();
  auto certificate = crypto::Certificate::FromPem(pem.str());
  NDX_CHECK(certificate.ok());
  // openssl names the file of each certificate by its serial number; Revoke() finds it there.
  return *std::move(certificate);
}

void CertificateAuthority::Revoke(const crypto::Certificate& certificate) {
  std::string serial = certificate.serial_hex();
  for (char& c : serial) c = static_cast<char>(std::toupper(static_cast<unsigned char>(c)));
  Run(absl::StrCat(Ca(), "-revoke ", File(serial + ".pem")));
}

std::string CertificateAuthority::WriteCrl() {
  std::string file = File(absl::StrCat("list", crls_++, ".crl"));
  Run(absl::StrCat(Ca(), "-gencrl -out ", file));
  return file;
}

}  // namespace ndx::tests
