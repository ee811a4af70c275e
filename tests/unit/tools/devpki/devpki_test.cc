// Runs tools/devpki/devpki and asks openssl what it made. NDX_DEVPKI names the script (ctest sets
// it).
#include <sys/stat.h>
#include <sys/wait.h>

#include <array>
#include <catch2/catch.hpp>
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <sstream>
#include <string>
#include <vector>

#include "ndx/core/system_id.h"
#include "ndx/tests/support/temp_dir.h"

namespace ndx::tools {
namespace {

struct Outcome {
  int exit_status = -1;
  std::string output;  // stdout and stderr
};

Outcome Run(const std::string& command) {
  Outcome outcome;
  FILE* pipe = ::popen((command + " 2>&1").c_str(), "r");
  REQUIRE(pipe != nullptr);
  std::array<char, 4096> buffer{};
  size_t size = 0;
  while ((size = std::fread(buffer.data(), 1, buffer.size(), pipe)) > 0) {
    outcome.output.append(buffer.data(), size);
  }
  const int status = ::pclose(pipe);
  outcome.exit_status = WIFEXITED(status) ? WEXITSTATUS(status) : -1;
  return outcome;
}

Outcome Devpki(const std::string& arguments) {
  const char* script = std::getenv("NDX_DEVPKI");
  REQUIRE(script != nullptr);
  return Run(std::string(script) + " " + arguments);
}

std::string Contents(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  std::ostringstream text;
  text << file.rdbuf();
  return text.str();
}

Outcome Verify(const std::string& directory, const std::string& certificate) {
  return Run("openssl verify -CAfile " + directory + "/ca.crt -crl_check -CRLfile " + directory +
             "/ca.crl '" + directory + "/" + certificate + "'");
}

std::string NamesIn(const std::string& directory, const std::string& certificate) {
  return Run("openssl x509 -noout -ext subjectAltName,extendedKeyUsage -in '" + directory + "/" +
             certificate + "'")
      .output;
}

bool Contains(const std::string& text, const std::string& part) {
  return text.find(part) != std::string::npos;
}

constexpr char kEverything[] =
    " --provider VN:GOV:G01:population VN:GOV:H55:mot-cua VN:GOV:H20.14:mot-cua"
    " --expired VN:GOV:H55:mot-cua --not-yet-valid VN:GOV:H55:mot-cua --revoked VN:GOV:H55:mot-cua"
    " --unregistered VN:GOV:H99:la --unnamed vo-danh --foreign VN:GOV:H55:mot-cua --host 10.1.2.3"
    " --host node.example";

TEST_CASE("devpki: every certificate is what its name says") {
  const tests::TempDir dir;
  const Outcome made = Devpki(dir.path() + kEverything);
  INFO(made.output);
  REQUIRE(made.exit_status == 0);

  struct Case {
    std::string certificate;
    std::string verdict;  // part of what "openssl verify" says
    bool valid;
  };
  for (const Case& c : std::vector<Case>{
           {"node.crt", "OK", true},
           {"VN:GOV:G01:ndxp.crt", "OK", true},
           {"VN:GOV:G01:population.crt", "OK", true},
           {"VN:GOV:H55:mot-cua.crt", "OK", true},
           {"VN:GOV:H20.14:mot-cua.crt", "OK", true},
           {"unregistered/VN:GOV:H99:la.crt", "OK", true},
           {"unnamed/vo-danh.crt", "OK", true},
           {"expired/VN:GOV:H55:mot-cua.crt", "certificate has expired", false},
           {"not-yet-valid/VN:GOV:H55:mot-cua.crt", "certificate is not yet valid", false},
           {"revoked/VN:GOV:H55:mot-cua.crt", "certificate revoked", false},
           {"foreign/VN:GOV:H55:mot-cua.crt", "unable to get local issuer certificate", false},
       }) {
    INFO(c.certificate);
    const Outcome verdict = Verify(dir.path(), c.certificate);
    CHECK((verdict.exit_status == 0) == c.valid);
    CHECK(Contains(verdict.output, c.verdict));
    const std::string key = c.certificate.substr(0, c.certificate.size() - 4) + ".key";
    struct stat status {};
    REQUIRE(::stat(dir.File(key).c_str(), &status) == 0);
    CHECK((status.st_mode & 0777) == 0600);
    CHECK(Run("openssl x509 -noout -pubkey -in '" + dir.File(c.certificate) + "'").output ==
          Run("openssl pkey -pubout -in '" + dir.File(key) + "'").output);
  }
  CHECK(Run("openssl verify -CAfile " + dir.File("foreign/ca.crt") + " '" +
            dir.File("foreign/VN:GOV:H55:mot-cua.crt") + "'")
            .exit_status == 0);
}

TEST_CASE("devpki: names and uses in the certificates") {
  const tests::TempDir dir;
  REQUIRE(Devpki(dir.path() + kEverything).exit_status == 0);
  const auto id = core::SystemId::Parse("VN:GOV:H20.14:mot-cua");
  REQUIRE(id.ok());
  const std::string client = NamesIn(dir.path(), "VN:GOV:H20.14:mot-cua.crt");
  CHECK(Contains(client, "URI:" + id->uri()));
  CHECK(Contains(client, "TLS Web Client Authentication"));
  CHECK_FALSE(Contains(client, "TLS Web Server Authentication"));
  CHECK_FALSE(Contains(client, "localhost"));
  for (const std::string server : {"node.crt", "VN:GOV:G01:population.crt"}) {
    INFO(server);
    const std::string names = NamesIn(dir.path(), server);
    for (const std::string part :
         {"URI:ndx://VN/GOV/G01/", "DNS:localhost", "IP Address:127.0.0.1", "DNS:node.example",
          "IP Address:10.1.2.3", "TLS Web Server Authentication",
          "TLS Web Client Authentication"}) {
      CHECK(Contains(names, part));
    }
  }
  CHECK_FALSE(Contains(NamesIn(dir.path(), "unnamed/vo-danh.crt"), "URI:"));
}

TEST_CASE("devpki: the index names each certificate with the digest of its public key") {
  const tests::TempDir dir;
  const Outcome made = Devpki("--json " + dir.path() + kEverything);
  REQUIRE(made.exit_status == 0);
  CHECK(made.output == Contents(dir.File("index.json")));
  for (const std::string file : {"VN:GOV:H55:mot-cua.crt", "expired/VN:GOV:H55:mot-cua.crt"}) {
    const std::string digest =
        Run("openssl x509 -noout -pubkey -in '" + dir.File(file) +
            "' | openssl pkey -pubin -outform DER | openssl dgst -sha256 -r | cut -c1-64")
            .output.substr(0, 64);
    const size_t entry = made.output.find("\"certificate\":\"" + file + "\"");
    REQUIRE(entry != std::string::npos);
    const size_t end = made.output.find('}', entry);
    CHECK(Contains(made.output.substr(entry, end - entry), "\"spki_sha256\":\"" + digest + "\""));
  }
}

TEST_CASE("devpki: a second run keeps what is there and adds what is new") {
  const tests::TempDir dir;
  REQUIRE(Devpki(dir.path() + kEverything).exit_status == 0);
  const std::string certificate = Contents(dir.File("VN:GOV:H55:mot-cua.crt"));
  const std::string revocations = Contents(dir.File("ca.crl"));
  const std::string index = Contents(dir.File("index.json"));

  REQUIRE(Devpki(dir.path() + kEverything).exit_status == 0);
  CHECK(Contents(dir.File("VN:GOV:H55:mot-cua.crt")) == certificate);
  CHECK(Contents(dir.File("ca.crl")) == revocations);
  CHECK(Contents(dir.File("index.json")) == index);

  REQUIRE(Devpki(dir.path() + " VN:GOV:H01:mot-cua --revoked VN:GOV:H01:mot-cua").exit_status == 0);
  CHECK(Contents(dir.File("VN:GOV:H55:mot-cua.crt")) == certificate);
  CHECK(Verify(dir.path(), "VN:GOV:H01:mot-cua.crt").exit_status == 0);
  CHECK(Contains(Verify(dir.path(), "revoked/VN:GOV:H01:mot-cua.crt").output, "revoked"));
  CHECK(Contains(Verify(dir.path(), "revoked/VN:GOV:H55:mot-cua.crt").output, "revoked"));

  // The same system as a provider: its certificate is replaced by a wider one.
  REQUIRE(Devpki(dir.path() + " --provider VN:GOV:H55:mot-cua VN:GOV:H55:mot-cua").exit_status ==
          0);
  CHECK(Contains(NamesIn(dir.path(), "VN:GOV:H55:mot-cua.crt"), "DNS:localhost"));
}

TEST_CASE("devpki: wrong arguments are refused and make nothing") {
  const tests::TempDir dir;
  const std::string longest = std::string(35, 'A') + ":" + std::string(40, 'a');
  for (const std::string& bad :
       {std::string(""), dir.File("x") + " VN:GOV:h55:mot-cua", dir.File("x") + " --days 0",
        dir.File("x") + " --days 3651", dir.File("x") + " --node", dir.File("x") + " --other",
        dir.File("x") + " VN:GOV:" + longest + "a", dir.File("x") + " --host 'a,URI:ndx://x'",
        dir.File("x") + " --unnamed ../x"}) {
    INFO(bad);
    CHECK(Devpki(bad).exit_status == 2);
    struct stat status {};
    CHECK(::stat(dir.File("x").c_str(), &status) != 0);
  }
  CHECK(Devpki(dir.File("x") + " VN:GOV:" + longest).exit_status == 0);
}

}  // namespace
}  // namespace ndx::tools
