#include "ndx/replay/item_sender.h"

#include <catch2/catch.hpp>
#include <string>

#include "ndx/tests/unit/replay/replay_fixture.h"

namespace ndx::replay {
namespace {

using adapter::v1::ExchangeOutcome;
using tests::EntryBytes;
using tests::ReplayFixture;

class SenderFixture : public ReplayFixture {
 public:
  SenderFixture() = default;

  // Plans the exchange that was made, and sends it.
  v1::ReplayItem Send(v1::ReplayMode mode = v1::REPLAY_MODE_EXECUTE) {
    task = Planned(mode);
    task.set_run_by("an");
    return SendAgain(Item(task.number(), 1));
  }
  v1::ReplayItem SendAgain(v1::ReplayItem item) {
    const auto sent = sender.Send(task, item);
    REQUIRE(sent.ok());
    step = *sent;
    return item;
  }
  // The same once more, as if it had not been sent.
  v1::ReplayItem SendAnew() {
    v1::ReplayItem item = Item(task.number(), 1);
    item.set_state(v1::REPLAY_ITEM_STATE_WAITING);
    item.clear_new_exchange_id();
    return SendAgain(item);
  }
  // An item as a killed node leaves it: about to be sent under this id.
  v1::ReplayItem Interrupted(core::ExchangeId new_id) {
    v1::ReplayItem item = Item(task.number(), 1);
    item.set_state(v1::REPLAY_ITEM_STATE_SENDING);
    item.set_new_exchange_id(std::string(new_id.bytes()));
    return item;
  }
  void PutLeaf(journal::v1::JournalEvent event, core::ExchangeId id, core::ExchangeId of) {
    journal::Record record{.leaf = ExchangeLeaf(event, id, "Send")};
    record.leaf.set_replay_of(std::string(of.bytes()));
    journal.Append(std::move(record), [](const absl::StatusOr<journal::Appended>&) {});
  }
  // Asked what became of an exchange the adapter says this; changes take effect.
  void Tell(ExchangeOutcome outcome) {
    adapter->Do([outcome](const sdk::AdapterCall& call, sdk::AdapterReply& reply) {
      std::string answer = EntryBytes("k", "s", "050");
      if (call.method.find("GetExchangeStatus") != std::string::npos) {
        adapter::v1::GetExchangeStatusResponse response;
        response.set_outcome(outcome);
        answer = response.SerializeAsString();
      }
      reply.SendMessage(std::make_shared<const std::string>(answer));
      reply.Finish(absl::OkStatus());
    });
  }
  size_t CallsOf(const std::string& method) const {
    size_t calls = 0;
    for (size_t i = 0; i < adapter->count(); ++i) {
      calls += adapter->call(i).method.find("/" + method) == std::string::npos ? 0 : 1;
    }
    return calls;
  }

  v1::ReplayTask task;
  ItemSender sender{sending, [] { return false; }};
  ItemSender::Step step = ItemSender::Step::kGivenUp;
};

TEST_CASE("a change is sent under an id that was kept before, with the first id as key") {
  SenderFixture f;
  const auto id = f.Failed("Send");
  std::string kept;
  f.adapter->Do([&](const sdk::AdapterCall&, sdk::AdapterReply& reply) {
    kept = f.Item(f.task.number(), 1).new_exchange_id();
    reply.SendMessage(std::make_shared<const std::string>(EntryBytes("k", "s", "050")));
    reply.Finish(absl::OkStatus());
  });
  const auto item = f.Send();
  CHECK(f.step == ItemSender::Step::kSettled);
  CHECK(item.state() == v1::REPLAY_ITEM_STATE_ANSWERED);
  CHECK(item.new_exchange_id() == kept);
  CHECK(f.adapter->call(1).idempotency_key == id.ToString());
  CHECK(f.Events() == "REQUEST_OPENED ANSWERED REQUEST_OPENED ANSWERED REPLAY_EXECUTED");
  CHECK(f.journal.entries()[3].leaf.exchange_id() == kept);
  CHECK(f.journal.entries()[3].leaf.replay_of() == id.bytes());
}

TEST_CASE("a verified answer is compared field by field") {
  SenderFixture f;
  f.Made("Read");
  CHECK_FALSE(f.Send(v1::REPLAY_MODE_VERIFY).differs());
  f.adapter->AnswerWith({EntryBytes("k", "other", "050")});
  const auto item = f.SendAnew();
  CHECK(item.differs());
  REQUIRE(item.different_fields_size() == 1);
  CHECK(item.different_fields(0) == "secret");
  CHECK(f.last_leaf().replay_outcome() == "different");
  f.adapter->AnswerWith({}, absl::InternalError("x"));
  const auto error = f.SendAnew();
  CHECK(error.state() == v1::REPLAY_ITEM_STATE_ANSWERED);
  CHECK(error.grpc_status() == 13);
  CHECK_FALSE(error.differs());
}

TEST_CASE("a first sending in doubt is asked about before anything is sent") {
  SenderFixture f;
  const auto id = f.InDoubt("Send");
  SECTION("done: it is not sent") {
    f.Tell(adapter::v1::EXCHANGE_OUTCOME_DONE);
    CHECK(f.Send().state() == v1::REPLAY_ITEM_STATE_FOUND_DONE);
    CHECK(f.CallsOf("Send") == 0);
    CHECK(f.Events() == "IN_DOUBT RESOLVED REPLAY_NOT_SENT");
  }
  SECTION("not done: it is sent") {
    f.Tell(adapter::v1::EXCHANGE_OUTCOME_NOT_DONE);
    CHECK(f.Send().state() == v1::REPLAY_ITEM_STATE_ANSWERED);
    CHECK(f.CallsOf("Send") == 1);
  }
  SECTION("nobody can tell: the first id is the key, so it is sent") {
    f.Tell(adapter::v1::EXCHANGE_OUTCOME_UNSPECIFIED);
    CHECK(f.Send().state() == v1::REPLAY_ITEM_STATE_ANSWERED);
    CHECK(f.adapter->call(1).idempotency_key == id.ToString());
  }
  SECTION("still running: left for later") {
    f.Tell(adapter::v1::EXCHANGE_OUTCOME_RUNNING);
    const auto item = f.Send();
    CHECK(item.state() == v1::REPLAY_ITEM_STATE_NOT_SENT);
    CHECK(item.reason() == "REPLAY_STILL_RUNNING");
    CHECK(f.CallsOf("Send") == 0);
  }
}

TEST_CASE("what a kill left under way is looked up by its id, and never sent twice") {
  SenderFixture f;
  const auto id = f.Failed("Send");
  f.task = f.Planned(v1::REPLAY_MODE_EXECUTE);
  const auto new_id = core::ExchangeId::Generate(f.clock, f.random);
  f.Tell(adapter::v1::EXCHANGE_OUTCOME_DONE);
  SECTION("nothing recorded: it was never sent") {
    const auto item = f.SendAgain(f.Interrupted(new_id));
    CHECK(item.state() == v1::REPLAY_ITEM_STATE_ANSWERED);
    CHECK(item.new_exchange_id() != new_id.bytes());
    CHECK(f.CallsOf("Send") == 2);
  }
  SECTION("answered: that is what became of it, and its leaf is made up for") {
    f.PutLeaf(journal::v1::JOURNAL_EVENT_ANSWERED, new_id, id);
    const auto item = f.SendAgain(f.Interrupted(new_id));
    CHECK(item.state() == v1::REPLAY_ITEM_STATE_ANSWERED);
    CHECK(f.CallsOf("Send") == 1);
    CHECK(f.last_leaf().event() == journal::v1::JOURNAL_EVENT_REPLAY_EXECUTED);
    const size_t leaves = f.journal.entries().size();
    f.SendAgain(f.Interrupted(new_id));
    CHECK(f.journal.entries().size() == leaves);  // once
  }
  SECTION("in doubt, and done") {
    f.PutLeaf(journal::v1::JOURNAL_EVENT_IN_DOUBT, new_id, id);
    const auto item = f.SendAgain(f.Interrupted(new_id));
    CHECK(item.state() == v1::REPLAY_ITEM_STATE_FOUND_DONE);
    CHECK(f.CallsOf("Send") == 1);
    CHECK(f.last_leaf().replay_outcome() == "found done");
  }
  SECTION("in doubt, and nobody can tell: not sent again") {
    f.Tell(adapter::v1::EXCHANGE_OUTCOME_UNSPECIFIED);
    f.PutLeaf(journal::v1::JOURNAL_EVENT_IN_DOUBT, new_id, id);
    const auto item = f.SendAgain(f.Interrupted(new_id));
    CHECK(item.state() == v1::REPLAY_ITEM_STATE_ANSWER_UNKNOWN);
    CHECK(item.reason() == "REPLAY_INTERRUPTED");
    CHECK(f.CallsOf("Send") == 1);
  }
  SECTION("in doubt, and not done: sent") {
    f.Tell(adapter::v1::EXCHANGE_OUTCOME_NOT_DONE);
    f.PutLeaf(journal::v1::JOURNAL_EVENT_IN_DOUBT, new_id, id);
    CHECK(f.SendAgain(f.Interrupted(new_id)).state() == v1::REPLAY_ITEM_STATE_ANSWERED);
    CHECK(f.CallsOf("Send") == 2);
  }
}

TEST_CASE("what has changed since the plan counts") {
  SenderFixture f;
  const auto id = f.Failed("Send");
  SECTION("another replay has been answered meanwhile") {
    f.task = f.Planned(v1::REPLAY_MODE_EXECUTE);
    f.PutLeaf(journal::v1::JOURNAL_EVENT_ANSWERED, core::ExchangeId::Generate(f.clock, f.random),
              id);
    const auto item = f.SendAgain(f.Item(f.task.number(), 1));
    CHECK(item.reason() == "REPLAY_ALREADY_ANSWERED");
    CHECK(f.last_leaf().event() == journal::v1::JOURNAL_EVENT_REPLAY_NOT_SENT);
    CHECK(f.last_leaf().exchange_id() == id.bytes());
  }
  SECTION("the plan does without the approval that is needed now") {
    f.task = f.Planned(v1::REPLAY_MODE_EXECUTE);
    f.task.mutable_plan()->set_needs_approval(false);
    CHECK(f.SendAgain(f.Item(f.task.number(), 1)).reason() == "REPLAY_APPROVAL_MISSING");
  }
  CHECK(f.CallsOf("Send") == 1);
}

TEST_CASE("policy of today refuses, on record, and nothing is sent") {
  SenderFixture f;
  const auto id = core::ExchangeId::Generate(f.clock, f.random);
  journal::Record record{
      .leaf = ReplayFixture::ExchangeLeaf(journal::v1::JOURNAL_EVENT_FAILED, id, "Send")};
  record.leaf.set_purpose("thong-ke");
  record.request.emplace().messages = {transport::MakeMessage(tests::AskBytes("k"))};
  f.journal.Append(std::move(record), [](const absl::StatusOr<journal::Appended>&) {});
  const auto item = f.Send();
  CHECK(item.state() == v1::REPLAY_ITEM_STATE_NOT_SENT);
  CHECK(item.reason() == "PURPOSE_NOT_GRANTED");
  CHECK(f.adapter->count() == 0);
}

TEST_CASE("trouble of the journal halts the task; a node that stops lets go") {
  SenderFixture f;
  f.Failed("Send");
  SECTION("the journal") {
    f.task = f.Planned(v1::REPLAY_MODE_EXECUTE);
    f.reader.Fail(absl::DataLossError("damaged"));
    v1::ReplayItem item = f.Item(f.task.number(), 1);
    const auto sent = f.sender.Send(f.task, item);
    // Unreadable leaves of the exchange leave it unsent, on record.
    REQUIRE(sent.ok());
    CHECK(item.state() == v1::REPLAY_ITEM_STATE_NOT_SENT);
  }
  SECTION("a record that cannot be made") {
    f.task = f.Planned(v1::REPLAY_MODE_EXECUTE);
    f.journal.Fail(absl::DataLossError("x"));
    v1::ReplayItem item = f.Item(f.task.number(), 1);
    CHECK(absl::IsDataLoss(f.sender.Send(f.task, item).status()));
  }
  SECTION("a stop") {
    f.adapter->Hang();
    f.task = f.Planned(v1::REPLAY_MODE_EXECUTE);
    ItemSender stopping(f.sending, [] { return true; });
    v1::ReplayItem item = f.Item(f.task.number(), 1);
    CHECK(*stopping.Send(f.task, item) == ItemSender::Step::kGivenUp);
    CHECK(f.Item(f.task.number(), 1).state() == v1::REPLAY_ITEM_STATE_SENDING);
    f.loop.Settle();
    f.adapter->reply(1)->Finish(absl::OkStatus());
    f.loop.Settle();
  }
}

}  // namespace
}  // namespace ndx::replay
