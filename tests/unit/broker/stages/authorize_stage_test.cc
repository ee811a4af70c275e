#include "ndx/broker/stages/authorize_stage.h"

#include <catch2/catch.hpp>

#include "ndx/tests/support/exchange_fixture.h"

namespace ndx::broker {
namespace {

class AuthorizeStageFixture : public tests::ExchangeFixture {
 public:
  // As after stage 3, without a body.
  explicit AuthorizeStageFixture(const core::SystemId& consumer = tests::OneStop())
      : ExchangeFixture("Read", consumer) {
    x->decision = {};
    x->decided_nanos = 0;
    x->request.reset();
    x->request_complete = false;
  }
  void Authorize() { Enter(std::make_unique<AuthorizeStage>(loop.clock(), tests::LedgerNode())); }
  void GiveBody(const std::string& body) {
    x->request = transport::MakeMessage(body);
    x->request_complete = true;
    Resume();
  }
};

TEST_CASE("a caller with a grant waits for its body, and passes when it is good") {
  AuthorizeStageFixture f;
  f.Authorize();
  CHECK(f.passed == 0);
  CHECK(f.x->decision.rule == "one-stop");
  f.loop.Advance(absl::Milliseconds(20));
  f.GiveBody(tests::AskBytes("k"));
  CHECK(f.passed == 1);
  CHECK(f.x->outcome == Outcome::kUndecided);
  // Decided when the body was looked at too.
  CHECK(f.x->decided_nanos - f.x->received_nanos == 20'000'000);
}

TEST_CASE("without a grant, or on a wrong ground, nobody waits for a body") {
  AuthorizeStageFixture f;
  SECTION("purpose") {
    f.x->context.purpose = "";
    f.Authorize();
    CHECK(f.reason() == "PURPOSE_MISSING");
    CHECK(f.x->decision.rule == "one-stop");
  }
  SECTION("grant") {
    f.x->principal->system = core::SystemId::Parse("VN:GOV:G01:ledger").value();
    f.Authorize();
    CHECK(f.reason() == "NO_GRANT");
    CHECK(f.x->decision.rule == "default-deny");
  }
  CHECK(f.x->outcome == Outcome::kRefused);
  CHECK_FALSE(f.x->decision.allowed());
}

TEST_CASE("a bad body: the decision says so") {
  AuthorizeStageFixture f;
  f.Authorize();
  f.GiveBody("");
  CHECK(f.reason() == "FIELD_INVALID");
  CHECK_FALSE(f.x->decision.allowed());
  CHECK(f.x->decision.refusal->reason == exchange::v1::ERROR_REASON_FIELD_INVALID);
}

TEST_CASE("a body that never becomes whole is refused with its fault; the grant stands") {
  AuthorizeStageFixture f;
  f.Authorize();
  f.x->request_fault = core::Refusal{.reason = exchange::v1::ERROR_REASON_MESSAGE_TOO_LARGE};
  f.Resume();
  CHECK(f.reason() == "MESSAGE_TOO_LARGE");
  CHECK(f.x->decision.allowed());
}

TEST_CASE("a grant in shadow mode is asked about the body too") {
  AuthorizeStageFixture f;
  f.x->registry = tests::BuildLedgerRegistry(R"(
    grants:
    - name: now
      consumer: "VN:GOV:G24:bhxh"
      methods: ["ledger.v1.LedgerService/Small"]
      legal_basis: test
    - name: narrower
      consumer: "VN:GOV:G24:bhxh"
      methods: ["ledger.v1.LedgerService/Small"]
      request_fields: [key]
      legal_basis: test
      shadow: true
      shadow_of: now
  )");
  f.x->principal->system = tests::Insurer();
  f.x->route = std::get<routing::Route>(routing::Router::Resolve(
      *f.x->registry, tests::LedgerMethod("Small"), "", f.loop.clock().Now()));
  f.Authorize();
  SECTION("it would pass") {
    f.GiveBody(tests::AskBytes("k"));
    CHECK_FALSE(f.x->decision.shadow_differs());
  }
  SECTION("it would be refused") {
    f.GiveBody(tests::AskBytes("k") + std::string("\xfa\x01\x01x"));  // field 31, unknown
    REQUIRE(f.x->decision.shadow_differs());
    CHECK(f.x->decision.shadow->refusal->reason == exchange::v1::ERROR_REASON_FIELD_INVALID);
  }
  CHECK(f.passed == 1);
  CHECK(f.x->outcome == Outcome::kUndecided);
  CHECK(f.x->decision.rule == "now");
}

TEST_CASE("a replay has references as recorded where the journal keeps no more") {
  AuthorizeStageFixture f;
  f.x->registry = tests::BuildLedgerRegistry(R"(
    grants:
    - name: strict
      consumer: "VN:GOV:G24:bhxh"
      methods: ["ledger.v1.LedgerService/Small"]
      required_references: [DOSSIER, OFFICER]
      legal_basis: test
  )");
  f.x->principal->system = tests::Insurer();
  f.x->route = std::get<routing::Route>(routing::Router::Resolve(
      *f.x->registry, tests::LedgerMethod("Small"), "", f.loop.clock().Now()));
  SECTION("none") {
    f.Authorize();
    CHECK(f.reason() == "DOSSIER_MISSING");
  }
  SECTION("one") {
    f.x->replay.emplace().dossier.emplace();
    f.Authorize();
    CHECK(f.reason() == "OFFICER_MISSING");
  }
  SECTION("both") {
    f.x->replay.emplace().dossier.emplace();
    f.x->replay->officer.emplace();
    f.Authorize();
    CHECK(f.reason().empty());
  }
}

TEST_CASE("a replay needs no signature of its own, and an officer who was proved") {
  AuthorizeStageFixture f;
  f.x->registry = tests::BuildLedgerRegistry(R"(
    grants:
    - name: strict
      consumer: "VN:GOV:G24:bhxh"
      methods: ["ledger.v1.LedgerService/Small"]
      signed_requests: true
      officer_proved: true
      legal_basis: test
  )");
  f.x->principal = security::Principal{.system = tests::Insurer(),
                                       .entry = f.x->registry->FindSystem("VN:GOV:G24:bhxh")};
  f.x->route = std::get<routing::Route>(routing::Router::Resolve(
      *f.x->registry, tests::LedgerMethod("Small"), "", f.loop.clock().Now()));
  SECTION("no replay") {
    f.Authorize();
    CHECK(f.reason() == "SIGNATURE_MISSING");
  }
  SECTION("stated only") {
    f.x->replay.emplace().officer.emplace();
    f.Authorize();
    CHECK(f.reason() == "OFFICER_NOT_PROVED");
  }
  SECTION("proved then") {
    f.x->replay.emplace().officer.emplace().set_proved(true);
    f.Authorize();
    CHECK(f.reason().empty());
  }
}

}  // namespace
}  // namespace ndx::broker
