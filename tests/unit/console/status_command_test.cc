#include <grpcpp/client_context.h>

#include <catch2/catch.hpp>
#include <string>

#include "ndx/tests/unit/console/console_fixture.h"

namespace ndx::console {
namespace {

using tests::ConsoleFixture;

TEST_CASE("the status joins what the node, the journal and the registry say, and who asks") {
  ConsoleFixture fixture({settings::v1::OPERATOR_ROLE_REPLAYER});
  fixture.control().status.set_system("VN:GOV:G01:ndxp");
  fixture.control().status.set_in_flight(3);
  fixture.journal().Put(tests::ExchangeLeaf(journal::v1::JOURNAL_EVENT_IN_DOUBT, 2));
  fixture.journal().Put(tests::ExchangeLeaf(journal::v1::JOURNAL_EVENT_ANSWERED, 1));
  grpc::ClientContext context;
  v1::GetStatusResponse status;
  REQUIRE(fixture.stub().GetStatus(&context, {}, &status).ok());
  CHECK(status.system() == "VN:GOV:G01:ndxp");
  CHECK(status.in_flight() == 3);
  CHECK(status.journal().in_doubt() == 1);
  CHECK(status.journal().in_doubt_counted_to() == 2);
  CHECK(status.journal().origin() == "mem/journal/1");
  CHECK(status.journal().tree_size() == 2);
  CHECK(status.journal().root() == fixture.journal().Root());
  CHECK(status.journal().newest_leaf_time().seconds() ==
        absl::ToUnixSeconds(fixture.clock().Now()));
  CHECK(status.journal().free_bytes() > 0);
  CHECK(status.journal().writable());
  CHECK_FALSE(status.journal().has_verified_time());
  CHECK(status.registry_version() == fixture.registry().VersionHex());
  CHECK(status.registry().grants() == 2);
  CHECK(status.operator_name() == ConsoleFixture::OperatorName());
  REQUIRE(status.operator_roles_size() == 2);
  CHECK(status.operator_roles(0) == "viewer");
  CHECK(status.operator_roles(1) == "replayer");
  CHECK(status.now().seconds() == absl::ToUnixSeconds(fixture.clock().Now()));
}

TEST_CASE("a journal that takes no new exchanges shows in the status") {
  ConsoleFixture fixture;
  fixture.journal().SetAccepts(absl::ResourceExhaustedError("space"));
  grpc::ClientContext context;
  v1::GetStatusResponse status;
  REQUIRE(fixture.stub().GetStatus(&context, {}, &status).ok());
  CHECK_FALSE(status.journal().writable());
  CHECK(status.journal().tree_size() == 0);
}

}  // namespace
}  // namespace ndx::console
