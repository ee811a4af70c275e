// The way of an exchange from end to end, and the life of the broker.
// Every stage is real, the journal is in memory, the adapter does what it is told.
#include "ndx/broker/broker.h"

#include <catch2/catch.hpp>

#include "absl/strings/match.h"
#include "ndx/tests/support/broker_fixture.h"

namespace ndx::broker {
namespace {

using journal::v1::JournalLeaf;
using tests::BrokerFixture;
using tests::EntryBytes;
using tests::FakeServerCall;
using tests::ReadErrorOf;

TEST_CASE("a read: one leaf, then the answer with id and receipt") {
  BrokerFixture f;
  f.journal.Hold();
  FakeServerCall* call = f.Call("Read");
  CHECK(f.adapter->count() == 1);
  CHECK(f.Events() == "ANSWERED");
  // The invariant: nothing final leaves before the journal has said that its record is durable.
  CHECK(call->finished == 0);
  CHECK(call->messages.empty());
  CHECK_FALSE(call->initial.has_value());
  f.journal.Release();
  f.loop.Settle();
  REQUIRE(call->finished == 1);
  CHECK(call->status.ok());
  CHECK(call->messages == std::vector<std::string>{EntryBytes("k", "s", "050")});
  CHECK(*call->trailers.Find("ndx-receipt-bin") == "receipt of leaf 0");
  const auto entry = f.journal.entries()[0];
  CHECK(*call->trailers.Find("ndx-exchange-id") ==
        core::ExchangeId::FromBytes(entry.leaf.exchange_id())->ToString());
  CHECK(entry.leaf.consumer() == "VN:GOV:H55:mot-cua");
  CHECK(entry.leaf.provider() == "VN:GOV:G01:ledger");
  CHECK(entry.leaf.method() == "/ledger.v1.LedgerService/Read");
  CHECK(entry.leaf.purpose() == "tthc");
  CHECK(entry.leaf.decision().allowed());
  CHECK(entry.leaf.decision().rule() == "one-stop");
  CHECK(entry.leaf.business_code() == "050");
  CHECK(entry.leaf.attempt() == 1);
  CHECK(entry.request == std::vector<std::string>{tests::AskBytes("k")});
  CHECK(entry.response == std::vector<std::string>{EntryBytes("k", "s", "050")});
  CHECK(f.Idle());
}

TEST_CASE("a change: opened before it is sent, closed before it is answered") {
  BrokerFixture f;
  f.journal.Hold();
  FakeServerCall* call = f.Call("Change");
  CHECK(f.Events() == "REQUEST_OPENED");
  CHECK(f.adapter->count() == 0);
  f.adapter->Hang();
  f.journal.Release();
  f.loop.Settle();
  CHECK(f.adapter->count() == 1);
  f.journal.Hold();
  f.adapter->reply(0)->SendMessage(std::make_shared<const std::string>(""));
  f.adapter->reply(0)->Finish(absl::OkStatus());
  f.loop.Settle();
  CHECK(f.Events() == "REQUEST_OPENED ANSWERED");
  CHECK(call->finished == 0);
  f.journal.Release();
  f.loop.Settle();
  CHECK(call->finished == 1);
  CHECK(call->status.ok());
  CHECK(f.Idle());
}

TEST_CASE("a read whose request must be durable first is opened as well") {
  BrokerFixture f;
  f.Call("Note");
  CHECK(f.Events() == "REQUEST_OPENED ANSWERED");
}

TEST_CASE("the provider learns on what ground it is asked, and nothing that callers made up") {
  BrokerFixture f;
  f.Call("Read",
         {.metadata = {{"ndx-purpose", "tthc"},
                       {"ndx-dossier", "H55-270104-0001"},
                       {"ndx-officer", "cb-1"},
                       {"ndx-procedure", "1.011442"},
                       {"ndx-consumer", "VN:GOV:G01:ledger"},
                       {"ndx-idempotency-key", "forged"},
                       {"proxy-authorization", "secret"},
                       {"traceparent", "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"},
                       {"x-app", "kept"}}});
  const sdk::AdapterCall call = f.adapter->call(0);
  CHECK(call.Metadata("ndx-purpose") == "tthc");
  CHECK(call.Metadata("ndx-dossier") == "H55-270104-0001");
  CHECK(call.Metadata("ndx-officer") == "cb-1");
  CHECK(call.Metadata("ndx-procedure") == "1.011442");
  CHECK(call.Metadata("ndx-consumer") == "VN:GOV:H55:mot-cua");
  CHECK(call.idempotency_key == call.exchange_id);
  CHECK(call.Metadata("proxy-authorization").empty());
  CHECK(call.Metadata("x-app") == "kept");
  const absl::string_view trace = call.Metadata("traceparent");
  CHECK(absl::StrContains(trace, "0af7651916cd43dd8448eb211c80319c"));
  CHECK_FALSE(absl::StrContains(trace, "b7ad6b7169203331"));
  int consumers = 0;
  for (const auto& [key, value] : call.metadata) consumers += key == "ndx-consumer" ? 1 : 0;
  CHECK(consumers == 1);
}

TEST_CASE("the node's own service is an exchange like any other") {
  BrokerFixture f;
  FakeServerCall* read = f.Call("Read");
  const std::string id = *read->trailers.Find("ndx-exchange-id");
  const auto ask = [&](std::shared_ptr<const transport::PeerIdentity> peer) {
    return f.Call(
        "/ndx.exchange.v1.ExchangeService/GetReceipt",
        {.peer = std::move(peer), .metadata = {}, .body = std::string("\x0a\x24", 2) + id});
  };
  FakeServerCall* receipt = ask(f.one_stop);
  REQUIRE(receipt->status.ok());
  CHECK(absl::StrContains(receipt->messages.at(0), "receipt of leaf 0"));
  CHECK(f.last_leaf().decision().rule() == "node-service");
  // Another consumer's exchange is none of its business.
  CHECK(ask(f.insurer)->status.code == 5);
  CHECK(f.Idle());
}

TEST_CASE("a replay goes through all stages in its consumer's name") {
  BrokerFixture f;
  tests::FakeServerCall unused(f.loop.loop(), f.one_stop, "", {});
  class KeepingCaller final : public Caller {
   public:
    void SendInitialMetadata(transport::Metadata) override {}
    void SendMessage(transport::Message message) override { messages.push_back(*message); }
    void Finish(transport::GrpcStatus with, transport::Metadata) override { status = with; }
    size_t pending_send_bytes() const override { return 0; }
    std::vector<std::string> messages;
    std::optional<transport::GrpcStatus> status;
  } caller;
  const auto old = core::ExchangeId::Generate(f.loop.clock(), f.random);
  const auto replay = [&](const std::string& consumer) {
    f.loop.Run([&] {
      auto exchange = std::make_shared<Exchange>(f.loop.loop(), caller);
      exchange->replay =
          ReplayOrigin{.consumer = core::SystemId::Parse(consumer).value(), .replay_of = old};
      exchange->replay->leaf_index = 41;
      exchange->face = journal::v1::FACE_REPLAY;
      exchange->path = tests::LedgerMethod("Read");
      exchange->metadata.Add("ndx-purpose", "tthc");
      exchange->request = transport::MakeMessage(tests::AskBytes("k"));
      exchange->request_complete = true;
      exchange->received_nanos = f.loop.clock().MonotonicNanos();
      f.broker->Submit(exchange);
    });
  };
  replay("VN:GOV:H55:mot-cua");
  REQUIRE(caller.status.has_value());
  CHECK(caller.status->ok());
  CHECK(caller.messages.size() == 1);
  CHECK(f.last_leaf().replay_of() == std::string(old.bytes()));
  CHECK(f.last_leaf().caused_by_plus_one() == 42);
  CHECK(f.last_leaf().face() == journal::v1::FACE_REPLAY);
  CHECK(f.adapter->call(0).idempotency_key == old.ToString());
  CHECK(f.adapter->call(0).exchange_id != old.ToString());
  replay("VN:GOV:G99:nobody");
  CHECK(ReadErrorOf(*caller.status).reason() == "CERTIFICATE_NOT_REGISTERED");
  CHECK(f.Idle());
}

TEST_CASE("a broker may go while exchanges wait for the journal and for providers") {
  BrokerFixture f;
  f.adapter->Hang();
  f.Call("Change");  // waits for the provider
  f.journal.Hold();
  f.Call("Change");  // waits to be opened
  f.StopServer();
  f.broker.reset();
  CHECK(f.adapter->reply(0)->cancelled());
  // What comes back now finds nobody, and harms nobody.
  f.adapter->reply(0)->Finish(absl::OkStatus());
  f.journal.Release();
  f.loop.Settle();
  CHECK(f.Events() == "REQUEST_OPENED REQUEST_OPENED");
}

TEST_CASE("a reload forgets what only the old registry named") {
  BrokerFixture f;
  f.Call("Read");
  f.broker->RegistryChanged();
  f.loop.Settle();
  CHECK(f.providers.All().size() == 1);
  CHECK(f.Call("Read")->status.ok());
}

}  // namespace
}  // namespace ndx::broker
