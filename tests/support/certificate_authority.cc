#include "ndx/tests/support/certificate_authority.h"

#include <cstdlib>
#include <fstream>
#include <sstream>

#include "absl/strings/str_cat.h"
#include "ndx/core/status_macros.h"

namespace ndx::tests {
namespace {

void Write(const std::string& path, const std::string& text) { std::ofstream(path) << text; }

}  // namespace

CertificateAuthority::CertificateAuthority(const std::string& name) {
  Write(File("ca.cnf"),
        absl::StrCat(
            "[ca]\ndefault_ca=d\n[d]\nnew_certs_dir=", dir_.path(), "\ndatabase=", File("ca.db"),
            "\nrand_serial=yes\ndefault_md=sha256\npolicy=p\nunique_subject=no\n"
            "default_crl_days=30\n[p]\ncommonName=supplied\n[req]\ndistinguished_name=dn\n[dn]\n"
            "[v3]\nbasicConstraints=critical,CA:TRUE\nkeyUsage=keyCertSign,cRLSign\n"));
  Write(File("ca.db"), "");
  Run(absl::StrCat(
      "openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 36500 "
      "-subj /CN=",
      name, " -config ", File("ca.cnf"), " -extensions v3 -keyout ", File("ca.key"), " -out ",
      ca_file()));
}

void CertificateAuthority::Run(const std::string& command) {
  const std::string whole = absl::StrCat("(", command, ") >>", File("log"), " 2>&1");
  NDX_CHECK(std::system(whole.c_str()) == 0);
}

std::string CertificateAuthority::Ca() const {
  return absl::StrCat("openssl ca -batch -notext -config ", dir_.File("ca.cnf"), " -cert ",
                      ca_file(), " -keyfile ", dir_.File("ca.key"), " ");
}

crypto::Certificate CertificateAuthority::Issue(const std::string& alt_names,
                                                const std::string& extensions,
                                                const std::string& end) {
  const std::string names =
      alt_names.empty() ? "" : absl::StrCat("subjectAltName=", alt_names, "\n");
  Write(File("leaf.ext"), absl::StrCat("basicConstraints=CA:FALSE\n", names, extensions));
  Run(
      absl::StrCat("openssl req -new -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -subj "
                   "/CN=leaf -config ",
                   File("ca.cnf"), " -keyout ", File("leaf.key"), " -out ", File("leaf.csr")));
  Run(absl::StrCat(Ca(), "-startdate 20260101000000Z -enddate ", end, " -extfile ",
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

std::string CertificateAuthority::WriteCrl(const std::string& file, const std::string& last_update,
                                           const std::string& next_update) {
  std::string out = file.empty() ? File(absl::StrCat("list", crls_++, ".crl")) : file;
  const std::string times = last_update.empty() ? ""
                                                : absl::StrCat(" -crl_lastupdate ", last_update,
                                                               " -crl_nextupdate ", next_update);
  Run(absl::StrCat(Ca(), "-gencrl", times, " -out ", out));
  return out;
}

std::string CertificateAuthority::AnswerOcsp(const std::string& request,
                                             const std::string& signer_file,
                                             const std::string& key_file) {
  Write(File("question.der"), request);
  Run(absl::StrCat("openssl ocsp -index ", File("ca.db"), " -CA ", ca_file(), " -rsigner ",
                   signer_file.empty() ? ca_file() : signer_file, " -rkey ",
                   key_file.empty() ? File("ca.key") : key_file, " -ndays 1 -reqin ",
                   File("question.der"), " -respout ", File("answer.der")));
  std::ostringstream answer;
  answer << std::ifstream(File("answer.der"), std::ios::binary).rdbuf();
  return answer.str();
}

}  // namespace ndx::tests
