#include "ndx/tests/support/test_pki.h"

#include <cstdlib>
#include <fstream>

#include "absl/strings/str_cat.h"
#include "ndx/core/status_macros.h"

namespace ndx::tests {
namespace {

constexpr absl::string_view kPast = "20200101000000Z";
constexpr absl::string_view kBeforeNow = "20210101000000Z";
constexpr absl::string_view kAfterNow = "20950101000000Z";
constexpr absl::string_view kFuture = "20960101000000Z";
constexpr absl::string_view kServerNames =
    "DNS:localhost,IP:127.0.0.1,URI:ndx://VN/GOV/G01/provider";
constexpr absl::string_view kClientNames = "URI:ndx://VN/GOV/H55/mot-cua";

void Write(const std::string& path, const std::string& text) { std::ofstream(path) << text; }

}  // namespace

TestPki::TestPki() {
  MakeCa("ca");
  MakeCa("foreign-ca");
  MakeLeaf("server", "ca", kServerNames, kPast, kAfterNow);
  MakeLeaf("client", "ca", kClientNames, kPast, kAfterNow);
  MakeLeaf("expired", "ca", kClientNames, kPast, kBeforeNow);
  MakeLeaf("expired-server", "ca", kServerNames, kPast, kBeforeNow);
  MakeLeaf("future", "ca", kClientNames, kAfterNow, kFuture);
  MakeLeaf("foreign", "foreign-ca", kClientNames, kPast, kAfterNow);
}

transport::TlsFiles TestPki::Files(absl::string_view name, absl::string_view ca) const {
  return {.certificate_chain = File(absl::StrCat(name, ".pem")),
          .private_key = File(absl::StrCat(name, ".key")),
          .peer_ca = File(absl::StrCat(ca, ".pem"))};
}

void TestPki::MakeCa(absl::string_view name) {
  const std::string config = File(absl::StrCat(name, ".cnf"));
  const std::string base = File(name);
  Write(config, absl::StrCat("[ca]\ndefault_ca=d\n[d]\nnew_certs_dir=", dir_.path(),
                             "\ndatabase=", base, ".db\nrand_serial=yes\ndefault_md=sha256\n",
                             "policy=p\nunique_subject=no\n[p]\ncommonName=supplied\n",
                             "[req]\ndistinguished_name=dn\n[dn]\n[v3]\n",
                             "basicConstraints=critical,CA:TRUE\nkeyUsage=keyCertSign,cRLSign\n"));
  Write(base + ".db", "");
  const std::string command = absl::StrCat(
      "openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 36500 -subj "
      "/CN=",
      name, " -config ", config, " -extensions v3 -keyout ", base, ".key -out ", base, ".pem 2>",
      base, ".log");
  NDX_CHECK(std::system(command.c_str()) == 0);
}

void TestPki::MakeLeaf(absl::string_view name, absl::string_view ca, absl::string_view alt_names,
                       absl::string_view from, absl::string_view until) {
  const std::string base = File(name);
  const std::string issuer = File(ca);
  Write(base + ".ext", absl::StrCat("subjectAltName=", alt_names, "\n"));
  const std::string command = absl::StrCat(
      "openssl req -new -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -subj /CN=", name,
      " -config ", issuer, ".cnf -keyout ", base, ".key -out ", base, ".csr 2>", base, ".log && ",
      "openssl ca -batch -notext -config ", issuer, ".cnf -cert ", issuer, ".pem -keyfile ", issuer,
      ".key -startdate ", from, " -enddate ", until, " -extfile ", base, ".ext -in ", base,
      ".csr -out ", base, ".pem 2>>", base, ".log");
  NDX_CHECK(std::system(command.c_str()) == 0);
}

}  // namespace ndx::tests
