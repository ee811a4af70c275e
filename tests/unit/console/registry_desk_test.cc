// Changes of a kept registry by one person and by two: what is recorded, refused, kept and in
// force.
#include "ndx/console/registry_desk.h"

#include <catch2/catch.hpp>
#include <fstream>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "google/protobuf/text_format.h"
#include "google/rpc/status.pb.h"
#include "ndx/console/refusal_status.h"
#include "ndx/registry/registry_edit.h"
#include "ndx/tests/support/proto_source.h"
#include "ndx/tests/support/registry_fixture.h"
#include "ndx/tests/support/temp_dir.h"
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

// A second version of the fixture's people beside the first, with pieces of its contract replaced.
struct SecondVersion {
  tests::TempDir directory;

  RegistryDesk::Wanted With(
      const std::vector<std::pair<const std::string, std::string>>& pieces) const {
    std::string text = absl::StrReplaceAll(tests::ProbeProto(), {{"probe.v1", "probe.v2"}});
    for (const auto& [piece, by] : pieces) REQUIRE(absl::StrReplaceAll({{piece, by}}, &text) > 0);
    const std::string file = directory.File("people.binpb");
    std::ofstream(file, std::ios::binary)
        << tests::ProtoSource(tests::ProtoSource::Files{{"probe/v2/probe.proto", text}})
               .DescriptorSet();
    return Wanted({absl::StrCat(R"(service { name: "probe.v2.PeopleService" share: 1
        descriptor_set: ")",
                                file, R"("
        providers { system: "VN:GOV:G01:population" endpoint: "unix:/run/people2.sock" } })")});
  }
};

TEST_CASE("two versions of a service stand side by side, each with its contract") {
  ConsoleFixture fixture;
  const SecondVersion second;
  const auto made =
      fixture.desk().Propose("an", second.With({{"int32 total = 3;", "string total = 3;"}}));
  INFO(made.status());
  REQUIRE(made.ok());
  const auto total = [&](const std::string& package) {
    return fixture.control()
        .put->FindMethod("/" + package + ".PeopleService/LookUp")
        ->output->FindFieldByName("total")
        ->type_name();
  };
  CHECK(std::string(total("probe.v1")) == "int32");
  CHECK(std::string(total("probe.v2")) == "string");
}

TEST_CASE("a contract is kept with the change that brings it, whatever becomes of its file") {
  ConsoleFixture fixture;
  const SecondVersion second;
  REQUIRE(fixture.desk().Propose("an", second.With({})).ok());
  const std::string name = fixture.ledger().Change(2)->entries(0).service().descriptor_set();
  CHECK_THAT(name, Catch::StartsWith("sha256:"));
  const std::string version = fixture.control().put->version();
  std::ofstream(second.directory.File("people.binpb")) << "overwritten";
  // Another change builds the registry anew.
  REQUIRE(fixture.desk().Propose("an", Wanted({kLowerQuota})).ok());
  CHECK(fixture.control().put->FindService("probe.v2.PeopleService") != nullptr);

  // What waits for a second person is kept too.
  const auto wider = fixture.desk().Propose(
      "an", second.With({{"int32 total = 3;", "int32 total = 3; string more = 9;"}}));
  INFO(wider.status());
  REQUIRE(wider.ok());
  CHECK(wider->contract_differences.empty());
  std::ofstream(second.directory.File("people.binpb")) << "overwritten";
  REQUIRE(fixture.desk().Approve("binh", wider->plan.number(), wider->plan_sha256).ok());
  const auto newest = [&] {
    return fixture.control().put->FindMethod("/probe.v2.PeopleService/LookUp")->output;
  };
  CHECK(newest()->FindFieldByName("more") != nullptr);
  // The registry of then has the contract of then.
  const auto then = registry::BuildRegistry(fixture.ledger().After(2)->Document(),
                                            fixture.node().registry_source);
  REQUIRE(then.ok());
  CHECK((*then)->version() == version);
  CHECK((*then)->FindMethod("/probe.v2.PeopleService/LookUp")->output->FindFieldByName("more") ==
        nullptr);
}

TEST_CASE("a contract that breaks is shown before, and refused; a rollback may") {
  ConsoleFixture fixture;
  const SecondVersion second;
  REQUIRE(fixture.desk().Propose("an", second.With({})).ok());
  const std::string grant = R"(grant { name: "two" consumer: "VN:GOV:H55:mot-cua"
      methods: "probe.v2.PeopleService/LookUp" answer_fields: "total" legal_basis: "QD 9" })";
  const auto asked = fixture.desk().Propose("an", Wanted({grant}));
  REQUIRE(fixture.desk().Approve("binh", asked->plan.number(), asked->plan_sha256).ok());

  const auto wanted = second.With({{"int32 total = 3;", "reserved 3;"}});
  const auto shown = fixture.desk().Look("an", wanted);
  INFO(shown.status());
  REQUIRE(shown.ok());
  REQUIRE(shown->contract_differences.size() == 2);
  CHECK_FALSE(shown->contract_differences[0].breaking());
  CHECK(shown->contract_differences.back().element() == "two total");
  const uint64_t leaves = fixture.journal().size();
  const auto refused = fixture.desk().Propose("an", wanted);
  CHECK(ReasonIn(refused.status()) == "CONTRACT_BREAKS");
  CHECK_THAT(std::string(refused.status().message()),
             Catch::Contains("probe.v2.PeopleService") && Catch::Contains("two total GRANT"));
  CHECK(fixture.journal().size() == leaves);
  CHECK(fixture.desk().Open()->empty());

  const auto more = fixture.desk().Propose(
      "an", second.With({{"int32 total = 3;", "int32 total = 3; bool m = 4;"}}));
  REQUIRE(fixture.desk().Approve("binh", more->plan.number(), more->plan_sha256).ok());
  RegistryDesk::Wanted back{.reason = "wrong"};
  back.origin = registry::v1::CHANGE_ORIGIN_ROLLBACK;
  back.rolled_back_to = 3;
  back.entries = ChangesBetween(*fixture.ledger().newest(), *fixture.ledger().After(3));
  const auto returned = fixture.desk().Propose("an", back);
  INFO(returned.status());
  REQUIRE(returned.ok());
  CHECK_FALSE(returned->contract_differences.empty());
  CHECK(fixture.desk().Approve("binh", returned->plan.number(), returned->plan_sha256).ok());
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
