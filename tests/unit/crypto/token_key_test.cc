#include "ndx/crypto/token_key.h"

#include <catch2/catch.hpp>
#include <cstdlib>
#include <fstream>
#include <sstream>
#include <string>

#include "ndx/tests/support/soft_token.h"
#include "ndx/tests/support/temp_dir.h"

namespace ndx::crypto {
namespace {

using tests::SoftToken;

void Openssl(const std::string& arguments) {
  REQUIRE(std::system(("openssl " + arguments + " >/dev/null 2>&1").c_str()) == 0);
}

// Both before a key is asked for: the engine lists the tokens once.
const SoftToken& Tokens() {
  static const SoftToken& tokens = [&]() -> const SoftToken& {
    const SoftToken& made = SoftToken::TheOne();
    made.Add("main");
    made.Add("edwards");
    return made;
  }();
  return tokens;
}

absl::StatusOr<PrivateKey> OnToken(const std::string& token, const std::string& name,
                                   absl::string_view pin = SoftToken::kPin) {
  return OpenTokenKey(ParseTokenUri(SoftToken::Uri(token, name)).value(), pin);
}

TEST_CASE("a pkcs11 URI is taken apart, and one with a PIN in it refused") {
  const auto uri = ParseTokenUri(
      "pkcs11:token=ndx;object=tls%201?module-path=/usr/lib/a%20b.so&pin-source=credential:pin&"
      "wrapped=file:master.wrapped");
  REQUIRE(uri.ok());
  CHECK(uri->key == "pkcs11:token=ndx;object=tls%201");
  CHECK(uri->module_path == "/usr/lib/a b.so");
  CHECK(uri->pin_source == "credential:pin");
  CHECK(uri->wrapped == "file:master.wrapped");
  CHECK(ParseTokenUri("pkcs11:token=ndx")->pin_source.empty());
  for (const char* wrong : {"file:x", "pkcs11:token=a;pin-value=1", "pkcs11:token=a?pin-value=1",
                            "pkcs11:token=a?pin-sauce=file:x"}) {
    INFO(wrong);
    CHECK(absl::IsInvalidArgument(ParseTokenUri(wrong).status()));
  }
  const auto status = ParseTokenUri("pkcs11:token=a?pin-value=1234").status();
  CHECK(std::string(status.message()).find("pin-source") != std::string::npos);
  CHECK(std::string(status.message()).find("1234") == std::string::npos);
}

TEST_CASE("a key on a token fits its certificate, and decrypts what was encrypted for it") {
  const SoftToken& token = Tokens();
  const tests::TempDir dir;
  const std::string at = dir.path() + "/";
  Openssl("req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -noenc -subj /CN=a -keyout " + at +
          "ec.pem -out " + at + "ec.crt");
  Openssl("req -x509 -newkey rsa:2048 -noenc -subj /CN=b -keyout " + at + "rsa.pem -out " + at +
          "rsa.crt");
  token.Import("main", "a", at + "ec.pem");
  token.Import("main", "bb", at + "rsa.pem");
  const auto ec = OnToken("main", "a");
  INFO(ec.status());
  REQUIRE(ec.ok());
  const auto rsa = OnToken("main", "bb");
  REQUIRE(rsa.ok());
  const auto ec_certificate = Certificate::Load(at + "ec.crt");
  const auto rsa_certificate = Certificate::Load(at + "rsa.crt");
  CHECK(ec->Fits(*ec_certificate));
  CHECK_FALSE(ec->Fits(*rsa_certificate));
  CHECK(rsa->Fits(*rsa_certificate));

  std::ofstream(at + "plain") << "secret";
  Openssl("pkeyutl -encrypt -certin -inkey " + at + "rsa.crt -pkeyopt rsa_padding_mode:oaep -in " +
          at + "plain -out " + at + "wrapped");
  std::ifstream file(at + "wrapped", std::ios::binary);
  std::ostringstream content;
  content << file.rdbuf();
  std::string wrapped = content.str();
  const auto plain = rsa->Decrypt(wrapped);
  REQUIRE(plain.ok());
  CHECK(plain->view() == "secret");
  wrapped[20] = static_cast<char>(wrapped[20] ^ 1);
  CHECK(absl::IsDataLoss(rsa->Decrypt(wrapped).status()));
  CHECK(absl::IsInvalidArgument(ec->Decrypt(wrapped).status()));
}

TEST_CASE("what is wrong with a token or key is said in the engine's own words") {
  const SoftToken& token = Tokens();
  token.Add("other");
  const auto missing = OnToken("other", "none");
  CHECK(absl::IsUnavailable(missing.status()));
  CHECK(std::string(missing.status().message()).find("object not found") != std::string::npos);
  CHECK(absl::IsUnavailable(OnToken("no-such-token", "none").status()));
  auto uri = ParseTokenUri(SoftToken::Uri("other", "none")).value();
  uri.module_path = "/usr/lib/another.so";
  CHECK(absl::IsFailedPrecondition(OpenTokenKey(uri, SoftToken::kPin).status()));
}

// A limit of libp11 0.4.12, which Debian 12 has: when this fails, src/crypto/README.md is out of
// date.
TEST_CASE("an Ed25519 key on a token cannot be had, nor any other key of that token") {
  const SoftToken& token = Tokens();
  const tests::TempDir dir;
  const std::string at = dir.path() + "/";
  Openssl("genpkey -algorithm ed25519 -out " + at + "ed.pem");
  Openssl("genpkey -algorithm ec -pkeyopt ec_paramgen_curve:P-256 -out " + at + "ec.pem");
  token.Import("edwards", "a", at + "ec.pem");
  CHECK(OnToken("edwards", "a").ok());
  token.Import("edwards", "bb", at + "ed.pem");
  const auto key = OnToken("edwards", "bb");
  REQUIRE_FALSE(key.ok());
  CHECK(std::string(key.status().message()).find("object not found") != std::string::npos);
}

}  // namespace
}  // namespace ndx::crypto
