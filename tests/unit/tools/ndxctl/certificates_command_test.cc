#include <catch2/catch.hpp>
#include <fstream>
#include <string>

#include "ndx/crypto/certificate.h"
#include "ndx/registry/spki_digest.h"
#include "ndx/tests/support/test_pki.h"
#include "ndx/tests/unit/console/console_fixture.h"
#include "ndx/tests/unit/tools/ndxctl/ndxctl_run.h"

namespace ndx::tools::ndxctl {
namespace {

using Catch::Contains;

TEST_CASE("a certificate is denied by its file or its key, listed, and allowed by another person") {
  tests::ConsoleFixture node;
  const tests::TestPki pki;
  const std::string file = pki.Client().certificate_chain;
  const auto certificate = crypto::Certificate::Load(file);
  REQUIRE(certificate.ok());
  const std::string key = registry::SpkiDigestText(certificate->spki_sha256());
  const auto run = [&](std::vector<std::string> arguments,
                       core::Language language = core::Language::kEnglish) {
    arguments.insert(arguments.begin(), "certificates");
    arguments.insert(arguments.end(), {"--socket", node.socket()});
    return tests::RunNdxctl(arguments, language);
  };
  const auto denied = run({"deny", file, "--reason", "SC 12"});
  INFO(denied.out << denied.err);
  CHECK(denied.code == 0);
  CHECK_THAT(denied.out, Contains("denied, and its connections ended"));
  CHECK(node.connections_ended() == std::vector<std::string>{key});
  CHECK_THAT(run({"deny", key, "--reason", "SC 13"}).out, Contains("is denied already"));
  CHECK_THAT(run({"deny", key, "--reason", "SC 13"}, core::Language::kVietnamese).out,
             Contains("đã bị chặn từ trước"));

  const auto listed = run({"denied"});
  CHECK_THAT(listed.out, Contains(key) && Contains("SC 12") && Contains("SINCE"));
  CHECK_THAT(run({"denied"}, core::Language::kVietnamese).out, Contains("NGƯỜI CHẶN"));
  CHECK_THAT(run({"denied", "-o", "json"}).out, Contains("\"spki_sha256\":\"" + key + "\""));

  const auto own = run({"allow", key, "--reason", "BB 3"});
  CHECK(own.code == 4);
  CHECK_THAT(own.err, Contains("somebody else has to approve it"));
  REQUIRE(node.certificate_desk().Allow("binh", certificate->spki_sha256(), "BB 3").ok());
  const auto gone = run({"allow", key, "--reason", "BB 3"});
  CHECK(gone.code == 5);
  CHECK_THAT(gone.err, Contains("CERTIFICATE_NOT_DENIED"));
}

TEST_CASE(
    "what names no certificate is a wrong command line, and so is an order without a reason") {
  tests::ConsoleFixture node;
  const auto run = [&](std::vector<std::string> arguments) {
    arguments.insert(arguments.begin(), "certificates");
    arguments.insert(arguments.end(), {"--socket", node.socket()});
    return tests::RunNdxctl(arguments);
  };
  const auto absent = run({"deny", "/nowhere/x.crt", "--reason", "SC 12"});
  CHECK(absent.code == 2);
  CHECK_THAT(absent.err, Contains("/nowhere/x.crt") && Contains("64 hexadecimal digits"));
  CHECK(run({"allow", std::string(63, 'a'), "--reason", "SC 12"}).code == 2);
  CHECK(run({"deny", std::string(64, 'a')}).code == 2);
  CHECK(run({"allow", std::string(64, 'a')}).code == 2);
  CHECK(node.journal().size() == 0);
}

}  // namespace
}  // namespace ndx::tools::ndxctl
