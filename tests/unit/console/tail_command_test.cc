#include <grpcpp/client_context.h>

#include <atomic>
#include <catch2/catch.hpp>
#include <string>
#include <thread>

#include "ndx/console/tail_follower.h"
#include "ndx/tests/unit/console/console_fixture.h"

namespace ndx::console {
namespace {

using journal::v1::JOURNAL_EVENT_ANSWERED;
using journal::v1::JOURNAL_EVENT_OPERATOR_READ;
using journal::v1::JOURNAL_EVENT_REFUSED;
using tests::ConsoleFixture;
using tests::ExchangeIdText;
using tests::ExchangeLeaf;

// Reads one exchange while time goes on: the server's timers follow the fixture's clock, and any
// call makes its loop look at it.
std::string ReadOne(ConsoleFixture& fixture,
                    grpc::ClientReader<v1::TailExchangesResponse>& stream) {
  std::atomic<bool> read{false};
  std::thread time([&] {
    while (!read) {
      fixture.clock().Advance(kTailInterval);
      grpc::ClientContext context;
      v1::GetStatusResponse status;
      fixture.stub().GetStatus(&context, {}, &status);
    }
  });
  v1::TailExchangesResponse response;
  const bool got = stream.Read(&response);
  read = true;
  time.join();
  return got ? response.exchange().exchange_id() : "end";
}

TEST_CASE("the backlog comes first, oldest first, then what is recorded, if it matches") {
  ConsoleFixture fixture;
  for (int i = 0; i < 3; ++i) fixture.journal().Put(ExchangeLeaf(JOURNAL_EVENT_ANSWERED, i));
  v1::TailExchangesRequest request;
  request.set_backlog(2);
  request.mutable_filter()->add_states(v1::EXCHANGE_STATE_ANSWERED);
  grpc::ClientContext context;
  const auto stream = fixture.stub().TailExchanges(&context, request);
  v1::TailExchangesResponse response;
  REQUIRE(stream->Read(&response));
  CHECK(response.exchange().exchange_id() == ExchangeIdText(1));
  REQUIRE(stream->Read(&response));
  CHECK(response.exchange().exchange_id() == ExchangeIdText(2));
  fixture.journal().Put(ExchangeLeaf(JOURNAL_EVENT_REFUSED, 3));
  fixture.journal().Put(ExchangeLeaf(JOURNAL_EVENT_OPERATOR_READ, 2));
  fixture.journal().Put(ExchangeLeaf(JOURNAL_EVENT_ANSWERED, 4));
  CHECK(ReadOne(fixture, *stream) == ExchangeIdText(4));
  fixture.journal().Put(ExchangeLeaf(JOURNAL_EVENT_ANSWERED, 5));
  CHECK(ReadOne(fixture, *stream) == ExchangeIdText(5));
  context.TryCancel();
  CHECK(stream->Finish().error_code() == grpc::StatusCode::CANCELLED);
}

TEST_CASE("a malformed filter ends the call") {
  ConsoleFixture fixture;
  v1::TailExchangesRequest request;
  request.mutable_filter()->set_consumer("*x");
  grpc::ClientContext context;
  const auto stream = fixture.stub().TailExchanges(&context, request);
  v1::TailExchangesResponse response;
  CHECK_FALSE(stream->Read(&response));
  CHECK(stream->Finish().error_code() == grpc::StatusCode::INVALID_ARGUMENT);
}

}  // namespace
}  // namespace ndx::console
