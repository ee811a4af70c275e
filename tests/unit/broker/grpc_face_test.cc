// What only the face does; how whole exchanges pass it is in broker_test.cc.
#include "ndx/broker/grpc_face.h"

#include <catch2/catch.hpp>

#include "ndx/tests/support/broker_fixture.h"

namespace ndx::broker {
namespace {

using tests::BrokerFixture;
using tests::FakeServerCall;
using tests::ReadErrorOf;

struct FaultCase {
  absl::Status status;
  int code;
  std::string reason;
};

TEST_CASE("a body that breaks the protocol is refused with the protocol's code, after its leaf") {
  const FaultCase cases[] = {
      {absl::ResourceExhaustedError("over the limit"), 8, "MESSAGE_TOO_LARGE"},
      {absl::InvalidArgumentError("not base64"), 3, "METADATA_INVALID"},
      {absl::UnimplementedError("two messages"), 12, "MESSAGE_MALFORMED"},
      {absl::InternalError("truncated"), 13, "MESSAGE_MALFORMED"},
  };
  for (const FaultCase& each : cases) {
    CAPTURE(each.reason, each.code);
    BrokerFixture f;
    FakeServerCall* call = f.Call("Small", {.send_body = false});
    CHECK(call->expects_one);
    f.journal.Hold();
    f.loop.Run([&] { call->observer->OnRequestMalformed(each.status); });
    CHECK(call->finished == 0);
    f.journal.Release();
    f.loop.Settle();
    const auto error = ReadErrorOf(call->status);
    CHECK(error.code == each.code);
    CHECK(error.reason() == each.reason);
    CHECK(error.metadata.at("limit") == "1024");
    CHECK(f.Events() == "REFUSED");
    CHECK(f.adapter->count() == 0);
    CHECK(f.Idle());
  }
}

TEST_CASE("window is given back for every message that came, wanted or not") {
  BrokerFixture f;
  const std::string body = tests::AskBytes("k");
  CHECK(f.Call("Read")->released == body.size());
  f.journal.Hold();
  FakeServerCall* refused = f.Call("Read", {.metadata = {}, .send_body = false});
  f.loop.Run([&] { refused->Send(body); });
  CHECK(refused->released == body.size());
  f.journal.Release();
  f.loop.Settle();
  CHECK(f.Idle());
}

TEST_CASE("events after the outcome change nothing") {
  BrokerFixture f;
  f.journal.Hold();
  FakeServerCall* call = f.Call("Read", {.metadata = {}, .send_body = false});
  CHECK(f.Events() == "REFUSED");
  f.loop.Run([&] {
    call->Send(tests::AskBytes("k"));
    call->observer->OnRequestMalformed(absl::InternalError("late"));
    call->observer->OnSendable();
    call->Cancel();
  });
  f.journal.Release();
  f.loop.Settle();
  CHECK(f.Events() == "REFUSED");
  CHECK(call->finished == 1);
  CHECK(f.Idle());
}

TEST_CASE("a body that came in part and then breaks is refused once") {
  BrokerFixture f;
  FakeServerCall* call = f.Call("Read", {.send_body = false});
  f.loop.Run([&] {
    call->observer->OnRequestMalformed(absl::InternalError("one"));
    call->observer->OnRequestMalformed(absl::InternalError("two"));
    call->observer->OnRequestEnd();
  });
  CHECK(f.Events() == "REFUSED");
  CHECK(call->finished == 1);
}

TEST_CASE("a server that stops may drop a call whose exchange still runs") {
  BrokerFixture f;
  f.adapter->Hang();
  FakeServerCall* call = f.Call("Change");
  f.loop.Run([&] { call->observer.reset(); });
  f.adapter->reply(0)->SendMessage(std::make_shared<const std::string>(""));
  f.adapter->reply(0)->Finish(absl::OkStatus());
  f.loop.Settle();
  CHECK(f.Events() == "REQUEST_OPENED ANSWERED");
  CHECK(call->finished == 0);
  CHECK(f.Idle());
}

}  // namespace
}  // namespace ndx::broker
