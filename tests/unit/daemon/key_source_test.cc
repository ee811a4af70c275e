#include "ndx/daemon/key_source.h"

#include <catch2/catch.hpp>
#include <cstdlib>
#include <fstream>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "ndx/crypto/key_file.h"
#include "ndx/tests/support/soft_token.h"
#include "ndx/tests/support/temp_dir.h"

namespace ndx::daemon {
namespace {

TEST_CASE("a key is a file beside the settings, a descriptor, or a systemd credential") {
  CHECK(KeyPath("file:/etc/ndx/signing.pem", "/srv/node.yaml").value() == "/etc/ndx/signing.pem");
  CHECK(KeyPath("file:keys/signing.pem", "/srv/node.yaml").value() == "/srv/keys/signing.pem");
  CHECK(KeyPath("fd:3", "/srv/node.yaml").value() == "/proc/self/fd/3");

  REQUIRE(setenv("CREDENTIALS_DIRECTORY", "/run/credentials/ndxd", 1) == 0);
  CHECK(KeyPath("credential:master", "/srv/node.yaml").value() == "/run/credentials/ndxd/master");
  REQUIRE(unsetenv("CREDENTIALS_DIRECTORY") == 0);
}

TEST_CASE("everything else is refused, and says what a key must be") {
  for (const char* bad :
       {"", "/etc/ndx/signing.pem", "fd:", "fd:x", "fd:0", "fd:2", "pkcs11:token=x"}) {
    INFO(bad);
    CHECK_FALSE(KeyPath(bad, "/srv/node.yaml").ok());
  }
  const auto without_systemd = KeyPath("credential:master", "/srv/node.yaml");
  REQUIRE_FALSE(without_systemd.ok());
  CHECK(without_systemd.status().message().find("LoadCredential") != absl::string_view::npos);
}

TEST_CASE("a credential has a name, not a path") {
  REQUIRE(setenv("CREDENTIALS_DIRECTORY", "/run/credentials/ndxd", 1) == 0);
  CHECK_FALSE(KeyPath("credential:", "/srv/node.yaml").ok());
  CHECK_FALSE(KeyPath("credential:../../etc/ndx/other", "/srv/node.yaml").ok());
  CHECK(FilePath("credential:node.crt", "/srv/node.yaml").value() ==
        "/run/credentials/ndxd/node.crt");
  REQUIRE(unsetenv("CREDENTIALS_DIRECTORY") == 0);
  CHECK(FilePath("pki/node.crt", "/srv/node.yaml").value() == "/srv/pki/node.crt");
  CHECK(FilePath("file:pki/node.crt", "/srv/node.yaml").value() == "/srv/pki/node.crt");
}

TEST_CASE(
    "TLS and master keys may be on a token, its PIN in a file of its own; the signing key not") {
  const tests::SoftToken& token = tests::SoftToken::TheOne();
  const tests::TempDir directory;
  const std::string file = directory.File("node.yaml");
  const std::string commands = absl::StrCat(
      "cd ", directory.path(),
      " && openssl req -x509 -newkey rsa:2048 -noenc -subj /CN=a -keyout rsa.pem -out rsa.crt && "
      "printf %s 0123456789abcdef0123456789abcdef > plain && openssl pkeyutl -encrypt -certin "
      "-inkey "
      "rsa.crt -pkeyopt rsa_padding_mode:oaep -in plain -out wrapped && printf '%s\\n' ",
      tests::SoftToken::kPin, " > pin && chmod 600 wrapped pin");
  REQUIRE(std::system(absl::StrCat("(", commands, ") 2>/dev/null").c_str()) == 0);
  token.Add("node");
  token.Import("node", "a", directory.File("rsa.pem"));
  const std::string uri = tests::SoftToken::Uri("node", "a") + "&pin-source=file:pin";
  const auto tls = ReadTlsKey(uri, file);
  INFO(tls.status());
  REQUIRE(tls.ok());
  CHECK(tls->Fits(*crypto::Certificate::Load(directory.File("rsa.crt"))));
  const auto master = ReadMasterKey(uri + "&wrapped=file:wrapped", file);
  INFO(master.status());
  REQUIRE(master.ok());
  CHECK(master->view() == "0123456789abcdef0123456789abcdef");
  CHECK_FALSE(ReadMasterKey(uri, file).ok());
  CHECK_FALSE(ReadMasterKey(uri + "&wrapped=file:absent", file).ok());
  CHECK(absl::IsPermissionDenied(ReadMasterKey(uri + "&wrapped=file:plain", file).status()));
  CHECK_FALSE(ReadTlsKey("pkcs11:token=node;object=a?pin-source=file:absent", file).ok());
  settings::v1::JournalSettings settings;
  settings.set_signing_key(uri);
  const auto refused = ReadJournalKeys(settings, file).status();
  CHECK(absl::StartsWith(refused.message(), "journal.signing_key: "));
  CHECK(absl::StrContains(refused.message(), "Ed25519"));
}

TEST_CASE("the journal's keys are read as the settings name them; errors name the setting") {
  tests::TempDir directory;
  const std::string file = directory.File("node.yaml");
  const auto write = [&](const std::string& name, char seed) {
    const auto key = crypto::Ed25519PrivateKey::FromSeed(std::string(32, seed)).value();
    REQUIRE(crypto::WriteKeyFile(directory.File(name), key.ToPem().view()).ok());
    return key.public_key();
  };
  const std::string signing = write("signing.pem", 's');
  const std::string next = write("next.pem", 't');
  REQUIRE(crypto::WriteKeyFile(directory.File("master"), std::string(32, 'm')).ok());
  settings::v1::JournalSettings settings;
  settings.set_signing_key("file:signing.pem");
  settings.set_master_key("file:master");
  {
    const auto keys = ReadJournalKeys(settings, file);
    REQUIRE(keys.ok());
    CHECK(keys->signing.public_key() == signing);
    CHECK(keys->master.view() == std::string(32, 'm'));
    CHECK_FALSE(keys->next_signing.has_value());
  }
  settings.set_next_signing_key("file:next.pem");
  CHECK(ReadJournalKeys(settings, file)->next_signing->public_key() == next);
  settings.set_next_signing_key("file:absent.pem");
  const auto absent = ReadJournalKeys(settings, file);
  CHECK(absent.status().message().find("journal.next_signing_key: ") == 0);
}

}  // namespace
}  // namespace ndx::daemon
