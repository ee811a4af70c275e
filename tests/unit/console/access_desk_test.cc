// Requests for access from the first step to the last: what is recorded, refused, kept and granted.
#include "ndx/console/access_desk.h"

#include <catch2/catch.hpp>
#include <string>

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "google/protobuf/text_format.h"
#include "google/rpc/status.pb.h"
#include "ndx/console/access_wish.h"
#include "ndx/console/refusal_status.h"
#include "ndx/registry/access_request.h"
#include "ndx/tests/unit/console/console_fixture.h"

namespace ndx::console {
namespace {

using registry::v1::AccessRequest;
using tests::ConsoleFixture;

// Of the consumer's member, of the owner's, of another, and of the node's own staff.
const OperatorIdentity kConsumer{.name = "an", .roles = {}, .acts_for = {"H55"}};
const OperatorIdentity kOwner{.name = "binh", .roles = {}, .acts_for = {"G01"}};
const OperatorIdentity kStranger{.name = "chi", .roles = {}, .acts_for = {"G09.20"}};
const OperatorIdentity kStaff{.name = "dung", .roles = {}};

constexpr char kWish[] = R"(consumer: "VN:GOV:H55:mot-cua" service: "probe.v1.PeopleService"
  methods: "LookUp" answer_fields: "person.full_name" answer_fields: "person.citizen_id"
  purposes: "tthc" legal_basis: "QD 12/2026" per_day: 500 subjects_per_day: 300
  valid_to: "2099-12-31")";

v1::AccessWish WishFrom(const std::string& text) {
  v1::AccessWish wish;
  REQUIRE(google::protobuf::TextFormat::ParseFromString(text, &wish));
  return wish;
}

std::string RefusedAs(const absl::Status& status) {
  google::rpc::Status wire;
  wire.ParseFromString(ToWireStatus(status).details_bin);
  google::rpc::ErrorInfo info;
  for (const auto& any : wire.details()) {
    if (any.UnpackTo(&info)) break;
  }
  return info.reason();
}

AccessRequest Asked(ConsoleFixture& fixture, const std::string& wish = kWish) {
  const auto asked = fixture.access_desk().Ask(kConsumer, WishFrom(wish), "counter", false);
  INFO(asked.status());
  REQUIRE(asked.ok());
  return *asked;
}

journal::v1::JournalLeaf LeafOfStep(ConsoleFixture& fixture, const AccessRequest& request) {
  return fixture.journal().Leaf(request.steps().rbegin()->leaf_index_plus_one() - 1)->leaf;
}

TEST_CASE("a request is a leaf with the digest of its step, and makes nothing yet") {
  ConsoleFixture fixture;
  const AccessRequest request = Asked(fixture);
  CHECK(request.number() == 1);
  CHECK(registry::StateOf(request) == registry::v1::ACCESS_REQUEST_STATE_WAITING);
  const auto leaf = LeafOfStep(fixture, request);
  CHECK(leaf.event() == journal::v1::JOURNAL_EVENT_OPERATOR_ORDERED);
  CHECK(leaf.operator_name() == "an");
  CHECK(leaf.operator_action() == "RequestAccess");
  CHECK(leaf.note() ==
        "access request 1 sha256 " + absl::BytesToHexString(AccessDesk::PlanDigest(request)));
  CHECK(fixture.ledger().last_change() == 1);
  CHECK(fixture.control().put == nullptr);
  CHECK(fixture.access_desk().Find(1)->SerializeAsString() == request.SerializeAsString());
  CHECK(fixture.access_desk().OwnersOf(request) == std::set<std::string>{"G01"});
  CHECK(RefusedAs(fixture.access_desk().Find(2).status()) == "ACCESS_REQUEST_UNKNOWN");
}

TEST_CASE("a dry run says what would be asked and leaves nothing") {
  ConsoleFixture fixture;
  const uint64_t leaves = fixture.journal().size();
  const auto shown = fixture.access_desk().Ask(kConsumer, WishFrom(kWish), "counter", true);
  REQUIRE(shown.ok());
  CHECK(shown->number() == 0);
  CHECK(shown->steps(0).grant().name() == "access-1");
  CHECK(fixture.journal().size() == leaves);
  CHECK(fixture.access_desk().Open()->empty());
}

TEST_CASE("who asks speaks for the consumer, and says what is asked for") {
  ConsoleFixture fixture;
  const auto ask = [&](const OperatorIdentity& who, const std::string& wish,
                       const std::string& why = "counter") {
    return RefusedAs(fixture.access_desk().Ask(who, WishFrom(wish), why, false).status());
  };
  CHECK(ask(kStranger, kWish) == "ACCESS_REQUEST_INVALID");
  CHECK(ask(kConsumer, kWish, "") == "OPERATOR_REASON_INVALID");
  CHECK(ask(kConsumer, kWish, "of 001088000001") == "OPERATOR_REASON_INVALID");
  CHECK(ask(kConsumer, kWish, std::string(kAccessTextBytesMax + 1, 'x')) ==
        "OPERATOR_REASON_INVALID");
  // What the registry does not have is found by building it.
  std::string other = kWish;
  other.replace(other.find("tthc"), 4, "gone");
  CHECK(ask(kConsumer, other) == "REGISTRY_CHANGE_INVALID");
  CHECK(ask(kStaff, kWish).empty());
  CHECK(fixture.access_desk().Open()->size() == 1);
}

TEST_CASE("the owner approves exactly what waits, and it is granted by two persons") {
  ConsoleFixture fixture;
  AccessDesk& desk = fixture.access_desk();
  const AccessRequest request = Asked(fixture);
  const std::string plan = AccessDesk::PlanDigest(request);
  CHECK(RefusedAs(desk.Approve(kConsumer, 1, plan).status()) == "PROPOSAL_SAME_PERSON");
  CHECK(RefusedAs(desk.Approve(kStranger, 1, plan).status()) == "ACCESS_REQUEST_NOT_OWNER");
  CHECK(RefusedAs(desk.Approve(kOwner, 1, std::string(32, 'x')).status()) ==
        "ACCESS_REQUEST_STATE");
  CHECK(fixture.ledger().last_change() == 1);

  const auto granted = desk.Approve(kOwner, 1, plan);
  INFO(granted.status());
  REQUIRE(granted.ok());
  CHECK(granted->made.change == 2);
  CHECK(granted->request.change() == 2);
  CHECK(registry::StateOf(granted->request) == registry::v1::ACCESS_REQUEST_STATE_APPROVED);
  CHECK(desk.Find(1)->SerializeAsString() == granted->request.SerializeAsString());
  REQUIRE(fixture.control().put != nullptr);
  const auto* const grant = fixture.control().put->FindGrant("access-1");
  REQUIRE(grant != nullptr);
  CHECK(grant->quota_per_day == 500);
  CHECK(grant->subjects_per_day == 300);
  CHECK(grant->answer_fields == std::vector<std::string>{"person.full_name", "person.citizen_id"});
  const auto change = fixture.ledger().Change(2);
  CHECK(change->requested_by() == "an");
  CHECK(change->approved_by() == "binh");
  CHECK(change->reason() == "access request 1");
  // The leaf of the change continues that of the approval, which continues that of the request.
  const auto changed = fixture.journal().Leaf(granted->made.leaf_index)->leaf;
  CHECK(changed.event() == journal::v1::JOURNAL_EVENT_REGISTRY_CHANGED);
  CHECK(changed.caused_by_plus_one() == granted->request.steps(1).leaf_index_plus_one());
  CHECK(LeafOfStep(fixture, granted->request).caused_by_plus_one() ==
        request.steps(0).leaf_index_plus_one());
  CHECK(granted->request.steps(1).previous_sha256() == plan);
  // It works once.
  CHECK(RefusedAs(desk.Approve(kOwner, 1, AccessDesk::PlanDigest(granted->request)).status()) ==
        "ACCESS_REQUEST_STATE");
}

TEST_CASE("approvals that are refused are on record") {
  ConsoleFixture fixture;
  const AccessRequest request = Asked(fixture);
  const std::string plan = AccessDesk::PlanDigest(request);
  const uint64_t before = fixture.journal().size();
  CHECK_FALSE(fixture.access_desk().Approve(kConsumer, 1, plan).ok());
  CHECK_FALSE(fixture.access_desk().Approve(kStranger, 1, plan).ok());
  CHECK_FALSE(fixture.access_desk().Approve(kStaff, 1, "").ok());
  REQUIRE(fixture.journal().size() == before + 3);
  const char* const notes[] = {"PROPOSAL_SAME_PERSON", "ACCESS_REQUEST_NOT_OWNER",
                               "ACCESS_REQUEST_STATE"};
  for (size_t i = 0; i < 3; ++i) {
    const auto leaf = fixture.journal().Leaf(before + i)->leaf;
    CHECK(leaf.note() == absl::StrCat("access request 1 refused ", notes[i]));
    CHECK(leaf.caused_by_plus_one() == request.steps(0).leaf_index_plus_one());
  }
}

TEST_CASE("the owner asks for more, who asked answers, perhaps with another wish") {
  ConsoleFixture fixture;
  AccessDesk& desk = fixture.access_desk();
  const AccessRequest request = Asked(fixture);
  CHECK(RefusedAs(desk.AskMore(kStranger, 1, "why?").status()) == "ACCESS_REQUEST_NOT_OWNER");
  CHECK(RefusedAs(desk.Answer(kConsumer, 1, "so", nullptr).status()) == "ACCESS_REQUEST_STATE");
  const auto more = desk.AskMore(kOwner, 1, "why 300?");
  REQUIRE(more.ok());
  CHECK(registry::StateOf(*more) == registry::v1::ACCESS_REQUEST_STATE_MORE_ASKED);
  // Nothing is decided but a refusal while an answer is due.
  CHECK(RefusedAs(desk.Approve(kOwner, 1, AccessDesk::PlanDigest(*more)).status()) ==
        "ACCESS_REQUEST_STATE");
  CHECK(RefusedAs(desk.Answer(kStaff, 1, "so", nullptr).status()) == "ACCESS_REQUEST_STATE");

  v1::AccessWish less = WishFrom(kWish);
  less.set_subjects_per_day(100);
  const auto answered = desk.Answer(kConsumer, 1, "100 are enough", &less);
  INFO(answered.status());
  REQUIRE(answered.ok());
  CHECK(registry::StateOf(*answered) == registry::v1::ACCESS_REQUEST_STATE_WAITING);
  CHECK(registry::WishingStepOf(*answered).grant().quota().subjects_per_day() == 100);
  // What was seen before is not what would be approved now.
  CHECK(RefusedAs(desk.Approve(kOwner, 1, AccessDesk::PlanDigest(request)).status()) ==
        "ACCESS_REQUEST_STATE");
  REQUIRE(desk.Approve(kOwner, 1, AccessDesk::PlanDigest(*answered)).ok());
  CHECK(fixture.control().put->FindGrant("access-1")->subjects_per_day == 100);
}

TEST_CASE("the owner leaves less, never more, and that is what is granted") {
  ConsoleFixture fixture;
  AccessDesk& desk = fixture.access_desk();
  Asked(fixture);
  v1::NarrowAccessRequestRequest less;
  less.set_number(1);
  less.add_answer_fields("person.full_name");
  less.set_per_day(50);
  less.set_valid_to("2030-01-01");
  CHECK(RefusedAs(desk.Narrow(kStranger, less).status()) == "ACCESS_REQUEST_NOT_OWNER");
  const auto narrowed = desk.Narrow(kOwner, less);
  INFO(narrowed.status());
  REQUIRE(narrowed.ok());
  CHECK(registry::StateOf(*narrowed) == registry::v1::ACCESS_REQUEST_STATE_WAITING);
  CHECK(registry::WishingStepOf(*narrowed).grant().quota().per_day() == 500);

  v1::NarrowAccessRequestRequest more = less;
  more.set_per_day(501);
  CHECK(RefusedAs(desk.Narrow(kOwner, more).status()) == "ACCESS_REQUEST_INVALID");
  more = less;
  more.add_answer_fields("person.photo");
  CHECK(RefusedAs(desk.Narrow(kOwner, more).status()) == "ACCESS_REQUEST_INVALID");
  CHECK(RefusedAs(desk.Narrow(kOwner, less).status()) == "ACCESS_REQUEST_INVALID");

  REQUIRE(desk.Approve(kOwner, 1, AccessDesk::PlanDigest(*desk.Find(1))).ok());
  const auto* const grant = fixture.control().put->FindGrant("access-1");
  CHECK(grant->quota_per_day == 50);
  CHECK(grant->in_force.ToText() == "2030-01-01");
  CHECK(grant->answer_fields == std::vector<std::string>{"person.full_name"});
}

TEST_CASE("refused and withdrawn requests make nothing") {
  ConsoleFixture fixture;
  AccessDesk& desk = fixture.access_desk();
  Asked(fixture);
  Asked(fixture);
  CHECK(RefusedAs(desk.Refuse(kStranger, 1, "no").status()) == "ACCESS_REQUEST_NOT_OWNER");
  CHECK(RefusedAs(desk.Withdraw(kOwner, 2, "no").status()) == "ACCESS_REQUEST_STATE");
  const auto refused = desk.Refuse(kOwner, 1, "no legal basis");
  REQUIRE(refused.ok());
  CHECK(LeafOfStep(fixture, *refused).operator_reason() == "no legal basis");
  const auto withdrawn = desk.Withdraw(kConsumer, 2, "wrong system");
  REQUIRE(withdrawn.ok());
  for (uint64_t number : {1, 2}) {
    const std::string plan = AccessDesk::PlanDigest(*desk.Find(number));
    CHECK(RefusedAs(desk.Approve(kOwner, number, plan).status()) == "ACCESS_REQUEST_STATE");
    CHECK(RefusedAs(desk.Refuse(kOwner, number, "again").status()) == "ACCESS_REQUEST_STATE");
    CHECK(RefusedAs(desk.Withdraw(kConsumer, number, "x").status()) == "ACCESS_REQUEST_STATE");
    CHECK(RefusedAs(desk.AskMore(kOwner, number, "x").status()) == "ACCESS_REQUEST_STATE");
  }
  CHECK(fixture.ledger().last_change() == 1);
  CHECK(desk.Open()->empty());
  CHECK(desk.Closed(UINT64_MAX, 10)->size() == 2);
}

TEST_CASE("a grant is extended by a request that names it, unless it was changed meanwhile") {
  ConsoleFixture fixture;
  AccessDesk& desk = fixture.access_desk();
  constexpr char kRenewal[] = R"(renews: "old" valid_to: "2099-12-31" legal_basis: "QD 13")";
  const AccessRequest request = Asked(fixture, kRenewal);
  CHECK(registry::RenewedGrantOf(request) == "old");
  // One at a time.
  CHECK(RefusedAs(desk.Ask(kConsumer, WishFrom(kRenewal), "again", false).status()) ==
        "ACCESS_REQUEST_INVALID");
  REQUIRE(desk.Approve(kOwner, 1, AccessDesk::PlanDigest(request)).ok());
  const auto* const grant = fixture.control().put->FindGrant("old");
  CHECK(grant->in_force.ToText() == "2099-12-31");
  CHECK(grant->legal_basis == "QD 13");

  const AccessRequest second =
      Asked(fixture, R"(renews: "old" valid_to: "2100-12-31" legal_basis: "QD 14")");
  RegistryDesk::Wanted shorter{.reason = "CV 7"};
  auto& entry = *shorter.entries.emplace_back().mutable_grant();
  entry = fixture.ledger().Change(2)->entries(0).grant();
  entry.set_valid_to("2027-01-01");
  REQUIRE(fixture.desk().Propose("x", std::move(shorter)).ok());
  CHECK(RefusedAs(desk.Approve(kOwner, 2, AccessDesk::PlanDigest(second)).status()) ==
        "REGISTRY_CHANGED_MEANWHILE");
  CHECK(desk.Find(2)->steps_size() == 1);
}

TEST_CASE("what nobody decides becomes overdue, then expires, each by itself") {
  ConsoleFixture fixture;
  AccessDesk& desk = fixture.access_desk();
  const AccessRequest request = Asked(fixture);
  Asked(fixture);
  fixture.clock().Advance(desk.options().overdue_after - absl::Seconds(1));
  CHECK_FALSE(desk.Overdue(request));
  fixture.clock().Advance(absl::Seconds(1));
  CHECK(desk.Overdue(request));
  CHECK(*desk.ExpireOld(10) == 0);
  fixture.clock().Advance(desk.options().expires_after);
  // It no longer counts, whether anybody has looked or not.
  CHECK(RefusedAs(desk.Approve(kOwner, 1, AccessDesk::PlanDigest(request)).status()) ==
        "ACCESS_REQUEST_STATE");
  CHECK(*desk.ExpireOld(1) == 1);
  CHECK(*desk.ExpireOld(10) == 1);
  CHECK(*desk.ExpireOld(10) == 0);
  const auto expired = desk.Find(1);
  CHECK(registry::StateOf(*expired) == registry::v1::ACCESS_REQUEST_STATE_EXPIRED);
  CHECK(LeafOfStep(fixture, *expired).operator_action() == "ExpireAccessRequest");
  CHECK(LeafOfStep(fixture, *expired).operator_name().empty());
}

TEST_CASE("a journal that takes nothing leaves every request as it was") {
  ConsoleFixture fixture;
  AccessDesk& desk = fixture.access_desk();
  const AccessRequest request = Asked(fixture);
  fixture.journal().FailAppends(absl::UnavailableError("disk"));
  CHECK(RefusedAs(desk.Refuse(kOwner, 1, "no").status()) == "JOURNAL_UNAVAILABLE");
  CHECK(RefusedAs(desk.Approve(kOwner, 1, AccessDesk::PlanDigest(request)).status()) ==
        "JOURNAL_UNAVAILABLE");
  CHECK(desk.Find(1)->steps_size() == 1);
  CHECK(fixture.ledger().last_change() == 1);
}

}  // namespace
}  // namespace ndx::console
