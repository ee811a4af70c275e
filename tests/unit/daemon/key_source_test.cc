#include "ndx/daemon/key_source.h"

#include <catch2/catch.hpp>
#include <cstdlib>
#include <fstream>

#include "ndx/crypto/key_file.h"
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
