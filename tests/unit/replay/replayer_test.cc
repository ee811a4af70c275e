// Replays through a whole broker, over a journal in memory.
#include "ndx/replay/replayer.h"

#include <catch2/catch.hpp>

#include "ndx/tests/support/broker_fixture.h"
#include "ndx/tests/support/mem_journal_reader.h"

namespace ndx::replay {
namespace {

using tests::EntryBytes;

class ReplayerFixture : public tests::BrokerFixture {
 public:
  // An exchange that was made, to be made again.
  core::ExchangeId Made(const std::string& method, Options options = {}) {
    tests::FakeServerCall* call = Call(method, std::move(options));
    made_ = journal.entries().size();
    return core::ExchangeId::Parse(*call->trailers.Find("ndx-exchange-id")).value();
  }

  std::variant<ReplayResult, core::Refusal> Replay(
      core::ExchangeId id, bool dry_run, const std::string& consumer = "VN:GOV:H55:mot-cua") {
    std::optional<std::variant<ReplayResult, core::Refusal>> result;
    replayer.Replay(
        {.consumer = consumer,
         .exchange_id = id,
         .dry_run = dry_run,
         .act = {.operator_name = "an.ninh",
                 .action = "ReplayExchange",
                 .reason = "vụ 12",
                 .leaf_index = 40}},
        [&](std::variant<ReplayResult, core::Refusal> got) { result = std::move(got); });
    loop.Settle();
    REQUIRE(result.has_value());
    return *std::move(result);
  }
  ReplayResult Good(core::ExchangeId id, bool dry_run = false) {
    auto result = Replay(id, dry_run);
    REQUIRE(std::holds_alternative<ReplayResult>(result));
    return std::get<ReplayResult>(std::move(result));
  }
  std::string Refused(core::ExchangeId id, const std::string& consumer = "VN:GOV:H55:mot-cua") {
    auto result = Replay(id, /*dry_run=*/false, consumer);
    if (std::holds_alternative<ReplayResult>(result)) return "";
    return core::ReasonName(std::get<core::Refusal>(result).reason);
  }
  // Leaves written since the exchange was made.
  size_t NewLeaves() const { return journal.entries().size() - made_; }

  tests::MemJournalReader reader{journal};
  Replayer replayer{*broker, loop.loops(), journal, reader, registry, loop.clock()};

 private:
  size_t made_ = 0;
};

TEST_CASE("a dry run says what would be sent and decided, and sends nothing") {
  ReplayerFixture f;
  const auto id =
      f.Made("Read", {.metadata = {{"ndx-purpose", "tthc"}, {"ndx-procedure", "1.011442"}}});
  const ReplayResult result = f.Good(id, /*dry_run=*/true);
  CHECK(result.provider == "VN:GOV:G01:ledger");
  CHECK(result.method == "/ledger.v1.LedgerService/Read");
  CHECK(result.purpose == "tthc");
  CHECK(result.procedure == "1.011442");
  CHECK(result.request == std::vector<std::string>{tests::AskBytes("k")});
  CHECK(result.decision.allowed());
  CHECK(result.decision.rule() == "one-stop");
  CHECK(result.new_exchange_id.is_nil());
  CHECK(f.adapter->count() == 1);
  CHECK(f.NewLeaves() == 0);
}

TEST_CASE("a replay is a new exchange that names the old one, and is recorded as executed") {
  ReplayerFixture f;
  const auto id = f.Made("Read", {.metadata = {{"ndx-purpose", "tthc"}, {"ndx-dossier", "H55-1"}}});
  const ReplayResult result = f.Good(id);
  CHECK(result.status.ok());
  CHECK(result.same_answer);
  CHECK(result.new_exchange_id != id);
  const auto entries = f.journal.entries();
  REQUIRE(entries.size() == 3);
  CHECK(entries[1].leaf.event() == journal::v1::JOURNAL_EVENT_ANSWERED);
  CHECK(entries[1].leaf.exchange_id() == std::string(result.new_exchange_id.bytes()));
  CHECK(entries[1].leaf.replay_of() == std::string(id.bytes()));
  CHECK(entries[1].leaf.caused_by_plus_one() == 41);
  CHECK(entries[1].leaf.dossier().hmac() == entries[0].leaf.dossier().hmac());
  CHECK(entries[2].leaf.event() == journal::v1::JOURNAL_EVENT_REPLAY_EXECUTED);
  CHECK(entries[2].leaf.operator_name() == "an.ninh");
  CHECK(entries[2].leaf.operator_reason() == "vụ 12");
  CHECK(f.adapter->call(1).idempotency_key == id.ToString());
  CHECK(f.adapter->call(1).Metadata("ndx-dossier").empty());
  CHECK(f.Idle());
}

TEST_CASE("another answer than the recorded one is told apart") {
  ReplayerFixture f;
  const auto id = f.Made("Read");
  SECTION("another") {
    f.adapter->AnswerWith({EntryBytes("k", "new", "")});
    CHECK_FALSE(f.Good(id).same_answer);
  }
  SECTION("an error") {
    f.adapter->AnswerWith({}, absl::NotFoundError("gone"));
    const ReplayResult result = f.Good(id);
    CHECK_FALSE(result.same_answer);
    CHECK(result.error_reason == "PROVIDER_ERROR");
    CHECK(result.status.code == 5);
  }
}

TEST_CASE("a stream is replayed whole") {
  ReplayerFixture f;
  f.adapter->AnswerWith({EntryBytes("a", "", ""), EntryBytes("b", "", "")});
  const auto id = f.Made("List");
  const ReplayResult result = f.Good(id);
  CHECK(result.response.size() == 2);
  CHECK(result.same_answer);
  CHECK_FALSE(result.response_cut);
}

TEST_CASE("of a huge answer only so much is kept, and it is never called the same") {
  ReplayerFixture f;
  const auto piece = [](size_t bytes) { return std::string(bytes, '\0'); };
  constexpr size_t kPiece = size_t{4} << 20;
  std::vector<std::string> messages(kReplayAnswerBytesMax / kPiece, piece(kPiece));
  f.adapter->AnswerWith(messages);
  const auto id = f.Made("List");
  CHECK_FALSE(f.Good(id).response_cut);
  messages.push_back("x");
  f.adapter->AnswerWith(messages);
  const ReplayResult cut = f.Good(id);
  CHECK(cut.response_cut);
  CHECK(cut.response.size() == messages.size() - 1);
  CHECK_FALSE(cut.same_answer);
}

TEST_CASE("what is not made again, and why") {
  ReplayerFixture f;
  SECTION("a change") { CHECK(f.Refused(f.Made("Change")) == "REPLAY_NOT_ALLOWED"); }
  SECTION("a method that asks for a second person") {
    CHECK(f.Refused(f.Made("Note")) == "REPLAY_NOT_ALLOWED");
  }
  SECTION("a method that says nothing of replays") {
    CHECK(f.Refused(f.Made("Small")) == "REPLAY_NOT_ALLOWED");
  }
  SECTION("an exchange that nobody made") {
    f.Made("Read");
    const auto id = core::ExchangeId::Generate(f.loop.clock(), f.random);
    CHECK(f.Refused(id) == "EXCHANGE_UNKNOWN");
  }
  SECTION("another consumer's exchange") {
    CHECK(f.Refused(f.Made("Read"), "VN:GOV:G24:bhxh") == "EXCHANGE_UNKNOWN");
  }
  SECTION("an exchange that was refused: its request is not kept") {
    CHECK(f.Refused(f.Made("Read", {.metadata = {}})) == "PAYLOAD_NOT_KEPT");
  }
  SECTION("a journal that cannot be read") {
    const auto id = f.Made("Read");
    f.reader.Fail(absl::DataLossError("damaged"));
    CHECK(f.Refused(id) == "INTERNAL");
  }
  CHECK(f.NewLeaves() == 0);
}

TEST_CASE("a refusal of a later use of the id does not hide the request") {
  ReplayerFixture f;
  const std::string id = "0198f3a4-0000-7000-8000-00000000002a";
  const transport::Metadata metadata = {{"ndx-purpose", "tthc"}, {"ndx-exchange-id", id}};
  f.Made("Read", {.metadata = metadata});
  f.Made("Read", {.metadata = metadata, .body = tests::AskBytes("other")});
  CHECK(f.Good(*core::ExchangeId::Parse(id)).same_answer);
}

TEST_CASE("authorised again, not trusted: who has lost the grant is refused, on record") {
  ReplayerFixture f;
  // Recorded under a purpose that its grant does not allow any more.
  journal::Record record;
  const auto id = core::ExchangeId::Generate(f.loop.clock(), f.random);
  record.leaf.set_event(journal::v1::JOURNAL_EVENT_ANSWERED);
  record.leaf.set_exchange_id(std::string(id.bytes()));
  record.leaf.set_consumer("VN:GOV:H55:mot-cua");
  record.leaf.set_provider("VN:GOV:G01:ledger");
  record.leaf.set_method(tests::LedgerMethod("Read"));
  record.leaf.set_purpose("thong-ke");
  record.request.emplace().messages = {transport::MakeMessage(tests::AskBytes("k"))};
  f.journal.Append(std::move(record), [](const absl::StatusOr<journal::Appended>&) {});
  const ReplayResult dry = f.Good(id, /*dry_run=*/true);
  CHECK_FALSE(dry.decision.allowed());
  CHECK(dry.decision.reason() == "PURPOSE_NOT_GRANTED");
  const ReplayResult result = f.Good(id);
  CHECK(result.error_reason == "PURPOSE_NOT_GRANTED");
  CHECK(f.adapter->count() == 0);
  CHECK(f.Events() == "ANSWERED REFUSED REPLAY_EXECUTED");
}

TEST_CASE("a replay that cannot be recorded is not shown") {
  ReplayerFixture f;
  const auto id = f.Made("Read");
  f.adapter->Hang();
  std::optional<std::variant<ReplayResult, core::Refusal>> result;
  f.replayer.Replay(
      {.consumer = "VN:GOV:H55:mot-cua", .exchange_id = id, .dry_run = false},
      [&](std::variant<ReplayResult, core::Refusal> got) { result = std::move(got); });
  f.loop.Settle();
  f.journal.Fail(absl::DataLossError("x"));
  f.adapter->reply(1)->Finish(absl::NotFoundError("x"));
  f.loop.Settle();
  REQUIRE(result.has_value());
  REQUIRE(std::holds_alternative<core::Refusal>(*result));
  CHECK(core::ReasonName(std::get<core::Refusal>(*result).reason) == "ANSWER_NOT_RECORDED");
}

}  // namespace
}  // namespace ndx::replay
