#include "ndx/adapters/sdk/adapter_reply.h"

#include <catch2/catch.hpp>
#include <memory>
#include <thread>

#include "ndx/tests/support/adapter_caller.h"

namespace ndx::sdk {
namespace {

MessageBytes Bytes(const std::string& text) { return std::make_shared<const std::string>(text); }

TEST_CASE("messages and the end arrive in order; after a cancellation messages are dropped") {
  tests::KeptReply reply;
  reply.SendMessage(Bytes("a"));
  CHECK_FALSE(reply.cancelled());
  reply.Cancel();
  CHECK(reply.cancelled());
  reply.SendMessage(Bytes("b"));
  reply.Finish(absl::CancelledError("gone"));
  CHECK(reply.Await().code() == absl::StatusCode::kCancelled);
  REQUIRE(reply.messages().size() == 1);
  CHECK(*reply.messages()[0] == "a");
}

TEST_CASE(
    "a cancellation runs the callback once, at once when it came first, never after the end") {
  int runs = 0;
  tests::KeptReply early;
  early.SetCancelCallback([&] { ++runs; });
  early.Cancel();
  early.Cancel();
  CHECK(runs == 1);
  early.SetCancelCallback([&] { ++runs; });
  CHECK(runs == 2);

  tests::KeptReply forgotten;
  forgotten.SetCancelCallback([&] { ++runs; });
  forgotten.SetCancelCallback(nullptr);
  forgotten.Cancel();
  CHECK(runs == 2);

  tests::KeptReply finished;
  finished.SetCancelCallback([&] { ++runs; });
  finished.Finish(absl::OkStatus());
  finished.Cancel();
  CHECK(runs == 2);
}

TEST_CASE("a writer waits for room, and is let go by a cancellation") {
  tests::KeptReply reply;
  CHECK(reply.AwaitSendable());
  reply.SetSendable(false);
  bool sendable = false;
  std::thread writer([&] { sendable = reply.AwaitSendable(); });
  reply.SetSendable(true);
  writer.join();
  CHECK(sendable);
  reply.SetSendable(false);
  std::thread other([&] { sendable = reply.AwaitSendable(); });
  reply.Cancel();
  other.join();
  CHECK_FALSE(sendable);
}

}  // namespace
}  // namespace ndx::sdk
