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

TEST_CASE("the machine's users are found") {
  CHECK(OperatorDirectory::SystemUser("root") == uid_t{0});
  CHECK_FALSE(OperatorDirectory::SystemUser("no-such-user-here").has_value());
}

TEST_CASE("roles are named as in the settings, in lower case") {
  CHECK(RoleName(OPERATOR_ROLE_ADMINISTRATOR) == "administrator");
}

}  // namespace
}  // namespace ndx::console
