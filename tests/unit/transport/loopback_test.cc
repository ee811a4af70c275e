// Our own client and server against each other, over every kind of wire.
#include "loopback.h"

#include <unistd.h>

#include <catch2/catch.hpp>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"

namespace ndx::transport {
namespace {

std::string AsText(const tests::CallAnswer& answer) {
  return absl::StrCat(answer.end.status.code, " ", answer.end.status.message, " ",
                      DeliveryName(answer.end.delivery), " ", EndCauseName(answer.end.cause), " ",
                      answer.end.text);
}

TEST_CASE("unary calls of every size come back whole, on every wire") {
  for (const Wire wire : {Wire::kPlaintext, Wire::kUnix, Wire::kTls}) {
    INFO(static_cast<int>(wire));
    Loopback loopback(wire);
    loopback.StartServer();
    for (const size_t size : {size_t{0}, size_t{1}, size_t{16379}, size_t{65536}, size_t{1} << 20,
                              core::kMessageBytesDefault}) {
      const std::string body(size, 'x');
      const auto answer = loopback.Call("/t.T/Echo", {body});
      INFO(size << " " << AsText(answer));
      REQUIRE(answer.end.status.ok());
      CHECK(answer.end.cause == EndCause::kAnswered);
      CHECK(answer.end.delivery == Delivery::kAnswered);
      REQUIRE(answer.messages.size() == 1);
      CHECK(answer.messages[0] == body);
      CHECK(*answer.end.trailers.Find("x-trailer") == "t");
    }
    CHECK(loopback.observer.log.Count("opened") == 1);
    CHECK(loopback.script.log.AwaitCount("closed delivered", 6));
  }
}

TEST_CASE("a request one byte over the limit is malformed, whatever the method allows elsewhere") {
  Loopback loopback(Wire::kPlaintext);
  loopback.script.Add("/t.T/Small", [&](ServerCall& call) {
    call.SetMessageBytesMax(1000);
    auto probe = std::make_unique<Probe>(call, loopback.script.log);
    probe->on_end = [&call] { call.Finish({}); };
    return probe;
  });
  loopback.StartServer();
  CHECK(loopback.Call("/t.T/Small", {std::string(1000, 'x')}).end.status.ok());
  auto answer = loopback.Call("/t.T/Small", {std::string(1001, 'x')});
  CHECK(answer.end.status.code == static_cast<int>(absl::StatusCode::kResourceExhausted));
  CHECK(answer.end.delivery == Delivery::kAnswered);
  answer = loopback.Call("/t.T/Echo", {std::string(core::kMessageBytesDefault + 1, 'x')});
  CHECK(answer.end.status.code == static_cast<int>(absl::StatusCode::kResourceExhausted));
  CHECK(loopback.Call("/t.T/Echo", {"still well"}).end.status.ok());
}

TEST_CASE("an answer one byte over the limit ends only its own call") {
  Loopback loopback(Wire::kPlaintext);
  loopback.StartServer();
  CallHead head{.path = "/t.T/EchoStream", .message_bytes_max = 1000};
  CHECK(loopback.Call(head, {std::string(1000, 'x')}).end.status.ok());
  const auto answer = loopback.Call(head, {std::string(1001, 'x')});
  CHECK(answer.end.cause == EndCause::kAnswerTooLarge);
  CHECK(answer.end.delivery == Delivery::kSentAnswerUnknown);
  CHECK(loopback.Call(head, {"still well"}).end.status.ok());
  CHECK(loopback.observer.log.Count("opened") == 1);
}

TEST_CASE("metadata keeps its order and bytes; what a caller must not set is dropped") {
  Loopback loopback(Wire::kTls);
  std::vector<std::string> dropped;
  loopback.script.Add("/t.T/Dropped", [&](ServerCall& call) {
    dropped = call.head().dropped_keys;
    call.Finish({});
    return std::make_unique<Probe>(call, loopback.script.log);
  });
  loopback.StartServer();
  const std::string bytes("\0\xFF\x80 raw", 7);
  const Metadata sent{
      {"x-a", "1"}, {"x-b-bin", bytes}, {"x-a", "2"}, {"x-b-bin", ""}, {"ndx-purpose", "TTHC"}};
  auto answer = loopback.Call(CallHead{.path = "/t.T/Echo", .metadata = sent}, {"m"});
  REQUIRE(answer.end.status.ok());
  CHECK(answer.initial == sent);
  answer = loopback.Call(
      CallHead{
          .path = "/t.T/Dropped",
          .metadata = {{"ndx-caller", "VN:GOV:G01:x"}, {"grpc-trace-bin", "x"}, {"x-kept", "1"}}},
      {"m"});
  REQUIRE(answer.end.status.ok());
  CHECK(dropped == std::vector<std::string>{"ndx-caller"});
}

TEST_CASE("a failure carries its text, details and trailers, in one header block") {
  for (const Wire wire : {Wire::kPlaintext, Wire::kTls}) {
    Loopback loopback(wire);
    loopback.StartServer();
    const auto answer = loopback.Call("/t.T/Fail", {"m"});
    CHECK(answer.end.status.code == static_cast<int>(absl::StatusCode::kNotFound));
    CHECK(answer.end.status.message == "Không tìm thấy 100%");
    CHECK(answer.end.status.details_bin == std::string("\x08\x05\0\xFF", 4));
    CHECK(*answer.end.trailers.Find("ndx-receipt-bin") == "\x01\x02");
    CHECK(answer.initial.empty());
    CHECK(answer.messages.empty());
    CHECK(answer.end.delivery == Delivery::kAnswered);
    CHECK(loopback.Call("/t.T/None", {"m"}).end.status.code == 12);
  }
}

TEST_CASE("streams flow both ways, and a server follows its reader") {
  for (const Wire wire : {Wire::kPlaintext, Wire::kTls}) {
    Loopback loopback(wire);
    loopback.StartServer();
    std::vector<std::string> messages;
    for (size_t i = 0; i < 50; ++i) messages.push_back(std::string(i * 1000, 'm'));
    const auto echoed = loopback.Call("/t.T/EchoStream", messages);
    REQUIRE(echoed.end.status.ok());
    CHECK(echoed.messages == messages);
    const auto streamed = loopback.Call("/t.T/Stream", {"500 20000"});
    INFO(AsText(streamed));
    REQUIRE(streamed.end.status.ok());
    CHECK(streamed.messages.size() == 500);
    // Never more than the low-water mark and one message.
    const std::string most = loopback.script.log.Await("most pending ");
    CHECK(std::stoul(most.substr(13)) <= ServerCall::kSendLowWaterBytes + 20000 + 5);
  }
}

TEST_CASE("a unary method takes exactly one message") {
  Loopback loopback(Wire::kPlaintext);
  loopback.StartServer();
  for (const std::vector<std::string>& messages :
       {std::vector<std::string>{}, std::vector<std::string>{"a", "b"}}) {
    const auto answer = loopback.Call("/t.T/Echo", messages);
    CHECK(answer.end.status.code == static_cast<int>(absl::StatusCode::kUnimplemented));
  }
  CHECK(loopback.script.log.Count("message") == 0);
  CallHead head{.path = "/t.T/EchoStream", .expect_one_message = true};
  CHECK(loopback.Call(head, {"a"}).messages == std::vector<std::string>{"a"});
  for (const std::vector<std::string>& messages :
       {std::vector<std::string>{}, std::vector<std::string>{"a", "b"}}) {
    const auto answer = loopback.Call(head, messages);
    CHECK(answer.end.cause == EndCause::kMalformedAnswer);
    CHECK(answer.end.status.code == static_cast<int>(absl::StatusCode::kUnimplemented));
    CHECK(answer.messages.empty());
  }
}

TEST_CASE("deadlines travel, and their passing resets the stream") {
  Loopback loopback(Wire::kTls);
  std::optional<int64_t> seen;
  int64_t received = 0;
  loopback.script.Add("/t.T/Deadline", [&](ServerCall& call) {
    seen = call.head().deadline_nanos;
    received = call.head().received_nanos;
    return std::make_unique<Probe>(call, loopback.script.log);
  });
  loopback.StartServer();
  const int64_t deadline = loopback.NowNanos() + 200'000'000;
  const auto answer =
      loopback.Call(CallHead{.path = "/t.T/Deadline", .deadline_nanos = deadline}, {"m"});
  CHECK(answer.end.status.code == static_cast<int>(absl::StatusCode::kDeadlineExceeded));
  CHECK(answer.end.cause == EndCause::kDeadline);
  CHECK(answer.end.delivery == Delivery::kSentAnswerUnknown);
  CHECK(loopback.script.log.Await("cancelled") == "cancelled reset_by_caller");
  CHECK_FALSE(loopback.script.log.Await("destroyed").empty());
  REQUIRE(seen);
  CHECK(*seen > received);
  CHECK(*seen - received <= 200'000'000);
  const auto late = loopback.Call(CallHead{.path = "/t.T/Echo", .deadline_nanos = 1}, {"m"});
  CHECK(late.end.cause == EndCause::kDeadline);
}

TEST_CASE("a cancelled call lives on until its service has finished") {
  Loopback loopback(Wire::kPlaintext);
  EventLog& log = loopback.script.log;
  ServerCall* held = nullptr;
  loopback.script.Add("/t.T/Slow", [&](ServerCall& call) {
    held = &call;
    auto probe = std::make_unique<Probe>(call, log);
    probe->on_cancelled = [](CancelCause) {};  // not finished yet
    return probe;
  });
  loopback.StartServer();
  // Long enough for the call to get there on a busy machine.
  const int64_t deadline = loopback.NowNanos() + 1'000'000'000;
  loopback.Call(CallHead{.path = "/t.T/Slow", .deadline_nanos = deadline}, {"m"});
  REQUIRE_FALSE(log.Await("cancelled").empty());
  loopback.CloseChannel();  // the connection goes too
  REQUIRE_FALSE(loopback.observer.log.Await("closed").empty());
  CHECK(log.Count("destroyed") == 0);
  CHECK(loopback.server->calls() == 1);
  held->loop().Post([held] {
    held->SendMessage(MakeMessage("nobody gets this"));
    held->ReleaseReceived(1);
    held->Finish({});
  });
  CHECK_FALSE(log.Await("destroyed").empty());
  CHECK(log.Count("closed undelivered") == 1);
}

TEST_CASE("peers are known by certificate, credentials or not at all") {
  for (const Wire wire : {Wire::kPlaintext, Wire::kUnix, Wire::kTls}) {
    Loopback loopback(wire);
    std::shared_ptr<const PeerIdentity> peer;
    loopback.script.Add("/t.T/Peer", [&](ServerCall& call) {
      peer = call.peer();
      call.Finish({});
      return std::make_unique<Probe>(call, loopback.script.log);
    });
    loopback.StartServer();
    REQUIRE(loopback.Call("/t.T/Peer", {"m"}).end.status.ok());
    REQUIRE(peer != nullptr);
    CHECK(peer->connection_id > 0);
    CHECK((peer->kind == PeerKind::kTls) == (wire == Wire::kTls));
    CHECK(peer->leaf_der.empty() == (wire != Wire::kTls));
    CHECK(peer->issuer_der.empty() == (wire != Wire::kTls));
    CHECK(peer->certificate_time == CertificateTime::kValid);
    if (wire == Wire::kUnix) {
      CHECK(peer->kind == PeerKind::kUnix);
      CHECK(peer->unix_peer.pid == getpid());
      CHECK(peer->unix_peer.uid == getuid());
      CHECK(peer->unix_peer.gid == getgid());
    } else {
      CHECK(peer->address.find("127.0.0.1:") == 0);
    }
  }
}

TEST_CASE("connections are spread over the loops") {
  Loopback loopback(Wire::kPlaintext, {}, 2);
  EventLog loops;
  loopback.script.Add("/t.T/Loop", [&](ServerCall& call) {
    loops.Add(call.loop().name());
    call.Finish({});
    return std::make_unique<Probe>(call, loopback.script.log);
  });
  loopback.StartServer();
  std::vector<std::unique_ptr<Channel>> channels;
  for (int i = 0; i < 8; ++i) {
    channels.push_back(
        *Channel::Create(loopback.client_loop(), loopback.random, loopback.DefaultChannel()));
    const auto answer =
        tests::Call(loopback.client_loop(), *channels.back(), CallHead{.path = "/t.T/Loop"}, {"m"});
    REQUIRE(answer.end.status.ok());
  }
  CHECK(loops.Count("server-0") == 4);
  CHECK(loops.Count("server-1") == 4);
  CHECK(loopback.server->connections() == 8);
  loopback.client_loop().RunAndWait([&] { channels.clear(); });
  CHECK(loopback.observer.log.AwaitCount("closed", 8));
}

}  // namespace
}  // namespace ndx::transport
