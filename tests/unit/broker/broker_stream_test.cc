// Exchanges whose answer is a stream.
// Every stage is real, the journal is in memory, the adapter does what it is told.
#include <atomic>
#include <catch2/catch.hpp>
#include <thread>

#include "ndx/broker/broker.h"
#include "ndx/tests/support/broker_fixture.h"

namespace ndx::broker {
namespace {

using tests::BrokerFixture;
using tests::EntryBytes;
using tests::FakeServerCall;

// What stage 7 is given of ten seconds.
constexpr absl::Duration kProviderTime = absl::Milliseconds(9800);

TEST_CASE("streams: opened first, passed on as they come, final status after the closing leaf") {
  BrokerFixture f;
  f.adapter->Hang();
  FakeServerCall* call = f.Call("List", {.peer = f.insurer, .metadata = {}});
  CHECK(f.Events() == "REQUEST_OPENED");
  f.adapter->reply(0)->SendMessage(
      std::make_shared<const std::string>(EntryBytes("a", "secret", "")));
  f.adapter->reply(0)->SendMessage(std::make_shared<const std::string>(EntryBytes("b", "", "")));
  f.loop.Settle();
  CHECK(call->messages ==
        std::vector<std::string>{EntryBytes("a", "", ""), EntryBytes("b", "", "")});
  CHECK(call->finished == 0);
  f.journal.Hold();
  f.adapter->reply(0)->Finish(absl::OkStatus());
  f.loop.Settle();
  CHECK(call->finished == 0);
  f.journal.Release();
  f.loop.Settle();
  CHECK(call->status.ok());
  CHECK(f.Events() == "REQUEST_OPENED ANSWERED");
  CHECK(f.journal.entries()[1].response == call->messages);
  CHECK(f.journal.entries()[1].leaf.decision().fields_removed(0) == "secret");
  CHECK(f.Idle());
}

TEST_CASE("a slow reader slows the provider, and what waits for it counts as memory") {
  BrokerFixture f;
  f.adapter->Hang();
  FakeServerCall* call = f.Call("List");
  const auto message = std::make_shared<const std::string>(std::string("\x12\x80\x80\x20", 4) +
                                                           std::string(size_t{512} << 10, 's'));
  const uint64_t request = kMemoryCopies * tests::AskBytes("k").size();
  call->pending = size_t{1} << 20;  // the caller reads nothing
  f.adapter->reply(0)->SendMessage(message);
  f.adapter->reply(0)->SendMessage(message);
  f.loop.Settle();
  CHECK(f.broker->admission().memory_bytes() == request + 2 * message->size());
  // Over a mebibyte is out: the adapter has to wait now. It is asked on a thread of its own.
  std::atomic<bool> sendable{false};
  std::thread adapter([&] { sendable = f.adapter->reply(0)->AwaitSendable(); });
  call->pending = 0;
  f.loop.Run([&] { call->observer->OnSendable(); });
  adapter.join();
  CHECK(sendable);
  CHECK(f.broker->admission().memory_bytes() == request);
  f.adapter->reply(0)->Finish(absl::OkStatus());
  f.loop.Settle();
  CHECK(call->messages.size() == 2);
  CHECK(f.Idle());
}

TEST_CASE("a stream of another type ends, and nothing comes after the gap") {
  BrokerFixture f;
  f.adapter->Hang();
  FakeServerCall* call = f.Call("List", {.peer = f.insurer, .metadata = {}});
  f.adapter->reply(0)->SendMessage(std::make_shared<const std::string>(EntryBytes("a", "", "")));
  f.adapter->reply(0)->SendMessage(std::make_shared<const std::string>("\xff\xff"));
  f.adapter->reply(0)->SendMessage(std::make_shared<const std::string>(EntryBytes("c", "", "")));
  f.loop.Settle();
  CHECK(f.adapter->reply(0)->cancelled());
  CHECK(call->messages == std::vector<std::string>{EntryBytes("a", "", "")});
  CHECK(f.Reason(*call) == "PROVIDER_ANSWER_MALFORMED");
  CHECK(f.Events() == "REQUEST_OPENED FAILED");
  CHECK(f.journal.entries()[1].response == call->messages);
  CHECK(f.Idle());
}

TEST_CASE("a stream of a change that breaks off half-way is in doubt, with what was delivered") {
  BrokerFixture f;
  f.adapter->Hang();
  FakeServerCall* call = f.Call("Apply", {.deadline = absl::Seconds(10)});
  f.adapter->reply(0)->SendMessage(std::make_shared<const std::string>(EntryBytes("a", "", "")));
  f.loop.Advance(kProviderTime);
  CHECK(f.Reason(*call) == "CHANGE_TIMED_OUT");
  CHECK(f.Events() == "REQUEST_OPENED IN_DOUBT");
  CHECK(f.journal.entries()[1].response.size() == 1);
  CHECK(f.Idle());
}

}  // namespace
}  // namespace ndx::broker
