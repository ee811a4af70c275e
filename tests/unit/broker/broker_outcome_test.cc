// How exchanges end: refused, answered, failed, in doubt; and what the journal and the caller see
// of it. Every stage is real, the journal is in memory, the adapter does what it is told.
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

// What stage 7 is given of ten seconds.
constexpr absl::Duration kProviderTime = absl::Milliseconds(9800);

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
    CHECK(f.last_leaf().error_reason() == each.reason);
    CHECK(f.journal.entries().back().request.empty());
    CHECK(f.Idle());
  }
}

TEST_CASE("a caller without a grant is refused by default") {
  BrokerFixture f;
  FakeServerCall* call = f.Call("Change", {.peer = f.insurer});
  CHECK(f.Reason(*call) == "NO_GRANT");
  CHECK(f.last_leaf().decision().rule() == "default-deny");
  CHECK_FALSE(f.last_leaf().decision().allowed());
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
  CHECK(f.last_leaf().grpc_status() == 5);
  CHECK(f.last_leaf().error_reason() == "PROVIDER_ERROR");
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
    CHECK(f.last_leaf().event() == journal::v1::JOURNAL_EVENT_ANSWERED);
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
  CHECK(f.last_leaf().event() == journal::v1::JOURNAL_EVENT_FAILED);
  CHECK(f.Idle());
}

TEST_CASE("a caller that goes away cancels its read") {
  BrokerFixture f;
  f.adapter->Hang();
  FakeServerCall* call = f.Call("Read");
  f.loop.Run([&] { call->Cancel(); });
  CHECK(f.adapter->reply(0)->cancelled());
  CHECK(f.Events() == "FAILED");
  CHECK(f.last_leaf().error_reason() == "CANCELLED");
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
  CHECK(f.last_leaf().error_reason() == "CANCELLED");
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

}  // namespace
}  // namespace ndx::broker
