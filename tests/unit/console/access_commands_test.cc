// The access service over the wire: the registry of now and of then.
#include <grpcpp/client_context.h>

#include <catch2/catch.hpp>
#include <string>

#include "ndx/console/v1/access_service.grpc.pb.h"
#include "ndx/tests/unit/console/console_fixture.h"

namespace ndx::console {
namespace {

using tests::ConsoleFixture;

v1::ExplainAccessRequest Ask() {
  v1::ExplainAccessRequest request;
  request.set_consumer("VN:GOV:H55:mot-cua");
  request.set_method("probe.v1.PeopleService/Verify");
  request.set_provider("VN:GOV:G01:population");
  request.set_purpose("tthc");
  return request;
}

TEST_CASE("a viewer asks by which registry somebody might ask then") {
  ConsoleFixture fixture({settings::v1::OPERATOR_ROLE_VIEWER});
  const auto stub = v1::AccessService::NewStub(fixture.channel());
  const absl::Time begin = fixture.clock().Now();
  fixture.clock().Advance(absl::Hours(1));
  RegistryDesk::Wanted removal{.reason = "CV 7"};
  auto& removed = *removal.entries.emplace_back().mutable_removed();
  removed.set_kind(registry::v1::ENTRY_KIND_GRANT);
  removed.set_name("old");
  REQUIRE(fixture.desk().Propose("an", std::move(removal)).ok());

  const auto explain = [&](const v1::ExplainAccessRequest& request) {
    grpc::ClientContext context;
    v1::ExplainAccessResponse response;
    REQUIRE(stub->ExplainAccess(&context, request, &response).ok());
    return response;
  };
  const auto now = explain(Ask());
  CHECK(now.verdict().allowed());
  CHECK(now.change() == 2);
  auto then = Ask();
  then.mutable_at()->set_seconds(absl::ToUnixSeconds(begin));
  CHECK(explain(then).change() == 1);
  then.mutable_at()->set_seconds(absl::ToUnixSeconds(begin - absl::Hours(1)));
  grpc::ClientContext context;
  v1::ExplainAccessResponse response;
  CHECK(tests::ReasonOf(stub->ExplainAccess(&context, then, &response)) ==
        "REGISTRY_CHANGE_INVALID");
}

TEST_CASE("readers of a field are listed") {
  ConsoleFixture fixture;
  const auto stub = v1::AccessService::NewStub(fixture.channel());
  v1::ListFieldReadersRequest request;
  request.set_field("person.full_name");
  grpc::ClientContext context;
  v1::ListFieldReadersResponse response;
  REQUIRE(stub->ListFieldReaders(&context, request, &response).ok());
  CHECK(response.readers_size() == 2);
  CHECK(response.registry_version() == fixture.registry().VersionHex());
}

}  // namespace
}  // namespace ndx::console
