// The payload keeper service over the wire: who may, what is refused, what is on record.
#include <grpcpp/client_context.h>

#include <catch2/catch.hpp>
#include <string>
#include <vector>

#include "ndx/console/v1/payload_keeper_service.grpc.pb.h"
#include "ndx/tests/unit/console/console_fixture.h"

namespace ndx::console {
namespace {

using journal::v1::JOURNAL_EVENT_OPERATOR_ORDERED;
using tests::ConsoleFixture;

constexpr char kPerson[] = "999088000001";

class Keeper {
 public:
  explicit Keeper(const std::vector<OperatorRole>& roles = tests::AllRoles())
      : fixture(roles), stub_(v1::PayloadKeeperService::NewStub(fixture.channel())) {}

  using Stub = v1::PayloadKeeperService::Stub;
  template <typename Request, typename Response>
  grpc::Status Call(grpc::Status (Stub::*method)(grpc::ClientContext*, const Request&, Response*),
                    const Request& request, Response* response) {
    grpc::ClientContext context;
    return (stub_.get()->*method)(&context, request, response);
  }
  grpc::Status Ask(const std::string& subject, const std::string& order, uint64_t* number) {
    v1::RequestErasureRequest request;
    request.set_subject(subject);
    request.set_order(order);
    v1::RequestErasureResponse response;
    const grpc::Status status = Call(&Stub::RequestErasure, request, &response);
    *number = response.number();
    return status;
  }
  grpc::Status Approve(uint64_t number, v1::ApproveErasureResponse* response) {
    v1::ApproveErasureRequest request;
    request.set_number(number);
    return Call(&Stub::ApproveErasure, request, response);
  }
  grpc::Status Hold(const std::string& subject, const std::string& exchange,
                    const std::string& order) {
    v1::AddHoldRequest request;
    request.set_subject(subject);
    request.set_exchange_id(exchange);
    request.set_order(order);
    v1::AddHoldResponse response;
    return Call(&Stub::AddHold, request, &response);
  }
  grpc::Status Release(uint64_t number) {
    v1::ReleaseHoldRequest request;
    request.set_number(number);
    request.set_order("9/VKS");
    v1::ReleaseHoldResponse response;
    return Call(&Stub::ReleaseHold, request, &response);
  }

  ConsoleFixture fixture;

 private:
  const std::unique_ptr<Stub> stub_;
};

TEST_CASE("each step of an erasure and of a hold needs its role, before anything is recorded") {
  Keeper keeper({settings::v1::OPERATOR_ROLE_REPLAYER});
  uint64_t number = 0;
  v1::ApproveErasureResponse approved;
  const grpc::Status refused[] = {keeper.Ask(kPerson, "1", &number), keeper.Approve(1, &approved),
                                  keeper.Hold(kPerson, "", "1"), keeper.Release(1)};
  for (const grpc::Status& status : refused) {
    CHECK(tests::ReasonOf(status) == "OPERATOR_ROLE_MISSING");
  }
  v1::ListErasuresResponse erasures;
  CHECK(keeper.Call(&Keeper::Stub::ListErasures, v1::ListErasuresRequest(), &erasures).ok());
  v1::ListHoldsResponse holds;
  CHECK(keeper.Call(&Keeper::Stub::ListHolds, v1::ListHoldsRequest(), &holds).ok());
  CHECK(keeper.fixture.journal().size() == 0);
}

TEST_CASE("a person is named as payloads name persons, and an order holds nobody's number") {
  Keeper keeper;
  uint64_t number = 0;
  for (const char* subject :
       {kPerson, "insured:9990880001", "enterprise:9990880001", "enterprise:9990880001-001"}) {
    INFO(subject);
    CHECK(keeper.Ask(subject, "1", &number).ok());
  }
  for (const char* subject :
       {"", "99908800000", "9990880000011", "99908800000x", "insured:999088000001",
        "insured:", "enterprise:9990880001-01", "person:999088000001", " 999088000001"}) {
    INFO(subject);
    const grpc::Status status = keeper.Ask(subject, "1", &number);
    CHECK(tests::ReasonOf(status) == "SUBJECT_INVALID");
    CHECK_FALSE(keeper.Hold(subject, "", "1").ok());
  }
  CHECK(tests::ReasonOf(keeper.Ask(kPerson, "", &number)) == "OPERATOR_REASON_INVALID");
  CHECK(tests::ReasonOf(keeper.Ask(kPerson, kPerson, &number)) == "OPERATOR_REASON_INVALID");
}

TEST_CASE("asked for over the wire, an erasure is on record and waits for somebody else") {
  Keeper keeper;
  uint64_t number = 0;
  REQUIRE(keeper.Ask(kPerson, "12/QD", &number).ok());
  const auto leaf = keeper.fixture.journal().Leaf(0)->leaf;
  CHECK(leaf.event() == JOURNAL_EVENT_OPERATOR_ORDERED);
  CHECK(leaf.operator_action() == "RequestErasure");
  CHECK(leaf.operator_name() == ConsoleFixture::OperatorName());
  CHECK(leaf.operator_reason() == "12/QD");
  CHECK_THAT(leaf.SerializeAsString(), !Catch::Contains(kPerson));
  v1::ApproveErasureResponse approved;
  grpc::Status status = keeper.Approve(number, &approved);
  CHECK(tests::ReasonOf(status) == "ERASURE_SAME_PERSON");
  CHECK_THAT(tests::TextOf(status, "vi"), Catch::Contains("phải do người khác phê duyệt"));
  v1::ListErasuresResponse erasures;
  REQUIRE(keeper.Call(&Keeper::Stub::ListErasures, v1::ListErasuresRequest(), &erasures).ok());
  REQUIRE(erasures.erasures_size() == 1);
  CHECK(erasures.erasures(0).requester() == ConsoleFixture::OperatorName());
  CHECK(erasures.erasures(0).approver().empty());
  CHECK_THAT(erasures.SerializeAsString(), !Catch::Contains(kPerson));
  CHECK(keeper.fixture.keeper().erased().empty());
}

TEST_CASE("what somebody else asked for is approved and carried out") {
  Keeper keeper;
  const auto order =
      keeper.fixture.keeper().AddErasureOrder(kPerson, {.order = "1", .operator_name = "lan"});
  v1::ApproveErasureResponse approved;
  grpc::Status status;
  do {  // the desk may not have looked at the last run's orders yet
    status = keeper.Approve(order->number, &approved);
  } while (status.error_code() == grpc::StatusCode::UNAVAILABLE);
  REQUIRE(status.ok());
  CHECK(approved.carried_out());
  CHECK(keeper.fixture.keeper().erased() == std::set<std::string>{kPerson});
  CHECK(tests::ReasonOf(keeper.Approve(order->number, &approved)) == "ERASURE_UNKNOWN");
}

TEST_CASE("a hold is on a person or on an exchange that there is, and is released by its number") {
  Keeper keeper;
  const uint64_t about =
      keeper.fixture.journal().Put(tests::ExchangeLeaf(journal::v1::JOURNAL_EVENT_ANSWERED, 1));
  REQUIRE(keeper.Hold(kPerson, "", "5/VKS").ok());
  REQUIRE(keeper.Hold("", tests::ExchangeIdText(1), "6/VKS").ok());
  CHECK(tests::ReasonOf(keeper.Hold("", tests::ExchangeIdText(2), "7")) == "EXCHANGE_UNKNOWN");
  CHECK(keeper.Hold(kPerson, tests::ExchangeIdText(1), "7").error_code() ==
        grpc::StatusCode::INVALID_ARGUMENT);
  CHECK(keeper.Hold("", "", "7").error_code() == grpc::StatusCode::INVALID_ARGUMENT);
  v1::ListHoldsResponse holds;
  REQUIRE(keeper.Call(&Keeper::Stub::ListHolds, v1::ListHoldsRequest(), &holds).ok());
  REQUIRE(holds.holds_size() == 2);
  CHECK(holds.holds(1).exchange_id() == tests::ExchangeIdText(1));
  CHECK_THAT(holds.SerializeAsString(), !Catch::Contains(kPerson));
  uint64_t number = 0;
  const grpc::Status held = keeper.Ask(kPerson, "12/QD", &number);
  CHECK(tests::ReasonOf(held) == "ERASURE_HELD");
  CHECK_THAT(tests::TextOf(held, "en"), Catch::Contains("Legal hold 1 (5/VKS)"));
  REQUIRE(keeper.Release(1).ok());
  CHECK(tests::ReasonOf(keeper.Release(1)) == "HOLD_UNKNOWN");
  CHECK(keeper.Ask(kPerson, "12/QD", &number).ok());
  const auto& journal = keeper.fixture.journal();
  const auto on_exchange = journal.Leaf(about + 2)->leaf;
  CHECK(on_exchange.operator_action() == "AddHold");
  CHECK(on_exchange.exchange_id() == journal.Leaf(about)->leaf.exchange_id());
  const auto released = journal.Leaf(about + 3)->leaf;
  CHECK(released.operator_action() == "ReleaseHold");
  CHECK(released.note() == "hold 1");
  CHECK(released.caused_by_plus_one() == about + 2);
}

}  // namespace
}  // namespace ndx::console
