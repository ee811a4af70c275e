// Whole exchanges: every stage real, a journal in memory, an adapter that does what it is told.
#include "ndx/broker/broker.h"

#include <catch2/catch.hpp>

#include "absl/strings/match.h"
#include "ndx/core/limits.h"
#include "ndx/tests/support/broker_fixture.h"

namespace ndx::broker {
namespace {

using journal::v1::JournalLeaf;
using tests::BrokerFixture;
using tests::EntryBytes;
using tests::FakeServerCall;
using tests::ReadErrorOf;

// What stage 7 is given of ten seconds.
constexpr absl::Duration kProviderTime = absl::Milliseconds(9800);

JournalLeaf LastLeaf(const BrokerFixture& f) { return f.journal.entries().back().leaf; }

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

struct RefusalCase {
  std::string name;
  std::string method;
  transport::Metadata metadata;
  std::string body;
  int code;
  std::string reason;
  std::string fault;
};

TEST_CASE("refusals: code, reason, fault and id for the caller, a leaf first, nothing sent") {
  const transport::Metadata ground = {{"ndx-purpose", "tthc"}};
  const std::string body = tests::AskBytes("k");
  const RefusalCase cases[] = {
      {"metadata",
       "Read",
       {{"ndx-purpose", "a"}, {"ndx-purpose", "b"}},
       body,
       3,
       "METADATA_INVALID",
       "consumer"},
      {"method", "/ledger.v1.LedgerService/Raed", ground, body, 12, "METHOD_UNKNOWN", "consumer"},
      {"provider",
       "Read",
       {{"ndx-provider", "VN:GOV:G24:bhxh"}},
       body,
       5,
       "PROVIDER_UNKNOWN",
       "consumer"},
      {"client streaming", "Upload", ground, body, 12, "STREAMING_UNSUPPORTED", "consumer"},
      {"purpose missing", "Read", {}, body, 3, "PURPOSE_MISSING", "consumer"},
      {"purpose wrong",
       "Read",
       {{"ndx-purpose", "khac"}},
       body,
       7,
       "PURPOSE_NOT_GRANTED",
       "consumer"},
      {"field missing", "Read", ground, "", 3, "FIELD_INVALID", "consumer"},
      {"unreadable", "Read", ground, "\xff", 3, "REQUEST_UNREADABLE", "consumer"},
  };
  for (const RefusalCase& each : cases) {
    CAPTURE(each.name);
    BrokerFixture f;
    f.journal.Hold();
    FakeServerCall* call = f.Call(each.method, {.metadata = each.metadata, .body = each.body});
    CHECK(f.Events() == "REFUSED");
    CHECK(call->finished == 0);
    f.journal.Release();
    f.loop.Settle();
    REQUIRE(call->finished == 1);
    const auto error = ReadErrorOf(call->status);
    CHECK(error.code == each.code);
    CHECK(error.reason() == each.reason);
    CHECK(error.fault() == each.fault);
    CHECK(error.metadata.at("node") == "VN:GOV:G00:ndx");
    CHECK(error.request_id == *call->trailers.Find("ndx-exchange-id"));
    CHECK(call->trailers.Contains("ndx-receipt-bin"));
    CHECK(call->messages.empty());
    CHECK(f.adapter->count() == 0);
    CHECK(LastLeaf(f).error_reason() == each.reason);
    CHECK(f.journal.entries().back().request.empty());
    CHECK(f.Idle());
  }
}

TEST_CASE("a caller without a grant is refused by default") {
  BrokerFixture f;
  FakeServerCall* call = f.Call("Change", {.peer = f.insurer});
  CHECK(f.Reason(*call) == "NO_GRANT");
  CHECK(LastLeaf(f).decision().rule() == "default-deny");
  CHECK_FALSE(LastLeaf(f).decision().allowed());
  CHECK(f.Idle());
}

TEST_CASE("fields outside the grant do not reach the caller, and are named in the leaf") {
  BrokerFixture f;
  FakeServerCall* call = f.Call("Read", {.peer = f.insurer, .metadata = {}});
  CHECK(call->messages == std::vector<std::string>{EntryBytes("k", "", "050")});
  const auto entry = f.journal.entries()[0];
  REQUIRE(entry.leaf.decision().fields_removed_size() == 1);
  CHECK(entry.leaf.decision().fields_removed(0) == "secret");
  CHECK(entry.response == call->messages);
}

TEST_CASE("an answer of another type than the method's is not delivered") {
  BrokerFixture f;
  f.adapter->AnswerWith({"\xff\xff"});
  FakeServerCall* call = f.Call("Read", {.peer = f.insurer, .metadata = {}});
  CHECK(f.Reason(*call) == "PROVIDER_ANSWER_MALFORMED");
  CHECK(call->messages.empty());
  CHECK(f.Events() == "FAILED");
  CHECK(f.journal.entries()[0].response.empty());
  CHECK(f.Idle());
}

TEST_CASE("a provider's own error goes on with its details, marked as the provider's") {
  BrokerFixture f;
  f.adapter->AnswerWith({}, absl::NotFoundError("không có"));
  FakeServerCall* call = f.Call("Read");
  const auto error = ReadErrorOf(call->status);
  CHECK(error.code == 5);
  CHECK(error.message == "không có");
  CHECK(error.reason() == "PROVIDER_ERROR");
  CHECK(error.fault() == "provider");
  CHECK(f.Events() == "ANSWERED");
  CHECK(LastLeaf(f).grpc_status() == 5);
  CHECK(LastLeaf(f).error_reason() == "PROVIDER_ERROR");
  CHECK(call->trailers.Contains("ndx-receipt-bin"));
}

struct OpenStatus {
  absl::StatusCode code;
  bool in_doubt;
};

TEST_CASE("a change answered with a status that leaves its outcome open is in doubt") {
  const OpenStatus cases[] = {
      {absl::StatusCode::kCancelled, true},        {absl::StatusCode::kUnknown, true},
      {absl::StatusCode::kDeadlineExceeded, true}, {absl::StatusCode::kUnavailable, false},
      {absl::StatusCode::kAborted, false},         {absl::StatusCode::kInternal, false},
      {absl::StatusCode::kNotFound, false},        {absl::StatusCode::kResourceExhausted, false},
  };
  for (const OpenStatus& each : cases) {
    CAPTURE(static_cast<int>(each.code));
    BrokerFixture f;
    f.adapter->AnswerWith({}, absl::Status(each.code, "text"));
    FakeServerCall* change = f.Call("Change");
    CHECK(f.Events() == (each.in_doubt ? "REQUEST_OPENED IN_DOUBT" : "REQUEST_OPENED ANSWERED"));
    CHECK(f.Reason(*change) == (each.in_doubt ? "OUTCOME_UNKNOWN" : "PROVIDER_ERROR"));
    // The same words from a read are its answer.
    FakeServerCall* read = f.Call("Read");
    CHECK(read->status.code == static_cast<int>(each.code));
    CHECK(LastLeaf(f).event() == journal::v1::JOURNAL_EVENT_ANSWERED);
    CHECK(f.Idle());
  }
}

TEST_CASE("a provider that hangs: a read times out, a change is in doubt") {
  BrokerFixture f;
  f.adapter->Hang();
  FakeServerCall* read = f.Call("Read", {.deadline = absl::Seconds(10)});
  FakeServerCall* change = f.Call("Change", {.deadline = absl::Seconds(10)});
  f.loop.Advance(kProviderTime - absl::Nanoseconds(1));
  CHECK(read->finished + change->finished == 0);
  f.loop.Advance(absl::Nanoseconds(1));
  REQUIRE(read->finished == 1);
  CHECK(read->status.code == 4);
  CHECK(f.Reason(*read) == "READ_TIMED_OUT");
  CHECK(change->status.code == 4);
  CHECK(f.Reason(*change) == "CHANGE_TIMED_OUT");
  CHECK(f.Events() == "REQUEST_OPENED FAILED IN_DOUBT");
  // A late answer goes nowhere.
  f.adapter->reply(0)->Finish(absl::OkStatus());
  f.adapter->reply(1)->Finish(absl::OkStatus());
  f.loop.Settle();
  CHECK(f.journal.entries().size() == 3);
  CHECK(f.Idle());
}

TEST_CASE("an answer up to the method's limit passes, one more byte does not") {
  BrokerFixture f;
  const auto answer = [&](size_t bytes) {
    std::string secret(bytes, 's');  // as field 2, whatever its length
    f.adapter->AnswerWith({std::string("\x12") + static_cast<char>(0x80 | (bytes & 0x7F)) +
                           static_cast<char>(bytes >> 7) + secret});
    return f.Call("Small");
  };
  FakeServerCall* fits = answer(1024 - 3);
  CHECK(fits->message_bytes_max == 1024);
  CHECK(fits->status.ok());
  CHECK(fits->messages[0].size() == 1024);
  FakeServerCall* larger = answer(1024 - 2);
  CHECK(f.Reason(*larger) == "PROVIDER_ANSWER_TOO_LARGE");
  CHECK(larger->messages.empty());
  CHECK(LastLeaf(f).event() == journal::v1::JOURNAL_EVENT_FAILED);
  CHECK(f.Idle());
}

TEST_CASE("a caller that goes away cancels its read") {
  BrokerFixture f;
  f.adapter->Hang();
  FakeServerCall* call = f.Call("Read");
  f.loop.Run([&] { call->Cancel(); });
  CHECK(f.adapter->reply(0)->cancelled());
  CHECK(f.Events() == "FAILED");
  CHECK(LastLeaf(f).error_reason() == "CANCELLED");
  CHECK(call->finished == 1);
  CHECK(f.Idle());
}

TEST_CASE("a change that was sent is not cancelled by its caller, and is recorded") {
  BrokerFixture f;
  f.adapter->Hang();
  FakeServerCall* call = f.Call("Change");
  f.loop.Run([&] { call->Cancel(); });
  CHECK_FALSE(f.adapter->reply(0)->cancelled());
  CHECK(call->finished == 0);
  f.adapter->reply(0)->SendMessage(std::make_shared<const std::string>(""));
  f.adapter->reply(0)->Finish(absl::OkStatus());
  f.loop.Settle();
  CHECK(f.Events() == "REQUEST_OPENED ANSWERED");
  CHECK(call->finished == 1);
  CHECK(f.Idle());
}

TEST_CASE("a caller that goes before anything was sent: nothing is") {
  BrokerFixture f;
  SECTION("a change that is being opened") {
    f.journal.Hold();
    FakeServerCall* call = f.Call("Change");
    f.loop.Run([&] { call->Cancel(); });
    f.journal.Release();
    f.loop.Settle();
    CHECK(f.Events() == "REQUEST_OPENED FAILED");
  }
  SECTION("a body that never came") {
    FakeServerCall* call = f.Call("Read", {.send_body = false});
    f.loop.Run([&] { call->Cancel(); });
    CHECK(f.Events() == "REFUSED");
  }
  CHECK(LastLeaf(f).error_reason() == "CANCELLED");
  CHECK(f.adapter->count() == 0);
  CHECK(f.Idle());
}

TEST_CASE("a body that does not come is waited for as long as the exchange has time") {
  BrokerFixture f;
  FakeServerCall* call = f.Call("Read", {.deadline = absl::Seconds(10), .send_body = false});
  f.loop.Advance(kProviderTime - absl::Nanoseconds(1));
  CHECK(call->finished == 0);
  f.loop.Advance(absl::Nanoseconds(1));
  CHECK(f.Reason(*call) == "DEADLINE_BEFORE_SENDING");
  CHECK(f.Idle());
  FakeServerCall* other = f.Call("Read", {.send_body = false});
  f.loop.Advance(absl::Seconds(9));
  f.loop.Run([&] { other->Send(tests::AskBytes("k")); });
  CHECK(other->status.ok());
  f.loop.Advance(absl::Seconds(60));
  CHECK(other->finished == 1);
}

TEST_CASE("journal failing: at opening nothing is sent, at closing nothing is answered") {
  BrokerFixture f;
  SECTION("opening") {
    f.journal.SetDiskFull(true);
    FakeServerCall* refused = f.Call("Change");
    CHECK(f.Reason(*refused) == "JOURNAL_UNAVAILABLE");
    CHECK(f.adapter->count() == 0);
    f.journal.SetDiskFull(false);
    CHECK(f.Call("Change")->status.ok());
  }
  SECTION("closing a read") {
    f.adapter->Hang();
    FakeServerCall* call = f.Call("Read");
    f.journal.Fail(absl::DataLossError("synced write failed"));
    f.adapter->reply(0)->SendMessage(std::make_shared<const std::string>(EntryBytes("k", "s", "")));
    f.adapter->reply(0)->Finish(absl::OkStatus());
    f.loop.Settle();
    CHECK(f.Reason(*call) == "ANSWER_NOT_RECORDED");
    CHECK(call->messages.empty());
    CHECK_FALSE(call->trailers.Contains("ndx-receipt-bin"));
    CHECK(f.Events().empty());
  }
  SECTION("closing a change") {
    f.adapter->Hang();
    FakeServerCall* call = f.Call("Change");
    f.journal.Fail(absl::DataLossError("synced write failed"));
    f.adapter->reply(0)->Finish(absl::NotFoundError("no such parcel"));
    f.loop.Settle();
    CHECK(f.Reason(*call) == "ANSWER_NOT_RECORDED");
    CHECK(call->status.code == 14);
    CHECK(f.Events() == "REQUEST_OPENED");
  }
  SECTION("stopped: new exchanges are refused") {
    f.journal.Fail(absl::DataLossError("stopped"));
    FakeServerCall* call = f.Call("Read");
    CHECK(f.Reason(*call) == "JOURNAL_UNAVAILABLE");
    CHECK(f.adapter->count() == 0);
  }
  CHECK(f.Idle());
}

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
  const uint64_t request = tests::AskBytes("k").size();
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

TEST_CASE("a stream that cannot be sealed or read ends, and nothing comes after the gap") {
  BrokerFixture f;
  f.adapter->Hang();
  FakeServerCall* call = f.Call("List", {.peer = f.insurer, .metadata = {}});
  const auto send = [&](const std::string& bytes) {
    f.adapter->reply(0)->SendMessage(std::make_shared<const std::string>(bytes));
  };
  std::string reason;
  SECTION("sealing fails") {
    f.loop.Run([&] { f.journal.FailSpilling(absl::UnavailableError("disk")); });
    reason = "ANSWER_NOT_RECORDED";
    f.loop.Run([&] {
      send(EntryBytes("a", "", ""));
      f.journal.FailSpilling(absl::OkStatus());
    });
    // The first message failed or passed; either way the stream below is whole or cut, never holed.
  }
  SECTION("another type") {
    reason = "PROVIDER_ANSWER_MALFORMED";
    f.loop.Run([&] {
      send("\xff\xff");
      send(EntryBytes("b", "", ""));
    });
    CHECK(call->messages.empty());
    CHECK(f.Reason(*call) == reason);
    CHECK(f.Events() == "REQUEST_OPENED FAILED");
  }
  if (call->finished == 0) {
    f.adapter->reply(0)->Finish(absl::OkStatus());
    f.loop.Settle();
  }
  CHECK(call->finished == 1);
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

TEST_CASE("memory: a request and an answer that do not fit are refused, and all is given back") {
  BrokerFixture f({.memory_bytes_max = 64});
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
    CHECK(LastLeaf(f).event() == journal::v1::JOURNAL_EVENT_IN_DOUBT);
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
  CHECK(f.broker->admission().memory_bytes() ==
        tests::AskBytes("k").size() + EntryBytes("k", "s", "050").size());
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
  CHECK(LastLeaf(f).decision().rule() == "node-service");
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
  CHECK(LastLeaf(f).replay_of() == std::string(old.bytes()));
  CHECK(LastLeaf(f).caused_by_plus_one() == 42);
  CHECK(LastLeaf(f).face() == journal::v1::FACE_REPLAY);
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
  f.loop.Run([&] {});
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
