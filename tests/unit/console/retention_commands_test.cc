#include <grpcpp/client_context.h>

#include <catch2/catch.hpp>
#include <memory>
#include <string>

#include "ndx/console/v1/journal_retention_service.grpc.pb.h"
#include "ndx/tests/unit/console/console_fixture.h"

namespace ndx::console {
namespace {

using tests::ConsoleFixture;

struct Asked {
  grpc::Status status;
  v1::GetRetentionResponse response;
};

Asked Ask(ConsoleFixture& fixture, const v1::GetRetentionRequest& request) {
  grpc::ClientContext context;
  Asked asked;
  asked.status = v1::JournalRetentionService::NewStub(fixture.channel())
                     ->GetRetention(&context, request, &asked.response);
  return asked;
}

struct Confirmed {
  grpc::Status status;
  v1::ConfirmClockResponse response;
};

Confirmed Confirm(ConsoleFixture& fixture, const std::string& reason) {
  grpc::ClientContext context;
  v1::ConfirmClockRequest request;
  request.set_reason(reason);
  Confirmed confirmed;
  confirmed.status = v1::JournalRetentionService::NewStub(fixture.channel())
                         ->ConfirmClock(&context, request, &confirmed.response);
  return confirmed;
}

TEST_CASE("a viewer sees the rules of every method, what would go and what went") {
  ConsoleFixture fixture({settings::v1::OPERATOR_ROLE_VIEWER});
  auto& retention = fixture.retention();
  retention.the_status.exchanges_pruned = 12;
  retention.the_status.kept_back = 2;
  retention.forecast->due = {
      {.method = "/gone.v1.Service/Method", .keep_days = 92, .exchanges = 3, .bytes = 4096}};
  retention.history = {{.leaf_index = 9,
                        .time = fixture.clock().Now(),
                        .groups = {{.keep_days = 31, .exchanges = 4, .bytes = 10},
                                   {.keep_days = 92, .exchanges = 5, .bytes = 20}}},
                       {.leaf_index = 7, .time = fixture.clock().Now(), .groups = {}}};
  v1::GetRetentionRequest request;
  request.set_forecast(true);
  request.set_history(1);
  const Asked asked = Ask(fixture, request);
  REQUIRE(asked.status.ok());
  CHECK(asked.response.status().security_level() == 3);
  CHECK(asked.response.status().ends());
  CHECK(asked.response.status().exchanges_pruned() == 12);
  CHECK(asked.response.status().kept_back() == 2);
  CHECK(asked.response.forecast_complete());
  const auto& methods = asked.response.methods();
  // Those of the registry, the one that is due besides, and every other.
  CHECK(methods.size() == static_cast<int>(fixture.registry().methods().size()) + 2);
  CHECK(methods.rbegin()->method().empty());
  CHECK(methods.rbegin()->keep_days() == 92);
  const auto due = std::find_if(methods.begin(), methods.end(), [](const auto& method) {
    return method.method() == "/gone.v1.Service/Method";
  });
  REQUIRE(due != methods.end());
  CHECK(due->due_exchanges() == 3);
  CHECK(due->due_bytes() == 4096);
  REQUIRE(asked.response.history_size() == 1);
  CHECK(asked.response.history(0).leaf_index() == 9);
  CHECK(asked.response.history(0).exchanges() == 9);
  CHECK(asked.response.history(0).bytes() == 30);
  CHECK(asked.response.history(0).keep_days_size() == 2);
  request.set_before_leaf(9);
  CHECK(Ask(fixture, request).response.history(0).leaf_index() == 7);
}

TEST_CASE("the history asked for has a limit") {
  ConsoleFixture fixture({settings::v1::OPERATOR_ROLE_VIEWER});
  v1::GetRetentionRequest request;
  request.set_history(1000);
  CHECK(Ask(fixture, request).status.ok());
  request.set_history(1001);
  CHECK(Ask(fixture, request).status.error_code() == grpc::StatusCode::INVALID_ARGUMENT);
}

TEST_CASE("an administrator confirms the clock, on record; nobody else does") {
  ConsoleFixture fixture({settings::v1::OPERATOR_ROLE_ADMINISTRATOR});
  fixture.retention().the_status.clock_held = true;
  CHECK(Confirm(fixture, "").status.error_code() == grpc::StatusCode::INVALID_ARGUMENT);
  CHECK(fixture.retention().clocks_accepted == 0);
  const Confirmed confirmed = Confirm(fixture, "BB-07");
  REQUIRE(confirmed.status.ok());
  CHECK(fixture.retention().clocks_accepted == 1);
  CHECK_FALSE(confirmed.response.status().clock_held());
  const auto leaf = fixture.journal().Leaf(confirmed.response.leaf_index());
  REQUIRE(leaf.ok());
  CHECK(leaf->leaf.event() == journal::v1::JOURNAL_EVENT_CLOCK_JUMPED);
  CHECK(leaf->leaf.operator_action() == "ConfirmClock");
  CHECK(leaf->leaf.operator_reason() == "BB-07");
  CHECK(leaf->leaf.operator_name() == ConsoleFixture::OperatorName());

  ConsoleFixture viewer({settings::v1::OPERATOR_ROLE_VIEWER});
  CHECK(Confirm(viewer, "BB-07").status.error_code() == grpc::StatusCode::PERMISSION_DENIED);
  CHECK(viewer.retention().clocks_accepted == 0);
}

}  // namespace
}  // namespace ndx::console
