#include "ndx/console/operator_directory.h"

#include <unistd.h>

#include <catch2/catch.hpp>
#include <string>

namespace ndx::console {
namespace {

using settings::v1::OPERATOR_ROLE_ADMINISTRATOR;
using settings::v1::OPERATOR_ROLE_INVESTIGATOR;
using settings::v1::OPERATOR_ROLE_REPLAYER;
using settings::v1::OPERATOR_ROLE_UNSPECIFIED;
using settings::v1::OPERATOR_ROLE_VIEWER;

std::optional<uid_t> Lookup(const std::string& user) {
  if (user == "lan") return 1001;
  if (user == "minh") return 1002;
  return std::nullopt;
}

void Add(settings::v1::OperatorSettings& settings, const std::string& user,
         std::initializer_list<OperatorRole> roles) {
  auto& entry = *settings.add_operators();
  entry.set_user(user);
  for (const OperatorRole role : roles) entry.add_roles(role);
}

transport::PeerIdentity Peer(transport::PeerKind kind, uid_t uid) {
  return {.kind = kind, .unix_peer = {.uid = uid}};
}

TEST_CASE("an operator is known by the user id of the socket's peer") {
  settings::v1::OperatorSettings settings;
  Add(settings, "lan", {OPERATOR_ROLE_INVESTIGATOR});
  Add(settings, "1003", {OPERATOR_ROLE_VIEWER});
  const auto directory = OperatorDirectory::Build(settings, Lookup);
  REQUIRE(directory.ok());
  const auto lan = directory->Find(Peer(transport::PeerKind::kUnix, 1001));
  REQUIRE(lan.has_value());
  CHECK(lan->name == "lan");
  CHECK(lan->Has(OPERATOR_ROLE_INVESTIGATOR));
  CHECK(lan->Has(OPERATOR_ROLE_VIEWER));
  CHECK_FALSE(lan->Has(OPERATOR_ROLE_REPLAYER));
  CHECK(directory->Find(Peer(transport::PeerKind::kUnix, 1003))->name == "1003");
  CHECK_FALSE(directory->Find(Peer(transport::PeerKind::kUnix, 1002)).has_value());
}

TEST_CASE("nobody is an operator by default, the superuser included, and nobody over a network") {
  settings::v1::OperatorSettings settings;
  Add(settings, "0", {OPERATOR_ROLE_VIEWER});
  const auto directory = OperatorDirectory::Build(settings, Lookup);
  REQUIRE(directory.ok());
  // A plaintext or TLS peer has uid 0 in the struct, which proves nothing.
  CHECK_FALSE(directory->Find(Peer(transport::PeerKind::kPlaintext, 0)).has_value());
  CHECK_FALSE(directory->Find(Peer(transport::PeerKind::kTls, 0)).has_value());
  CHECK_FALSE(
      OperatorDirectory::Build({}, Lookup)->Find(Peer(transport::PeerKind::kUnix, 0)).has_value());
}

TEST_CASE("an operator speaks for the members listed, in either spelling, or for all") {
  settings::v1::OperatorSettings settings;
  Add(settings, "lan", {OPERATOR_ROLE_VIEWER});
  settings.mutable_operators(0)->add_acts_for("000.00.20.G09");
  settings.mutable_operators(0)->add_acts_for("H55");
  Add(settings, "minh", {OPERATOR_ROLE_VIEWER});
  const auto directory = OperatorDirectory::Build(settings, Lookup);
  REQUIRE(directory.ok());
  const auto lan = directory->Find(Peer(transport::PeerKind::kUnix, 1001));
  CHECK(lan->ActsFor("G09.20"));
  CHECK(lan->ActsFor("H55"));
  CHECK_FALSE(lan->ActsFor("G09"));
  CHECK(directory->Find(Peer(transport::PeerKind::kUnix, 1002))->ActsFor("G09"));
  // A slip must not make somebody the node's own staff.
  settings.mutable_operators(0)->add_acts_for("");
  CHECK_THAT(std::string(OperatorDirectory::Build(settings, Lookup).status().message()),
             Catch::Contains("\"lan\" acts for \"\""));
}

TEST_CASE("wrong lists are refused, every fault named") {
  settings::v1::OperatorSettings settings;
  Add(settings, "nobody-here", {OPERATOR_ROLE_VIEWER});
  Add(settings, "lan", {});
  Add(settings, "minh", {OPERATOR_ROLE_UNSPECIFIED});
  Add(settings, "1001", {OPERATOR_ROLE_VIEWER});
  const auto directory = OperatorDirectory::Build(settings, Lookup);
  REQUIRE(absl::IsInvalidArgument(directory.status()));
  const std::string message(directory.status().message());
  CHECK_THAT(message, Catch::Contains("no user \"nobody-here\""));
  CHECK_THAT(message, Catch::Contains("\"lan\" has no role"));
  CHECK_THAT(message, Catch::Contains("\"minh\" has no role"));
  CHECK_THAT(message, Catch::Contains("\"1001\" is listed twice"));
}

TEST_CASE("an operator may come by certificate or token alone, each of one person") {
  const std::string key(64, 'a');
  settings::v1::OperatorSettings settings;
  Add(settings, "remote", {OPERATOR_ROLE_VIEWER});
  settings.mutable_operators(0)->add_certificates_spki_sha256(std::string(64, 'A'));
  settings.mutable_operators(0)->add_token_users("remote-1");
  const auto directory = OperatorDirectory::Build(settings, Lookup);
  REQUIRE(directory.ok());
  CHECK(directory->FindByKey(key)->name == "remote");
  CHECK_FALSE(directory->FindByKey(std::string(64, 'b')).has_value());
  CHECK(directory->FindByToken("remote-1")->name == "remote");
  CHECK_FALSE(directory->FindByToken("remote").has_value());

  Add(settings, "lan", {OPERATOR_ROLE_VIEWER});
  settings.mutable_operators(1)->add_certificates_spki_sha256(key);
  settings.mutable_operators(1)->add_certificates_spki_sha256("abc");
  settings.mutable_operators(1)->add_token_users("remote-1");
  Add(settings, "remote", {OPERATOR_ROLE_VIEWER});
  settings.mutable_operators(2)->add_token_users("");
  const auto wrong = OperatorDirectory::Build(settings, Lookup);
  REQUIRE(absl::IsInvalidArgument(wrong.status()));
  const std::string message(wrong.status().message());
  CHECK_THAT(message, Catch::Contains("\"lan\" has a certificate that is listed twice"));
  CHECK_THAT(message, Catch::Contains("\"lan\" certificates_spki_sha256 has an entry"));
  CHECK_THAT(message, Catch::Contains("\"lan\" has a token user"));
  CHECK_THAT(message, Catch::Contains("\"remote\" has a token user that is empty"));
  CHECK_THAT(message, Catch::Contains("\"remote\" is listed twice"));
}

TEST_CASE("the machine's users are found") {
  CHECK(OperatorDirectory::SystemUser("root") == uid_t{0});
  CHECK_FALSE(OperatorDirectory::SystemUser("no-such-user-here").has_value());
}

TEST_CASE("roles are named as in the settings, in lower case") {
  CHECK(RoleName(OPERATOR_ROLE_ADMINISTRATOR) == "administrator");
}

}  // namespace
}  // namespace ndx::console
