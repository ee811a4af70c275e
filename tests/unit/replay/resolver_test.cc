// Questions to a provider through a whole broker, over a journal in memory.
#include "ndx/replay/resolver.h"

#include <catch2/catch.hpp>

#include "ndx/tests/support/broker_fixture.h"
#include "ndx/tests/support/mem_journal_reader.h"

namespace ndx::replay {
namespace {

using adapter::v1::ExchangeOutcome;

class ResolverFixture : public tests::BrokerFixture {
 public:
  // A change in doubt.
  core::ExchangeId Doubted() {
    adapter->AnswerWith({}, absl::UnknownError("?"));
    tests::FakeServerCall* call = Call("Change", {.metadata = metadata});
    REQUIRE(Events() == "REQUEST_OPENED IN_DOUBT");
    return core::ExchangeId::Parse(*call->trailers.Find("ndx-exchange-id")).value();
  }
  void TheProviderSays(ExchangeOutcome outcome, absl::Status status = absl::OkStatus()) {
    adapter::v1::GetExchangeStatusResponse answer;
    answer.set_outcome(outcome);
    adapter->AnswerWith({answer.SerializeAsString()}, std::move(status));
  }
  void Ask(core::ExchangeId id) {
    resolver.Resolve("VN:GOV:H55:mot-cua", id,
                     {.operator_name = "an.ninh", .action = "ResolveExchange", .reason = "vụ 12"},
                     [this](std::variant<ExchangeOutcome, core::Refusal> got) { result = got; });
    loop.Settle();
  }
  ExchangeOutcome Resolve(core::ExchangeId id) {
    Ask(id);
    REQUIRE(result.has_value());
    REQUIRE(std::holds_alternative<ExchangeOutcome>(*result));
    return std::get<ExchangeOutcome>(*result);
  }
  std::string Refused(core::ExchangeId id) {
    Ask(id);
    REQUIRE(result.has_value());
    REQUIRE(std::holds_alternative<core::Refusal>(*result));
    return core::ReasonName(std::get<core::Refusal>(*result).reason);
  }

  const std::string id_text = "0198f3a4-0000-7000-8000-00000000002a";
  const transport::Metadata metadata = {{"ndx-purpose", "tthc"}, {"ndx-exchange-id", id_text}};
  tests::MemJournalReader reader{journal};
  Resolver resolver{*broker, loop.loops(), journal, reader, registry, loop.clock()};
  std::optional<std::variant<ExchangeOutcome, core::Refusal>> result;
};

TEST_CASE("the provider knows: RESOLVED is recorded before the operator hears of it") {
  ResolverFixture f;
  const auto id = f.Doubted();
  f.TheProviderSays(adapter::v1::EXCHANGE_OUTCOME_DONE);
  f.journal.Hold();
  f.Ask(id);
  CHECK_FALSE(f.result.has_value());
  f.journal.Release();
  f.loop.Settle();
  CHECK(std::get<ExchangeOutcome>(*f.result) == adapter::v1::EXCHANGE_OUTCOME_DONE);
  const sdk::AdapterCall question = f.adapter->call(1);
  CHECK(question.method == "/ndx.adapter.v1.AdapterService/GetExchangeStatus");
  adapter::v1::GetExchangeStatusRequest request;
  REQUIRE(request.ParseFromString(*question.request));
  CHECK(request.exchange_id() == f.id_text);
  const auto leaf = f.journal.entries().back().leaf;
  CHECK(leaf.event() == journal::v1::JOURNAL_EVENT_RESOLVED);
  CHECK(leaf.exchange_id() == std::string(id.bytes()));
  CHECK(leaf.consumer() == "VN:GOV:H55:mot-cua");
  CHECK(leaf.resolution() == "done");
  CHECK(leaf.grpc_status() == 0);
  CHECK(leaf.operator_name() == "an.ninh");
  CHECK(leaf.operator_reason() == "vụ 12");
  // What was made is not made again, and its answer was never seen.
  f.adapter->AnswerWith({""});
  CHECK(f.Reason(*f.Call("Change", {.metadata = f.metadata})) == "ANSWER_NOT_KEPT");
  CHECK(f.adapter->count() == 2);
  // Nor is it asked about again.
  CHECK(f.Refused(id) == "EXCHANGE_NOT_IN_DOUBT");
}

TEST_CASE("a change that was not made is recorded as failed, and may be made under its id") {
  ResolverFixture f;
  const auto id = f.Doubted();
  f.TheProviderSays(adapter::v1::EXCHANGE_OUTCOME_NOT_DONE);
  CHECK(f.Resolve(id) == adapter::v1::EXCHANGE_OUTCOME_NOT_DONE);
  CHECK(f.journal.entries().back().leaf.resolution() == "not_done");
  CHECK(f.journal.entries().back().leaf.grpc_status() == 10);  // as the caller was told
  f.adapter->AnswerWith({""});
  CHECK(f.Call("Change", {.metadata = f.metadata})->status.ok());
}

TEST_CASE("a doubt that the node found when it started has no status of its own") {
  ResolverFixture f;
  journal::Record record;
  const auto id = core::ExchangeId::Generate(f.loop.clock(), f.random);
  record.leaf.set_event(journal::v1::JOURNAL_EVENT_IN_DOUBT);
  record.leaf.set_exchange_id(std::string(id.bytes()));
  record.leaf.set_consumer("VN:GOV:H55:mot-cua");
  record.leaf.set_provider("VN:GOV:G01:ledger");
  record.leaf.set_method(tests::LedgerMethod("Change"));
  f.journal.Append(std::move(record), [](const absl::StatusOr<journal::Appended>&) {});
  f.TheProviderSays(adapter::v1::EXCHANGE_OUTCOME_NOT_DONE);
  CHECK(f.Resolve(id) == adapter::v1::EXCHANGE_OUTCOME_NOT_DONE);
  CHECK(f.journal.entries().back().leaf.grpc_status() == 2);
}

TEST_CASE("a provider that cannot tell leaves the doubt, and nothing is recorded") {
  ResolverFixture f;
  const auto id = f.Doubted();
  ExchangeOutcome expected = adapter::v1::EXCHANGE_OUTCOME_UNSPECIFIED;
  SECTION("still running") {
    f.TheProviderSays(adapter::v1::EXCHANGE_OUTCOME_RUNNING);
    expected = adapter::v1::EXCHANGE_OUTCOME_RUNNING;
  }
  SECTION("it does not know") { f.TheProviderSays(adapter::v1::EXCHANGE_OUTCOME_UNSPECIFIED); }
  SECTION("it does not serve the question") {
    f.adapter->AnswerWith({}, absl::UnimplementedError("no such method"));
  }
  SECTION("an answer with an error is none") {
    f.TheProviderSays(adapter::v1::EXCHANGE_OUTCOME_DONE, absl::InternalError("?"));
  }
  SECTION("bytes of another type") { f.adapter->AnswerWith({"\xff"}); }
  CHECK(f.Resolve(id) == expected);
  CHECK(f.Events() == "REQUEST_OPENED IN_DOUBT");
}

TEST_CASE("what cannot be resolved, and why") {
  ResolverFixture f;
  SECTION("an exchange that nobody made") {
    CHECK(f.Refused(core::ExchangeId::Generate(f.loop.clock(), f.random)) == "EXCHANGE_UNKNOWN");
  }
  SECTION("an exchange that was answered") {
    tests::FakeServerCall* call = f.Call("Change");
    CHECK(f.Refused(*core::ExchangeId::Parse(*call->trailers.Find("ndx-exchange-id"))) ==
          "EXCHANGE_NOT_IN_DOUBT");
  }
  SECTION("a journal that cannot be read") {
    const auto id = f.Doubted();
    f.reader.Fail(absl::UnavailableError("disk"));
    CHECK(f.Refused(id) == "INTERNAL");
  }
  SECTION("a resolution that cannot be recorded") {
    const auto id = f.Doubted();
    f.TheProviderSays(adapter::v1::EXCHANGE_OUTCOME_DONE);
    f.journal.Fail(absl::DataLossError("x"));
    CHECK(f.Refused(id) == "ANSWER_NOT_RECORDED");
  }
  SECTION("a provider that hangs") {
    const auto id = f.Doubted();
    f.adapter->Hang();
    f.Ask(id);
    CHECK_FALSE(f.result.has_value());
    f.loop.Advance(kStatusDeadline);
    REQUIRE(f.result.has_value());
    CHECK(core::ReasonName(std::get<core::Refusal>(*f.result).reason) == "READ_TIMED_OUT");
  }
  CHECK(f.Idle());
}

}  // namespace
}  // namespace ndx::replay
