// The access request service over the wire: who may, what is shown.
#include <grpcpp/client_context.h>

#include <catch2/catch.hpp>
#include <string>
#include <vector>

#include "ndx/console/v1/access_request_service.grpc.pb.h"
#include "ndx/tests/unit/console/console_fixture.h"

namespace ndx::console {
namespace {

using tests::ConsoleFixture;

class Requests {
 public:
  explicit Requests(const std::vector<OperatorRole>& roles = tests::AllRoles())
      : fixture(roles), stub_(v1::AccessRequestService::NewStub(fixture.channel())) {}

  using Stub = v1::AccessRequestService::Stub;
  template <typename Request, typename Response>
  grpc::Status Call(grpc::Status (Stub::*method)(grpc::ClientContext*, const Request&, Response*),
                    const Request& request, Response* response) {
    grpc::ClientContext context;
    return (stub_.get()->*method)(&context, request, response);
  }
  grpc::Status Ask(v1::RequestAccessResponse* response) {
    v1::RequestAccessRequest request;
    request.set_explanation("counter");
    *request.mutable_wish() = Wish();
    return Call(&Stub::RequestAccess, request, response);
  }
  static v1::AccessWish Wish() {
    v1::AccessWish wish;
    wish.set_consumer("VN:GOV:H55:mot-cua");
    wish.set_service("probe.v1.PeopleService");
    wish.add_methods("LookUp");
    wish.add_answer_fields("person.full_name");
    wish.add_purposes("tthc");
    wish.set_legal_basis("QD 12");
    wish.set_per_day(9);
    wish.set_valid_to("2099-12-31");
    return wish;
  }

  ConsoleFixture fixture;

 private:
  const std::unique_ptr<Stub> stub_;
};

TEST_CASE("any operator may ask; deciding needs the approver's role") {
  Requests requests({settings::v1::OPERATOR_ROLE_VIEWER});
  v1::RequestAccessResponse asked;
  REQUIRE(requests.Ask(&asked).ok());
  CHECK(asked.view().request().number() == 1);
  v1::ApproveAccessRequestResponse approved;
  CHECK(tests::ReasonOf(requests.Call(&Requests::Stub::ApproveAccessRequest,
                                      v1::ApproveAccessRequestRequest(), &approved)) ==
        "OPERATOR_ROLE_MISSING");
  v1::RefuseAccessRequestResponse refused;
  CHECK(tests::ReasonOf(requests.Call(&Requests::Stub::RefuseAccessRequest,
                                      v1::RefuseAccessRequestRequest(), &refused)) ==
        "OPERATOR_ROLE_MISSING");
  v1::AskForMoreResponse more;
  CHECK(tests::ReasonOf(requests.Call(&Requests::Stub::AskForMore, v1::AskForMoreRequest(),
                                      &more)) == "OPERATOR_ROLE_MISSING");
  v1::NarrowAccessRequestResponse less;
  CHECK(tests::ReasonOf(requests.Call(&Requests::Stub::NarrowAccessRequest,
                                      v1::NarrowAccessRequestRequest(), &less)) ==
        "OPERATOR_ROLE_MISSING");
  v1::WithdrawAccessRequestRequest withdraw;
  withdraw.set_number(1);
  withdraw.set_reason("wrong");
  v1::WithdrawAccessRequestResponse withdrawn;
  CHECK(requests.Call(&Requests::Stub::WithdrawAccessRequest, withdraw, &withdrawn).ok());
}

TEST_CASE("a request is shown with its owner, its grant, what was narrowed and what is approved") {
  Requests requests;
  v1::RequestAccessResponse asked;
  REQUIRE(requests.Ask(&asked).ok());
  CHECK(asked.view().state() == registry::v1::ACCESS_REQUEST_STATE_WAITING);
  REQUIRE(asked.view().owners_size() == 1);
  CHECK(asked.view().owners(0) == "G01");
  CHECK_THAT(asked.view().grant(), Catch::Contains("per_day: 9"));
  CHECK(asked.view().asked().empty());
  CHECK(asked.view().plan_sha256().size() == 64);
  CHECK_FALSE(asked.view().overdue());

  v1::NarrowAccessRequestRequest narrow;
  narrow.set_number(1);
  narrow.set_per_day(3);
  v1::NarrowAccessRequestResponse narrowed;
  REQUIRE(requests.Call(&Requests::Stub::NarrowAccessRequest, narrow, &narrowed).ok());
  CHECK_THAT(narrowed.view().grant(), Catch::Contains("per_day: 3"));
  CHECK_THAT(narrowed.view().asked(), Catch::Contains("per_day: 9"));
  CHECK(narrowed.view().plan_sha256() != asked.view().plan_sha256());

  v1::ListAccessRequestsRequest one;
  one.set_number(1);
  v1::ListAccessRequestsResponse listed;
  REQUIRE(requests.Call(&Requests::Stub::ListAccessRequests, one, &listed).ok());
  CHECK(listed.requests(0).SerializeAsString() == narrowed.view().SerializeAsString());
  one.set_number(2);
  CHECK(tests::ReasonOf(requests.Call(&Requests::Stub::ListAccessRequests, one, &listed)) ==
        "ACCESS_REQUEST_UNKNOWN");
}

TEST_CASE("closed requests are listed apart, newest first, page by page") {
  Requests requests;
  v1::RequestAccessResponse asked;
  for (uint64_t number = 1; number <= 3; ++number) {
    REQUIRE(requests.Ask(&asked).ok());
    v1::WithdrawAccessRequestRequest withdraw;
    withdraw.set_number(number);
    withdraw.set_reason("wrong");
    v1::WithdrawAccessRequestResponse withdrawn;
    REQUIRE(requests.Call(&Requests::Stub::WithdrawAccessRequest, withdraw, &withdrawn).ok());
  }
  v1::ListAccessRequestsRequest request;
  v1::ListAccessRequestsResponse listed;
  REQUIRE(requests.Call(&Requests::Stub::ListAccessRequests, request, &listed).ok());
  CHECK(listed.requests().empty());
  request.set_closed(true);
  request.set_count(2);
  REQUIRE(requests.Call(&Requests::Stub::ListAccessRequests, request, &listed).ok());
  REQUIRE(listed.requests_size() == 2);
  CHECK(listed.requests(0).request().number() == 3);
  CHECK(listed.more());
  request.set_before(2);
  REQUIRE(requests.Call(&Requests::Stub::ListAccessRequests, request, &listed).ok());
  REQUIRE(listed.requests_size() == 1);
  CHECK_FALSE(listed.more());
}

TEST_CASE("grants whose end is near are listed with the request that would extend them") {
  Requests requests;
  v1::ListExpiringGrantsRequest request;
  request.set_days(36600);
  v1::ListExpiringGrantsResponse listed;
  REQUIRE(requests.Call(&Requests::Stub::ListExpiringGrants, request, &listed).ok());
  CHECK(listed.grants().empty());  // one has ended, the other has no end
}

}  // namespace
}  // namespace ndx::console
