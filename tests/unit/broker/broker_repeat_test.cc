// Exchange ids that are used again.
// Every stage is real, the journal is in memory, the adapter does what it is told.
#include <catch2/catch.hpp>

#include "ndx/broker/broker.h"
#include "ndx/tests/support/broker_fixture.h"

namespace ndx::broker {
namespace {

using tests::BrokerFixture;
using tests::EntryBytes;
using tests::FakeServerCall;

// Calls with an exchange id of the caller's own choice.
class Repeating {
 public:
  explicit Repeating(BrokerFixture& f)
      : f_(f), id_(core::ExchangeId::Generate(f.loop.clock(), f.random).ToString()) {}

  FakeServerCall* Call(const std::string& method, const std::string& key = "k") {
    return f_.Call(method, {.metadata = {{"ndx-purpose", "tthc"}, {"ndx-exchange-id", id_}},
                            .body = tests::AskBytes(key)});
  }
  const std::string& id() const { return id_; }

 private:
  BrokerFixture& f_;
  const std::string id_;
};

TEST_CASE("the same exchange id again gives the recorded answer, without asking the provider") {
  BrokerFixture f;
  Repeating again(f);
  FakeServerCall* first = again.Call("Change");
  CHECK(first->status.ok());
  f.adapter->AnswerWith({"another"});
  FakeServerCall* second = again.Call("Change");
  CHECK(second->status.ok());
  CHECK(second->messages == first->messages);
  CHECK(*second->trailers.Find("ndx-exchange-id") == again.id());
  CHECK(*second->trailers.Find("ndx-receipt-bin") == "receipt of leaf 1");
  CHECK(f.adapter->count() == 1);
  CHECK(f.Events() == "REQUEST_OPENED ANSWERED");
  CHECK(f.Idle());
}

TEST_CASE("the recorded answer of a stream is given again whole") {
  BrokerFixture f;
  Repeating again(f);
  f.adapter->AnswerWith({EntryBytes("a", "", ""), EntryBytes("b", "", "")});
  again.Call("List");
  FakeServerCall* second = again.Call("List");
  CHECK(second->status.ok());
  CHECK(second->messages ==
        std::vector<std::string>{EntryBytes("a", "", ""), EntryBytes("b", "", "")});
  CHECK(f.adapter->count() == 1);
  CHECK(f.Idle());
}

TEST_CASE("the same exchange id for something else is refused") {
  BrokerFixture f;
  Repeating again(f);
  again.Call("Change");
  SECTION("another body") { CHECK(f.Reason(*again.Call("Change", "x")) == "EXCHANGE_ID_REUSED"); }
  SECTION("another method") { CHECK(f.Reason(*again.Call("Read")) == "EXCHANGE_ID_REUSED"); }
  CHECK(f.adapter->count() == 1);
  CHECK(f.Events() == "REQUEST_OPENED ANSWERED REFUSED");
  // The refusal does not hide the answer.
  CHECK(again.Call("Change")->status.ok());
  CHECK(f.Idle());
}

TEST_CASE("the same exchange id while it runs is told to ask again later") {
  BrokerFixture f;
  Repeating again(f);
  f.adapter->Hang();
  FakeServerCall* first = again.Call("Change");
  FakeServerCall* second = again.Call("Change");
  CHECK(f.Reason(*second) == "EXCHANGE_IN_PROGRESS");
  f.adapter->reply(0)->SendMessage(std::make_shared<const std::string>(""));
  f.adapter->reply(0)->Finish(absl::OkStatus());
  f.loop.Settle();
  CHECK(first->status.ok());
  CHECK(again.Call("Change")->status.ok());
  CHECK(f.adapter->count() == 1);
  CHECK(f.Idle());
}

TEST_CASE("the same exchange id after a change in doubt is not sent again") {
  BrokerFixture f;
  Repeating again(f);
  f.adapter->AnswerWith({}, absl::UnknownError("?"));
  again.Call("Change");
  f.adapter->AnswerWith({""});
  CHECK(f.Reason(*again.Call("Change")) == "OUTCOME_UNKNOWN");
  CHECK(f.adapter->count() == 1);
  CHECK(f.Idle());
}

}  // namespace
}  // namespace ndx::broker
