// Windows: who is slowed by whom, and what a slow side can make us hold.
#include <sys/resource.h>
#include <unistd.h>

#include <catch2/catch.hpp>
#include <string>
#include <vector>

#include "loopback.h"
#include "raw_peer.h"

namespace ndx::transport {
namespace {

constexpr size_t kWindow = size_t{256} << 10;

// Messages that nobody releases.
void AddHoarder(Loopback& loopback, std::vector<ServerCall*>* calls) {
  loopback.script.Add("/t.T/Hoard", [&loopback, calls](ServerCall& call) {
    calls->push_back(&call);
    auto probe = std::make_unique<Probe>(call, loopback.script.log);
    probe->release = false;
    return probe;
  });
}

// Sends messages of 16,384 bytes with their prefix on the stream as far as its window goes; how
// many.
size_t SendUntilBlocked(RawPeer& peer, uint32_t stream, size_t messages) {
  const std::string frame = Frame(kData, 0, stream, Prefixed(std::string(16379, 'x')));
  for (size_t i = 0; i < messages; ++i) REQUIRE(peer.Send(frame));
  return messages;
}

TEST_CASE("a stream that is not read gets no more window; others go on") {
  Loopback loopback(Wire::kPlaintext);
  std::vector<ServerCall*> calls;
  AddHoarder(loopback, &calls);
  loopback.StartServer();
  RawPeer peer = RawPeer::Connect(loopback.port());
  peer.Greet();
  peer.Send(Frame(kHeaders, kEndHeaders, 1, Hpack(GrpcHeaders("/t.T/Hoard"))));
  // A whole window of messages, none released: no WINDOW_UPDATE for stream 1 may come.
  SendUntilBlocked(peer, 1, kWindow / 16384);
  REQUIRE(loopback.script.log.AwaitCount("message 16379", kWindow / 16384));
  // The connection's window is not touched by that: another stream moves four windows of data.
  peer.Send(Frame(kHeaders, kEndHeaders, 3, Hpack(GrpcHeaders("/t.T/EchoStream"))));
  for (int round = 0; round < 4; ++round) {
    // Give ourselves room for the echo, then send; the server credits stream 3 as it echoes.
    peer.Send(Frame(kWindowUpdate, 0, 0, U32(1 << 20)) + Frame(kWindowUpdate, 0, 3, U32(1 << 20)));
    for (size_t i = 0; i < kWindow / 16384; ++i) {
      peer.Send(Frame(kData, 0, 3, Prefixed(std::string(16379, 'y'))));
    }
    size_t echoed = 0;
    size_t credit_3 = 0;
    while (echoed < kWindow) {
      const auto frame = peer.Read();
      REQUIRE(frame);
      CHECK_FALSE((frame->type == kWindowUpdate && frame->stream == 1));
      CHECK(frame->type != kRstStream);
      if (frame->type == kData && frame->stream == 3) echoed += frame->payload.size();
      if (frame->type == kWindowUpdate && frame->stream == 3) ++credit_3;
    }
    CHECK(credit_3 > 0);
  }
  // Released, the first stream gets its window back.
  calls[0]->loop().RunAndWait([&] { calls[0]->ReleaseReceived(kWindow); });
  CHECK(peer.ReadUntil(kWindowUpdate, 1));
  CHECK(loopback.observer.log.Count("attack") == 0);
}

TEST_CASE("a sender past its window is cut from its stream") {
  Loopback loopback(Wire::kPlaintext);
  std::vector<ServerCall*> calls;
  AddHoarder(loopback, &calls);
  loopback.StartServer();
  RawPeer peer = RawPeer::Connect(loopback.port());
  peer.Greet();
  peer.Send(Frame(kHeaders, kEndHeaders, 1, Hpack(GrpcHeaders("/t.T/Hoard"))));
  SendUntilBlocked(peer, 1, kWindow / 16384 + 1);
  const auto reset = peer.ReadUntil(kRstStream, 1);
  REQUIRE(reset);
  CHECK(reset->payload == U32(3));  // FLOW_CONTROL_ERROR
  CHECK(loopback.script.log.Await("cancelled") == "cancelled reset_by_caller");
}

TEST_CASE("a message larger than the window arrives, because its own limit bounds it") {
  Loopback loopback(Wire::kPlaintext);
  std::vector<ServerCall*> calls;
  AddHoarder(loopback, &calls);
  loopback.StartServer();
  Channel& channel = loopback.NewChannel();
  CallHead head{.path = "/t.T/Hoard", .deadline_nanos = loopback.NowNanos() + 500'000'000};
  tests::Call(loopback.client_loop(), channel, head, {std::string(3 << 20, 'x')});
  CHECK(loopback.script.log.Count("message 3145728") == 1);
}

TEST_CASE("received bytes are bounded for a connection and for the server") {
  ServerOptions options;
  options.limits.connection_buffer_bytes_max = size_t{1} << 20;
  Loopback loopback(Wire::kPlaintext, options);
  std::vector<ServerCall*> calls;
  AddHoarder(loopback, &calls);
  loopback.StartServer();
  RawPeer peer = RawPeer::Connect(loopback.port());
  peer.Greet();
  // Every stream stays within its window; together they pass one MiB.
  for (uint32_t id = 1; id <= 9; id += 2) {
    peer.Send(Frame(kHeaders, kEndHeaders, id, Hpack(GrpcHeaders("/t.T/Hoard"))));
    SendUntilBlocked(peer, id, kWindow / 16384 - 1);
  }
  CHECK(loopback.script.log.Await("malformed").find("malformed RESOURCE_EXHAUSTED") == 0);
  CHECK(loopback.script.log.Count("malformed") == 1);
  CHECK(loopback.server->buffered_bytes() <= options.limits.connection_buffer_bytes_max);
  CHECK(loopback.server->buffered_bytes() > options.limits.connection_buffer_bytes_max / 2);
  peer.Close();
  REQUIRE_FALSE(loopback.observer.log.Await("closed").empty());
  CHECK(loopback.server->buffered_bytes() == 0);
}

TEST_CASE("a slow client bounds what the server has pending, and a slow server what a client has") {
  Loopback loopback(Wire::kTls);
  std::vector<ServerCall*> calls;
  AddHoarder(loopback, &calls);
  loopback.StartServer();
  Channel& channel = loopback.NewChannel();
  struct Sender final : ClientCallObserver {
    void Pump() {
      while (call->pending_send_bytes() <= ClientCall::kSendLowWaterBytes) {
        call->SendMessage(MakeMessage(std::string(20'000, 'x')));
        sent += 20'000;
        most = std::max(most, call->pending_send_bytes());
      }
    }
    void OnMessage(Message) override {}
    void OnSendable() override { Pump(); }
    void OnEnd(CallEnd end) override { log.Add(std::string("end ") + end.text); }
    std::unique_ptr<ClientCall> call;
    size_t sent = 0;
    size_t most = 0;
    EventLog log;
  } sender;
  loopback.client_loop().RunAndWait([&] {
    sender.call = channel.Start(CallHead{.path = "/t.T/Hoard"}, &sender);
    sender.Pump();
  });
  // The window's worth arrives, and then nothing more.
  REQUIRE(loopback.script.log.AwaitCount("message", kWindow / 20'005));
  loopback.client_loop().RunAndWait([] {});
  const size_t sent = sender.sent;
  CHECK(sent < kWindow * 2 + 200'000);
  CHECK(sender.most <= ClientCall::kSendLowWaterBytes + 20'005);
  const size_t arrived = loopback.script.log.Count("message");
  calls[0]->loop().RunAndWait([&] { calls[0]->ReleaseReceived(arrived * 20'000); });
  CHECK(loopback.script.log.AwaitCount("message", arrived + 5));  // it flows again
  loopback.client_loop().RunAndWait([&] { sender.call.reset(); });
  CHECK(loopback.script.log.Await("cancelled") == "cancelled reset_by_caller");
}

// The vptr check of the sanitizer looks at memory through a pipe, for which nothing is left.
#ifndef __SANITIZE_ADDRESS__
TEST_CASE("out of file descriptors, a server turns connections away and recovers") {
  Loopback loopback(Wire::kPlaintext);
  loopback.StartServer();
  std::vector<RawPeer> ready;
  for (int i = 0; i < 4; ++i) ready.push_back(RawPeer::Unconnected());
  rlimit before{};
  REQUIRE(getrlimit(RLIMIT_NOFILE, &before) == 0);
  const int next = dup(0);
  close(next);
  rlimit none = before;
  none.rlim_cur = static_cast<rlim_t>(next);
  REQUIRE(setrlimit(RLIMIT_NOFILE, &none) == 0);
  for (RawPeer& peer : ready) peer.ConnectTo(loopback.port());
  const bool turned_away = loopback.observer.log.AwaitCount("turned away", 1);
  REQUIRE(setrlimit(RLIMIT_NOFILE, &before) == 0);
  CHECK(turned_away);
  CHECK(loopback.Call("/t.T/Echo", {"well"}).end.status.ok());
}
#endif

}  // namespace
}  // namespace ndx::transport
