#include <grpcpp/client_context.h>

#include <catch2/catch.hpp>
#include <latch>
#include <string>
#include <thread>
#include <utility>

#include "ndx/console/refusal_status.h"
#include "ndx/tests/unit/console/console_fixture.h"

namespace ndx::console {
namespace {

using journal::v1::JOURNAL_EVENT_ANSWERED;
using journal::v1::JOURNAL_EVENT_IN_DOUBT;
using journal::v1::JOURNAL_EVENT_OPERATOR_READ;
using journal::v1::JOURNAL_EVENT_REPLAY_REQUESTED;
using tests::ConsoleFixture;
using tests::ExchangeIdText;
using tests::ExchangeLeaf;

grpc::Status Replay(ConsoleFixture& fixture, bool dry_run, const std::string& reason,
                    v1::ReplayExchangeResponse& response) {
  v1::ReplayExchangeRequest request;
  request.set_exchange_id(ExchangeIdText(1));
  request.set_dry_run(dry_run);
  request.set_reason(reason);
  grpc::ClientContext context;
  return fixture.stub().ReplayExchange(&context, request, &response);
}

TEST_CASE("a replay is recorded before it is done, with the operator's name and reason") {
  for (const bool dry_run : {true, false}) {
    INFO("dry run " << dry_run);
    ConsoleFixture fixture({settings::v1::OPERATOR_ROLE_REPLAYER});
    fixture.journal().Put(ExchangeLeaf(JOURNAL_EVENT_ANSWERED, 1), {"ask"});
    fixture.control().replay =
        [&](const ExchangeReference& exchange, bool dry,
            const OperatorAct& act) -> absl::StatusOr<v1::ReplayExchangeResponse> {
      CHECK(exchange.exchange_id.ToString() == ExchangeIdText(1));
      CHECK(exchange.consumer == "VN:GOV:H55:mot-cua");
      CHECK(dry == dry_run);
      CHECK(act.operator_name == ConsoleFixture::OperatorName());
      CHECK(act.action == "ReplayExchange");
      CHECK(act.reason == "case 17");
      CHECK(act.leaf_index == 1);
      CHECK(fixture.journal().size() == 2);  // the leaf is there already
      v1::ReplayExchangeResponse response;
      response.set_new_exchange_id(dry ? "" : ExchangeIdText(2));
      return response;
    };
    v1::ReplayExchangeResponse response;
    REQUIRE(Replay(fixture, dry_run, "case 17", response).ok());
    CHECK(response.new_exchange_id() == (dry_run ? "" : ExchangeIdText(2)));
    const auto leaf = fixture.journal().Leaf(1)->leaf;
    CHECK(leaf.event() == (dry_run ? JOURNAL_EVENT_OPERATOR_READ : JOURNAL_EVENT_REPLAY_REQUESTED));
    CHECK(leaf.operator_reason() == "case 17");
  }
}

TEST_CASE("a replay without reason, of nothing, or that cannot be recorded never starts") {
  ConsoleFixture fixture;
  fixture.control().replay = [](const auto&, bool,
                                const auto&) -> absl::StatusOr<v1::ReplayExchangeResponse> {
    FAIL("must not be called");
    return absl::InternalError("");
  };
  v1::ReplayExchangeResponse response;
  CHECK(tests::ReasonOf(Replay(fixture, false, "case 17", response)) == "EXCHANGE_UNKNOWN");
  fixture.journal().Put(ExchangeLeaf(JOURNAL_EVENT_ANSWERED, 1));
  CHECK(tests::ReasonOf(Replay(fixture, false, "", response)) == "OPERATOR_REASON_INVALID");
  fixture.journal().FailAppends(absl::DataLossError("disk"));
  CHECK(tests::ReasonOf(Replay(fixture, false, "case 17", response)) == "JOURNAL_UNAVAILABLE");
  CHECK(fixture.journal().size() == 1);
}

TEST_CASE("the node's refusal of a replay reaches the operator whole") {
  ConsoleFixture fixture;
  fixture.journal().Put(ExchangeLeaf(JOURNAL_EVENT_ANSWERED, 1));
  fixture.control().replay = [](const auto&, bool,
                                const auto&) -> absl::StatusOr<v1::ReplayExchangeResponse> {
    return RefusalStatus({.reason = exchange::v1::ERROR_REASON_REPLAY_NOT_ALLOWED,
                          .parameters = {{"rule_en", "it changes data"},
                                         {"rule_vi", "chức năng này thay đổi dữ liệu"}}});
  };
  v1::ReplayExchangeResponse response;
  const grpc::Status status = Replay(fixture, false, "case 17", response);
  CHECK(status.error_code() == grpc::StatusCode::FAILED_PRECONDITION);
  CHECK(tests::ReasonOf(status) == "REPLAY_NOT_ALLOWED");
  CHECK_THAT(tests::TextOf(status, "vi"), Catch::Contains("thay đổi dữ liệu"));
}

grpc::Status Resolve(ConsoleFixture& fixture, v1::ResolveExchangeResponse& response) {
  v1::ResolveExchangeRequest request;
  request.set_exchange_id(ExchangeIdText(1));
  grpc::ClientContext context;
  return fixture.stub().ResolveExchange(&context, request, &response);
}

TEST_CASE("an exchange in doubt is resolved, and the answer shows it as it stands then") {
  ConsoleFixture fixture;
  fixture.journal().Put(ExchangeLeaf(JOURNAL_EVENT_IN_DOUBT, 1));
  fixture.control().resolve = [&](const ExchangeReference& exchange,
                                  const OperatorAct& act) -> absl::StatusOr<v1::Resolution> {
    CHECK(exchange.exchange_id.ToString() == ExchangeIdText(1));
    CHECK(act.action == "ResolveExchange");
    fixture.journal().Put(ExchangeLeaf(journal::v1::JOURNAL_EVENT_RESOLVED, 1));
    return v1::RESOLUTION_DONE;
  };
  v1::ResolveExchangeResponse response;
  REQUIRE(Resolve(fixture, response).ok());
  CHECK(response.resolution() == v1::RESOLUTION_DONE);
  CHECK(response.summary().state() == v1::EXCHANGE_STATE_RESOLVED);
  // Once resolved there is nothing left to resolve.
  CHECK(tests::ReasonOf(Resolve(fixture, response)) == "EXCHANGE_NOT_IN_DOUBT");
}

TEST_CASE("a provider that answers after the operator API has stopped disturbs nobody") {
  NodeControl::ResolveCallback late;
  std::latch asked(1);
  {
    ConsoleFixture fixture;
    fixture.journal().Put(ExchangeLeaf(JOURNAL_EVENT_IN_DOUBT, 1));
    fixture.control().resolve_later = [&](NodeControl::ResolveCallback done) {
      late = std::move(done);
      asked.count_down();
    };
    grpc::ClientContext context;
    v1::ResolveExchangeRequest request;
    request.set_exchange_id(ExchangeIdText(1));
    v1::ResolveExchangeResponse response;
    std::thread stopper([&] {
      asked.wait();
      fixture.server().Stop();
    });
    CHECK_FALSE(fixture.stub().ResolveExchange(&context, request, &response).ok());
    stopper.join();
  }
  late(v1::RESOLUTION_DONE);
}

TEST_CASE("a provider that cannot be asked leaves the exchange in doubt") {
  ConsoleFixture fixture;
  fixture.journal().Put(ExchangeLeaf(JOURNAL_EVENT_IN_DOUBT, 1));
  fixture.control().resolve = [](const auto&, const auto&) -> absl::StatusOr<v1::Resolution> {
    return RefusalStatus({.reason = exchange::v1::ERROR_REASON_PROVIDER_DOWN});
  };
  v1::ResolveExchangeResponse response;
  CHECK(tests::ReasonOf(Resolve(fixture, response)) == "PROVIDER_DOWN");
  CHECK(fixture.journal().size() == 1);
}

}  // namespace
}  // namespace ndx::console
