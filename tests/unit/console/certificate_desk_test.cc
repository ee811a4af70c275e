// Orders about certificates: what is recorded, kept and refused.
#include "ndx/console/certificate_desk.h"

#include <catch2/catch.hpp>
#include <string>

#include "ndx/tests/unit/console/console_fixture.h"

namespace ndx::console {
namespace {

using tests::ConsoleFixture;

crypto::Digest DeskKey(uint8_t byte) {
  crypto::Digest key;
  key.fill(byte);
  return key;
}

journal::v1::JournalLeaf NewestLeaf(ConsoleFixture& fixture) {
  return fixture.journal().Leaf(fixture.journal().size() - 1)->leaf;
}

TEST_CASE("a certificate is denied behind its leaf, and its connections are ended") {
  ConsoleFixture fixture;
  const auto denied = fixture.certificate_desk().Deny("an", DeskKey(0xab), "SC 12");
  INFO(denied.status());
  REQUIRE(denied.ok());
  CHECK_FALSE(denied->was_denied);
  CHECK(denied->denial.since == fixture.clock().Now());
  const auto leaf = fixture.journal().Leaf(denied->denial.leaf_index)->leaf;
  CHECK(leaf.event() == journal::v1::JOURNAL_EVENT_OPERATOR_ORDERED);
  CHECK(leaf.operator_name() == "an");
  CHECK(leaf.operator_action() == "DenyCertificate");
  CHECK(leaf.operator_reason() == "SC 12");
  std::string hex;
  for (int i = 0; i < 32; ++i) hex += "ab";
  CHECK(leaf.note() == "certificate spki sha256 " + hex);
  CHECK(fixture.connections_ended() == std::vector<std::string>{hex});
  CHECK(fixture.certificate_desk().List().size() == 1);
}

TEST_CASE("an order that is given twice stands as it was, and ends connections again") {
  ConsoleFixture fixture;
  const auto first = fixture.certificate_desk().Deny("an", DeskKey(1), "SC 12");
  REQUIRE(first.ok());
  const uint64_t leaves = fixture.journal().size();
  const auto second = fixture.certificate_desk().Deny("binh", DeskKey(1), "SC 13");
  REQUIRE(second.ok());
  CHECK(second->was_denied);
  CHECK(second->denial.operator_name == "an");
  CHECK(second->denial.leaf_index == first->denial.leaf_index);
  CHECK(fixture.journal().size() == leaves);
  CHECK(fixture.connections_ended().size() == 2);
}

TEST_CASE(
    "allowing again is for another person than the one who denied, and on record either way") {
  ConsoleFixture fixture;
  auto& desk = fixture.certificate_desk();
  const auto denied = desk.Deny("an", DeskKey(1), "SC 12");
  REQUIRE(denied.ok());
  const auto own = desk.Allow("an", DeskKey(1), "BB 3");
  CHECK(own.status().code() == absl::StatusCode::kPermissionDenied);
  CHECK_THAT(std::string(own.status().message()), Catch::Contains("somebody else has to approve"));
  CHECK(NewestLeaf(fixture).note() == "refused PROPOSAL_SAME_PERSON");
  CHECK(desk.List().size() == 1);

  const auto allowed = desk.Allow("binh", DeskKey(1), "BB 3");
  REQUIRE(allowed.ok());
  const auto leaf = fixture.journal().Leaf(*allowed)->leaf;
  CHECK(leaf.operator_action() == "AllowCertificate");
  CHECK(leaf.operator_name() == "binh");
  CHECK(leaf.caused_by_plus_one() == denied->denial.leaf_index + 1);
  CHECK(desk.List().empty());
  const uint64_t leaves = fixture.journal().size();
  CHECK(desk.Allow("binh", DeskKey(1), "BB 3").status().code() == absl::StatusCode::kNotFound);
  CHECK(fixture.journal().size() == leaves);
}

}  // namespace
}  // namespace ndx::console
