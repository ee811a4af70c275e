// What the node takes on at once, and from whom.
// Every stage is real, the journal is in memory, the adapter does what it is told.
#include <catch2/catch.hpp>

#include "ndx/broker/broker.h"
#include "ndx/tests/support/broker_fixture.h"

namespace ndx::broker {
namespace {

using journal::v1::JournalLeaf;
using tests::BrokerFixture;
using tests::EntryBytes;
using tests::FakeServerCall;
using tests::ReadErrorOf;

TEST_CASE("memory: a request and an answer that do not fit are refused, and all is given back") {
  constexpr uint64_t kBytes = 64 * kMemoryCopies;
  BrokerFixture f({.memory_bytes_max = kBytes, .memory_bytes_per_consumer_max = kBytes});
  const std::string body = tests::AskBytes(std::string(60, 'k'));  // 62 bytes
  SECTION("the request fits, to the byte") {
    f.adapter->AnswerWith({"\x0a\x00"});
    f.adapter->AnswerWith({std::string("\x0a\x00", 2)});
    CHECK(f.Call("Read", {.body = body})->status.ok());
  }
  SECTION("the answer does not") {
    f.adapter->AnswerWith({EntryBytes("k", "", "")});
    FakeServerCall* call = f.Call("Read", {.body = body});
    CHECK(f.Reason(*call) == "ANSWER_NOT_RECORDED");
    CHECK(f.Events() == "FAILED");
    f.CloseFinished();
    FakeServerCall* change = f.Call("Change", {.body = body});
    CHECK(f.Reason(*change) == "ANSWER_NOT_RECORDED");
    CHECK(f.last_leaf().event() == journal::v1::JOURNAL_EVENT_IN_DOUBT);
  }
  SECTION("the request does not") {
    FakeServerCall* call = f.Call("Read", {.body = tests::AskBytes(std::string(63, 'k'))});
    CHECK(f.Reason(*call) == "NODE_OVERLOADED");
    CHECK(f.adapter->count() == 0);
    CHECK(f.Events() == "REFUSED");
  }
  CHECK(f.Idle());
}

TEST_CASE("memory of an answer is held until the caller has taken it") {
  BrokerFixture f;
  FakeServerCall* call = f.Call("Read");
  REQUIRE(call->finished == 1);
  CHECK(f.broker->admission().in_flight() == 0);
  REQUIRE(call->messages.size() == 1);
  CHECK(f.broker->admission().memory_bytes() == call->messages[0].size());
  f.loop.Run([&] { call->Close(); });
  CHECK(f.broker->admission().memory_bytes() == 0);
}

TEST_CASE("places: of the node and of each consumer, without a body too") {
  BrokerFixture f({.in_flight_max = 3, .in_flight_per_consumer_max = 2});
  std::vector<FakeServerCall*> waiting;
  for (int i = 0; i < 2; ++i) waiting.push_back(f.Call("Read", {.send_body = false}));
  FakeServerCall* third = f.Call("Read");
  CHECK(f.Reason(*third) == "TOO_MANY_IN_FLIGHT");
  CHECK(ReadErrorOf(third->status).metadata.at("limit") == "2");
  CHECK(ReadErrorOf(third->status).retry_nanos == 200'000'000);
  // Another consumer still has its place, and the node is full then.
  waiting.push_back(f.Call("Read", {.peer = f.insurer, .metadata = {}, .send_body = false}));
  FakeServerCall* fourth = f.Call("Read", {.peer = f.insurer, .metadata = {}});
  CHECK(ReadErrorOf(fourth->status).metadata.at("limit") == "3");
  for (FakeServerCall* call : waiting) {
    f.loop.Run([&] { call->Send(tests::AskBytes("k")); });
    CHECK(call->status.ok());
  }
  CHECK(f.Idle());
}

TEST_CASE("memory: one consumer takes its part of it, and the others have theirs") {
  constexpr uint64_t kBytes = 64 * kMemoryCopies;
  BrokerFixture f({.memory_bytes_max = 2 * kBytes, .memory_bytes_per_consumer_max = kBytes});
  f.adapter->Hang();
  const std::string body = tests::AskBytes(std::string(60, 'k'));
  FakeServerCall* first = f.Call("Read", {.body = body});
  CHECK(f.Reason(*f.Call("Read", {.body = body})) == "NODE_OVERLOADED");
  FakeServerCall* other = f.Call("Read", {.peer = f.insurer, .metadata = {}, .body = body});
  CHECK(other->finished == 0);
  CHECK(first->finished == 0);
  CHECK(f.adapter->count() == 2);
}

TEST_CASE("memory: what answers take becomes known, and is set aside before the next one is sent") {
  constexpr uint64_t kBytes = 1500 * kMemoryCopies;
  BrokerFixture f({.memory_bytes_max = kBytes, .memory_bytes_per_consumer_max = kBytes});
  constexpr size_t kAnswers = 80;
  for (size_t i = 0; i < kAnswers; ++i) {
    f.adapter->AnswerWith({EntryBytes("k", std::string(1000, 's'), "050")});
    CHECK(f.Call("Read")->status.ok());
    f.CloseFinished();
  }
  f.adapter->Hang();
  FakeServerCall* running = f.Call("Read");
  CHECK(running->finished == 0);
  CHECK(f.Reason(*f.Call("Read")) == "NODE_OVERLOADED");
  CHECK(f.adapter->count() == kAnswers + 1);
}

TEST_CASE(
    "a provider's places: the next exchange waits for one, and is on record only when it goes on") {
  BrokerFixture f;
  f.adapter->Hang();
  std::vector<FakeServerCall*> calls;
  for (int i = 0; i < 5; ++i) calls.push_back(f.Call("Change"));
  CHECK(f.adapter->count() == 4);
  CHECK(f.journal.entries().size() == 4);
  f.adapter->reply(0)->SendMessage(std::make_shared<const std::string>(""));
  f.adapter->reply(0)->Finish(absl::OkStatus());
  f.loop.Settle();
  CHECK(calls[0]->status.ok());
  CHECK(f.adapter->count() == 5);
  CHECK(calls[4]->finished == 0);
  FakeServerCall* sixth = f.Call("Read");
  f.loop.Advance(absl::Seconds(1));
  CHECK(f.Reason(*sixth) == "PROVIDER_BUSY");
  CHECK(ReadErrorOf(sixth->status).retry_nanos == 1'000'000'000);
  for (int i = 1; i < 5; ++i) {
    f.adapter->reply(static_cast<size_t>(i))->SendMessage(std::make_shared<const std::string>(""));
    f.adapter->reply(static_cast<size_t>(i))->Finish(absl::OkStatus());
  }
  f.loop.Settle();
  CHECK(f.Idle());
}

TEST_CASE("limits in shadow mode: places of the node and of the consumer refuse nobody") {
  BrokerFixture f({.in_flight_max = 1, .in_flight_per_consumer_max = 1}, "",
                  {Limit::kInFlight, Limit::kInFlightPerConsumer});
  f.adapter->Hang();
  for (int i = 0; i < 3; ++i) CHECK(f.Call("Read")->finished == 0);
  CHECK(f.adapter->count() == 3);
  CHECK(f.log.CountOf(telemetry::LogEvent::kLimitInShadow) == 4);
}

TEST_CASE("a stopping node refuses, and the exchanges under way end well") {
  BrokerFixture f;
  f.adapter->Hang();
  FakeServerCall* running = f.Call("Read");
  f.broker->admission().Stop();
  CHECK(f.Reason(*f.Call("Read")) == "NODE_STOPPING");
  f.adapter->reply(0)->SendMessage(std::make_shared<const std::string>(""));
  f.adapter->reply(0)->Finish(absl::OkStatus());
  f.loop.Settle();
  CHECK(running->status.ok());
  CHECK(f.Idle());
}

TEST_CASE("callers who are nobody: answered with the cause, counted, few leaves of their own") {
  BrokerFixture f;
  const auto nobody = BrokerFixture::Peer(tests::NamelessCertificate(), 9);
  constexpr int kCalls = kUnauthenticatedLeavesPerSecond + 10;
  for (int i = 0; i < kCalls; ++i) {
    FakeServerCall* call = f.Call("Read", {.peer = nobody});
    REQUIRE(call->finished == 1);
    CHECK(call->status.code == 16);
    CHECK(f.Reason(*call) == "CERTIFICATE_WITHOUT_SYSTEM");
  }
  CHECK(f.journal.entries().size() == kUnauthenticatedLeavesPerSecond);
  const auto counted = f.broker->refusals().TakeLeaf();
  REQUIRE(counted.has_value());
  CHECK(counted->handshakes_refused().at("CERTIFICATE_WITHOUT_SYSTEM") == kCalls);
  CHECK(f.Idle());
}

}  // namespace
}  // namespace ndx::broker
