// The registry change service over the wire: who may, what is shown.
#include <grpcpp/client_context.h>

#include <catch2/catch.hpp>
#include <string>
#include <vector>

#include "ndx/console/v1/registry_change_service.grpc.pb.h"
#include "ndx/tests/support/registry_fixture.h"
#include "ndx/tests/unit/console/console_fixture.h"

namespace ndx::console {
namespace {

using tests::ConsoleFixture;

constexpr char kNarrowerYaml[] = R"(
grants:
- name: look-up
  consumer: "VN:GOV:H55:mot-cua"
  methods: ["probe.v1.PeopleService/LookUp", "probe.v1.PeopleService/Verify"]
  purposes: [tthc]
  quota: {per_second: 5, per_day: 1000}
  legal_basis: QD 1
)";

class Changes {
 public:
  explicit Changes(const std::vector<OperatorRole>& roles = tests::AllRoles())
      : fixture(roles), stub_(v1::RegistryChangeService::NewStub(fixture.channel())) {}

  using Stub = v1::RegistryChangeService::Stub;
  template <typename Request, typename Response>
  grpc::Status Call(grpc::Status (Stub::*method)(grpc::ClientContext*, const Request&, Response*),
                    const Request& request, Response* response) {
    grpc::ClientContext context;
    return (stub_.get()->*method)(&context, request, response);
  }
  grpc::Status Propose(const std::string& yaml, v1::ProposeChangeResponse* response,
                       bool dry_run = false, bool whole = false) {
    v1::ProposeChangeRequest request;
    request.add_files()->set_name("/draft/more.yaml");
    request.mutable_files(0)->set_text(yaml);
    request.set_reason("QD 12");
    request.set_dry_run(dry_run);
    request.set_whole(whole);
    return Call(&Stub::ProposeChange, request, response);
  }

  ConsoleFixture fixture;

 private:
  const std::unique_ptr<Stub> stub_;
};

TEST_CASE("each step needs its role") {
  Changes changes({settings::v1::OPERATOR_ROLE_INVESTIGATOR});
  v1::ProposeChangeResponse proposed;
  CHECK(tests::ReasonOf(changes.Propose(kNarrowerYaml, &proposed)) == "OPERATOR_ROLE_MISSING");
  v1::ApproveProposalResponse approved;
  CHECK(tests::ReasonOf(changes.Call(&Changes::Stub::ApproveProposal, v1::ApproveProposalRequest(),
                                     &approved)) == "OPERATOR_ROLE_MISSING");
  v1::ListChangesResponse listed;
  CHECK(changes.Call(&Changes::Stub::ListChanges, v1::ListChangesRequest(), &listed).ok());
}

TEST_CASE("a dry run shows what would change, entry by entry, and changes nothing") {
  Changes changes;
  v1::ProposeChangeResponse response;
  const uint64_t leaves = changes.fixture.journal().size();
  REQUIRE(changes.Propose(kNarrowerYaml, &response, /*dry_run=*/true).ok());
  REQUIRE(response.plan().differences_size() == 1);
  CHECK(response.plan().differences(0).entry().name() == "look-up");
  CHECK_THAT(response.plan().differences(0).before(), Catch::Contains("per_second: 10"));
  CHECK_THAT(response.plan().differences(0).after(), Catch::Contains("per_second: 5"));
  CHECK(response.plan().widenings().empty());
  CHECK(response.change() == 0);
  CHECK(changes.fixture.journal().size() == leaves);
  CHECK(changes.fixture.ledger().last_change() == 1);
}

TEST_CASE("faults of files come with file and line") {
  Changes changes;
  v1::ProposeChangeResponse response;
  const grpc::Status status = changes.Propose("grants:\n- {nome: x}\n", &response);
  CHECK(tests::ReasonOf(status) == "REGISTRY_CHANGE_INVALID");
  CHECK_THAT(status.error_message(), Catch::Contains("/draft/more.yaml:2"));
}

TEST_CASE("a whole registry removes what it does not have, and a rollback brings it back") {
  Changes changes;
  v1::ProposeChangeResponse response;
  REQUIRE(changes.Propose(tests::ProbeRegistryYaml(), &response, false, /*whole=*/true).ok());
  CHECK(response.change() == 2);
  REQUIRE(response.plan().differences_size() == 2);
  CHECK(response.plan().differences(0).after().empty());
  CHECK(changes.fixture.control().put->grants().empty());

  v1::ProposeChangeRequest back;
  back.set_rollback_to(1);
  back.set_reason("wrong");
  REQUIRE(changes.Call(&Changes::Stub::ProposeChange, back, &response).ok());
  CHECK(response.change() == 0);
  CHECK(response.proposal() > 0);
  CHECK(response.plan().widenings_size() == 2);

  v1::ListProposalsResponse proposals;
  REQUIRE(changes.Call(&Changes::Stub::ListProposals, v1::ListProposalsRequest(), &proposals).ok());
  REQUIRE(proposals.proposals_size() == 1);
  CHECK(proposals.proposals(0).plan().plan_sha256() == response.plan().plan_sha256());
  CHECK(proposals.proposals(0).requested_by() == ConsoleFixture::OperatorName());
}

TEST_CASE("changes are listed newest first, and one is shown with its differences") {
  Changes changes;
  v1::ProposeChangeResponse response;
  REQUIRE(changes.Propose(kNarrowerYaml, &response).ok());
  v1::ListChangesRequest request;
  request.set_count(1);
  v1::ListChangesResponse listed;
  REQUIRE(changes.Call(&Changes::Stub::ListChanges, request, &listed).ok());
  REQUIRE(listed.changes_size() == 1);
  CHECK(listed.changes(0).number() == 2);
  CHECK(listed.changes(0).leaf_index_plus_one() == response.leaf_index() + 1);
  CHECK(listed.more());
  request.set_number(2);
  REQUIRE(changes.Call(&Changes::Stub::ListChanges, request, &listed).ok());
  REQUIRE(listed.changes(0).differences_size() == 1);
  CHECK_THAT(listed.changes(0).differences(0).before(), Catch::Contains("per_second: 10"));
  const auto leaf = changes.fixture.journal().Leaf(response.leaf_index())->leaf;
  CHECK_THAT(leaf.note(), Catch::EndsWith(listed.changes(0).sha256()));
  request.set_number(9);
  CHECK(tests::ReasonOf(changes.Call(&Changes::Stub::ListChanges, request, &listed)) ==
        "REGISTRY_CHANGE_INVALID");
}

TEST_CASE("the registry of then is exported, and proposing it again changes nothing") {
  Changes changes;
  const absl::Time begin = changes.fixture.clock().Now();
  changes.fixture.clock().Advance(absl::Hours(1));
  v1::ProposeChangeResponse response;
  REQUIRE(changes.Propose(kNarrowerYaml, &response).ok());
  v1::ExportRegistryRequest request;
  v1::ExportRegistryResponse now;
  REQUIRE(changes.Call(&Changes::Stub::ExportRegistry, request, &now).ok());
  CHECK(now.change() == 2);
  CHECK_THAT(now.text(), Catch::Contains("per_second: 5"));
  CHECK_THAT(changes.Propose(now.text(), &response, true, true).error_message(),
             Catch::Contains("nothing would change"));
  request.mutable_time()->set_seconds(absl::ToUnixSeconds(begin + absl::Minutes(30)));
  v1::ExportRegistryResponse then;
  REQUIRE(changes.Call(&Changes::Stub::ExportRegistry, request, &then).ok());
  CHECK(then.change() == 1);
  CHECK_THAT(then.text(), Catch::Contains("per_second: 10"));
  request.mutable_time()->set_seconds(absl::ToUnixSeconds(begin - absl::Minutes(30)));
  CHECK(tests::ReasonOf(changes.Call(&Changes::Stub::ExportRegistry, request, &then)) ==
        "REGISTRY_CHANGE_INVALID");
}

}  // namespace
}  // namespace ndx::console
