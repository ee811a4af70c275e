#include <sys/stat.h>

#include <catch2/catch.hpp>
#include <fstream>
#include <string>

#include "ndx/core/system_clock.h"
#include "ndx/tests/support/test_pki.h"
#include "ndx/tests/unit/console/console_fixture.h"
#include "ndx/tests/unit/tools/ndxctl/ndxctl_run.h"
#include "ndx/tools/ndxctl/exit_code.h"

namespace ndx::tools::ndxctl {
namespace {

using Catch::Contains;

// Settings of a node whose files are all in order.
std::string WriteSettings(const tests::TempDir& directory, const tests::TestPki& pki) {
  for (const char* key : {"signing.pem", "master.key"}) {
    std::ofstream(directory.File(key)) << "secret";
    chmod(directory.File(key).c_str(), 0600);
  }
  chmod(pki.File("server.key").c_str(), 0600);
  const std::string file = directory.File("node.yaml");
  std::ofstream(file) << "node: {system: 'VN:GOV:G01:ndxp', origin: ndxp.test, contact: x}\n"
                      << "listener:\n  addresses: ['127.0.0.1:0']\n  tls: {certificate_file: '"
                      << pki.File("server.pem") << "', key_file: '" << pki.File("server.key")
                      << "'}\n  client_ca_file: '" << pki.File("ca.pem") << "'\n"
                      << "registry: {paths: [registry]}\n"
                      << "journal: {directory: journal, signing_key: 'file:signing.pem', "
                         "master_key: 'credential:master', low_water_bytes: 1}\n";
  return file;
}

TEST_CASE("a node whose files are in order passes, and each fault is a line with a remedy") {
  const tests::TempDir directory;
  const tests::TestPki pki;
  const std::string file = WriteSettings(directory, pki);
  const auto good = tests::RunNdxctl({"doctor", "--settings", file, "--offline"});
  INFO(good.out << good.err);
  CHECK(good.code == 0);
  CHECK(good.out.find("FAIL") == std::string::npos);
  CHECK_THAT(good.out, Contains("days left") && Contains("credential:master"));
  chmod(directory.File("signing.pem").c_str(), 0644);
  const auto bad =
      tests::RunNdxctl({"doctor", "--settings", file, "--offline"}, core::Language::kVietnamese);
  CHECK(bad.code == ToInt(ExitCode::kDoctorFindings));
  CHECK_THAT(bad.out, Contains("FAIL") && Contains("chmod 0600") && Contains("VIỆC CẦN LÀM"));
}

TEST_CASE("the node is asked too, and its clock compared") {
  tests::ConsoleFixture node;
  node.clock().Jump(core::SystemClock().Now() - node.clock().Now());
  const auto run = tests::RunNdxctl({"doctor", "--socket", node.socket(), "-o", "json"});
  INFO(run.out << run.err);
  CHECK_THAT(run.out, Contains(R"({"verdict":"ok","subject":"operator API")"));
  CHECK_THAT(run.out, Contains(R"({"verdict":"ok","subject":"node's clock")"));
  // The fixture's registry source has no files: an empty registry, which is a valid one.
  CHECK_THAT(run.out, Contains(R"("subject":"registry files")"));
}

TEST_CASE("a node that does not answer is a finding, not an error") {
  const tests::TempDir directory;
  const auto run =
      tests::RunNdxctl({"doctor", "--socket", directory.File("absent"), "--timeout", "5"});
  CHECK(run.code == ToInt(ExitCode::kDoctorFindings));
  CHECK_THAT(run.out, Contains("operator API") && Contains("start ndxd, or give --socket"));
}

}  // namespace
}  // namespace ndx::tools::ndxctl
