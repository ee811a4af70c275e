// Changes of a kept registry by one person and by two: what is recorded, refused, kept and in
// force.
#include "ndx/console/registry_desk.h"

#include <catch2/catch.hpp>
#include <string>
#include <vector>

#include "absl/strings/escaping.h"
#include "google/protobuf/text_format.h"
#include "google/rpc/status.pb.h"
#include "ndx/console/refusal_status.h"
#include "ndx/tests/unit/console/console_fixture.h"

namespace ndx::console {
namespace {

using registry::v1::EntryChange;
using tests::ConsoleFixture;

constexpr char kNewGrant[] = R"(grant { name: "new" consumer: "VN:GOV:H55:mot-cua"
  methods: "probe.v1.PeopleService/Verify" legal_basis: "QD 9" })";
constexpr char kLowerQuota[] = R"(grant { name: "look-up" consumer: "VN:GOV:H55:mot-cua"
  methods: "probe.v1.PeopleService/LookUp" purposes: "tthc" quota { per_second: 5 per_day: 10 }
  legal_basis: "QD 1" })";

RegistryDesk::Wanted Wanted(const std::vector<std::string>& entries) {
  RegistryDesk::Wanted wanted{.reason = "QD 12"};
  for (const std::string& text : entries) {
    INFO(text);
    REQUIRE(google::protobuf::TextFormat::ParseFromString(text, &wanted.entries.emplace_back()));
  }
  return wanted;
}

std::string ReasonIn(const absl::Status& status) {
  google::rpc::Status wire;
  wire.ParseFromString(ToWireStatus(status).details_bin);
  google::rpc::ErrorInfo info;
  for (const auto& any : wire.details()) {
    if (any.UnpackTo(&info)) break;
  }
  return info.reason();
}

journal::v1::JournalLeaf LeafAt(ConsoleFixture& fixture, uint64_t index) {
  return fixture.journal().Leaf(index)->leaf;
}

TEST_CASE("what gives nobody more is in force at once, behind its leaf") {
  ConsoleFixture fixture;
  const auto made = fixture.desk().Propose("an", Wanted({kLowerQuota}));
  INFO(made.status());
  REQUIRE(made.ok());
  CHECK(made->change == 2);
  CHECK(made->plan.number() == 0);
  CHECK(made->plan.widenings().empty());
  REQUIRE(fixture.control().put != nullptr);
  CHECK(fixture.control().put->FindGrant("look-up")->quota_per_second == 5);
  CHECK(fixture.ledger().last_change() == 2);
  const auto leaf = LeafAt(fixture, made->leaf_index);
  CHECK(leaf.event() == journal::v1::JOURNAL_EVENT_REGISTRY_CHANGED);
  CHECK(leaf.operator_name() == "an");
  CHECK(leaf.operator_reason() == "QD 12");
  CHECK(leaf.registry_version() == fixture.control().put->version());
  const auto kept = fixture.ledger().Change(2);
  CHECK(kept->requested_by() == "an");
  CHECK(kept->approved_by().empty());
  CHECK_THAT(leaf.note(), Catch::StartsWith("registry change 2 sha256 "));
  CHECK(*fixture.ledger().LeafOf(2) == made->leaf_index);
}

TEST_CASE("what gives more waits, and is in force when somebody else approves exactly it") {
  ConsoleFixture fixture;
  const auto asked = fixture.desk().Propose("an", Wanted({kNewGrant}));
  REQUIRE(asked.ok());
  const uint64_t number = asked->plan.number();
  CHECK(number > 0);
  CHECK(asked->change == 0);
  CHECK(fixture.control().put == nullptr);
  CHECK(fixture.ledger().last_change() == 1);
  CHECK(LeafAt(fixture, asked->leaf_index).event() == journal::v1::JOURNAL_EVENT_OPERATOR_ORDERED);
  CHECK(LeafAt(fixture, asked->leaf_index).note() ==
        "registry plan " + absl::BytesToHexString(asked->plan_sha256));

  RegistryDesk& desk = fixture.desk();
  CHECK(ReasonIn(desk.Approve("an", number, asked->plan_sha256).status()) ==
        "PROPOSAL_SAME_PERSON");
  CHECK(ReasonIn(desk.Approve("binh", number, std::string(32, 'x')).status()) ==
        "PROPOSAL_PLAN_DIFFERS");
  CHECK(ReasonIn(desk.Approve("binh", number + 1, asked->plan_sha256).status()) ==
        "PROPOSAL_UNKNOWN");
  CHECK(fixture.ledger().last_change() == 1);

  const auto approved = desk.Approve("binh", number, asked->plan_sha256);
  INFO(approved.status());
  REQUIRE(approved.ok());
  CHECK(approved->change == 2);
  CHECK(fixture.control().put->FindGrant("new") != nullptr);
  CHECK(approved->version == fixture.control().put->VersionHex());
  CHECK(fixture.ledger().Change(2)->requested_by() == "an");
  CHECK(fixture.ledger().Change(2)->approved_by() == "binh");
  const auto leaf = LeafAt(fixture, approved->leaf_index);
  CHECK(leaf.operator_name() == "binh");
  CHECK(leaf.caused_by_plus_one() == asked->leaf_index + 1);
  // It works once.
  CHECK(ReasonIn(desk.Approve("binh", number, asked->plan_sha256).status()) == "PROPOSAL_UNKNOWN");
}

TEST_CASE("refused approvals are on record") {
  ConsoleFixture fixture;
  const auto asked = fixture.desk().Propose("an", Wanted({kNewGrant}));
  const uint64_t before = fixture.journal().size();
  CHECK_FALSE(fixture.desk().Approve("an", asked->plan.number(), asked->plan_sha256).ok());
  CHECK_FALSE(fixture.desk().Approve("binh", asked->plan.number(), "").ok());
  REQUIRE(fixture.journal().size() == before + 2);
  CHECK(LeafAt(fixture, before).operator_name() == "an");
  CHECK(LeafAt(fixture, before).note() == "refused PROPOSAL_SAME_PERSON");
  CHECK(LeafAt(fixture, before + 1).note() == "refused PROPOSAL_PLAN_DIFFERS");
}

TEST_CASE("a proposal counts for 24 hours") {
  ConsoleFixture fixture;
  const auto asked = fixture.desk().Propose("an", Wanted({kNewGrant}));
  fixture.clock().Advance(kProposalValid - absl::Seconds(1));
  CHECK(fixture.desk().Open()->size() == 1);
  fixture.clock().Advance(absl::Seconds(1));
  CHECK(fixture.desk().Open()->empty());
  CHECK(
      ReasonIn(fixture.desk().Approve("binh", asked->plan.number(), asked->plan_sha256).status()) ==
      "PROPOSAL_EXPIRED");
  // It is forgotten when the next one is made.
  REQUIRE(fixture.desk().Propose("an", Wanted({kNewGrant})).ok());
  CHECK(fixture.ledger().Proposals()->size() == 1);
}

TEST_CASE("what was changed meanwhile has to be proposed again; other entries do not matter") {
  ConsoleFixture fixture;
  std::string wider = kLowerQuota;
  wider.replace(wider.find("per_second: 5"), 13, "per_second: 99");
  const auto asked = fixture.desk().Propose("an", Wanted({wider}));
  const auto other = fixture.desk().Propose("an", Wanted({kNewGrant}));
  REQUIRE(fixture.desk().Propose("an", Wanted({kLowerQuota})).ok());
  const auto stale = fixture.desk().Approve("binh", asked->plan.number(), asked->plan_sha256);
  CHECK(ReasonIn(stale.status()) == "REGISTRY_CHANGED_MEANWHILE");
  CHECK_THAT(std::string(stale.status().message()), Catch::Contains("grant look-up"));
  CHECK(fixture.desk().Approve("binh", other->plan.number(), other->plan_sha256).ok());
}

TEST_CASE(
    "a change that gives no registry is refused with what is wrong, and nothing is recorded") {
  ConsoleFixture fixture;
  const uint64_t before = fixture.journal().size();
  const auto bad = fixture.desk().Propose(
      "an", Wanted({R"(grant { name: "x" consumer: "VN:GOV:H99:nobody" methods: "probe.v1.No/Such"
                       legal_basis: "QD" })"}));
  CHECK(ReasonIn(bad.status()) == "REGISTRY_CHANGE_INVALID");
  CHECK_THAT(std::string(bad.status().message()), Catch::Contains("grants[x].consumer"));
  const auto nothing = fixture.desk().Propose(
      "an", Wanted({R"(removed { kind: ENTRY_KIND_GRANT name: "absent" })"}));
  CHECK_THAT(std::string(nothing.status().message()), Catch::Contains("grant absent"));
  REQUIRE(fixture.desk().Propose("an", Wanted({kLowerQuota})).ok());
  const auto same = fixture.desk().Propose("an", Wanted({kLowerQuota}));
  CHECK_THAT(std::string(same.status().message()), Catch::Contains("nothing would change"));
  CHECK(fixture.journal().size() == before + 1);
}

TEST_CASE("without its leaf no change is kept or in force") {
  ConsoleFixture fixture;
  fixture.journal().FailAppends(absl::UnavailableError("disk"));
  CHECK(ReasonIn(fixture.desk().Propose("an", Wanted({kLowerQuota})).status()) ==
        "JOURNAL_UNAVAILABLE");
  CHECK(ReasonIn(fixture.desk().Propose("an", Wanted({kNewGrant})).status()) ==
        "JOURNAL_UNAVAILABLE");
  CHECK(fixture.ledger().last_change() == 1);
  CHECK(fixture.desk().Open()->empty());
  CHECK(fixture.control().put == nullptr);
}

TEST_CASE("a proposal is withdrawn by who made it, or refused by who may approve") {
  ConsoleFixture fixture;
  const auto first = fixture.desk().Propose("an", Wanted({kNewGrant}));
  CHECK(ReasonIn(fixture.desk().Withdraw("chi", false, first->plan.number(), "no")) ==
        "OPERATOR_ROLE_MISSING");
  CHECK(fixture.desk().Withdraw("an", false, first->plan.number(), "wrong").ok());
  const auto second = fixture.desk().Propose("an", Wanted({kNewGrant}));
  CHECK(fixture.desk().Withdraw("binh", true, second->plan.number(), "no").ok());
  CHECK(fixture.desk().Open()->empty());
  const auto leaf = LeafAt(fixture, fixture.journal().size() - 1);
  CHECK(leaf.operator_action() == "WithdrawProposal");
  CHECK(leaf.operator_reason() == "no");
  CHECK(leaf.caused_by_plus_one() == second->leaf_index + 1);
}

TEST_CASE("the first change, made before there was a journal, is recorded once") {
  ConsoleFixture fixture;
  const uint64_t before = fixture.journal().size();
  REQUIRE(fixture.desk().RecordUnrecorded().ok());
  REQUIRE(fixture.desk().RecordUnrecorded().ok());
  REQUIRE(fixture.journal().size() == before + 1);
  CHECK(LeafAt(fixture, before).event() == journal::v1::JOURNAL_EVENT_REGISTRY_CHANGED);
  CHECK(*fixture.ledger().LeafOf(1) == before);
}

}  // namespace
}  // namespace ndx::console
