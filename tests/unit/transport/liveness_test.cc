// What time does to connections, by a clock that the tests move; and how a server goes.
#include <catch2/catch.hpp>
#include <string>

#include "loopback.h"
#include "ndx/tests/support/fake_clock.h"
#include "ndx/tests/support/notification.h"
#include "raw_peer.h"

namespace ndx::transport {
namespace {

ServerOptions Quiet() {
  ServerOptions options;
  options.timeouts.idle = absl::InfiniteDuration();
  options.timeouts.age = absl::InfiniteDuration();
  options.timeouts.keepalive = absl::InfiniteDuration();
  return options;
}

// A server on a clock of the test's own, and one connection to it made by hand.
struct Timed {
  explicit Timed(const ServerOptions& options, Wire wire = Wire::kPlaintext)
      : loopback(wire, options, clock, 1) {
    loopback.StartServer();
  }

  RawPeer Open() {
    const size_t before = loopback.observer.log.Count("opened");
    RawPeer peer = RawPeer::Connect(loopback.port());
    peer.Send(ClientHello());
    CHECK(loopback.observer.log.AwaitCount("opened", before + 1));
    CHECK(peer.ReadUntil(kSettingsFrame));
    // The answer to a PING shows that the server has seen our SETTINGS.
    peer.Send(Frame(kPing, 0, 0, "12345678"));
    CHECK(peer.ReadUntil(kPing));
    return peer;
  }

  // Moves the clock and lets the loops see it.
  void Advance(absl::Duration by) {
    clock.Advance(by);
    for (int i = 0; i < 2; ++i) {
      loopback.server_loop().RunAndWait([] {});
      loopback.client_loop().RunAndWait([] {});
    }
  }

  tests::FakeClock clock;
  Loopback loopback;
};

TEST_CASE("a handshake that takes too long is ended, with TLS and without") {
  for (const Wire wire : {Wire::kPlaintext, Wire::kTls}) {
    ServerOptions options = Quiet();
    options.timeouts.handshake = absl::Seconds(10);
    Timed timed(options, wire);
    RawPeer peer = RawPeer::Connect(timed.loopback.port());
    peer.Send("P");
    timed.loopback.server_loop().RunAndWait([] {});
    while (timed.loopback.server->connections() == 0) {
      timed.loopback.server_loop().RunAndWait([] {});
    }
    timed.Advance(absl::Seconds(10) - absl::Nanoseconds(1));
    CHECK(timed.loopback.server->connections() == 1);
    timed.Advance(absl::Nanoseconds(1));
    CHECK(peer.ReadToEnd());
    CHECK_FALSE(timed.loopback.observer.log.Await("refused timeout").empty());
    CHECK(timed.loopback.server->connections() == 0);
  }
}

TEST_CASE("a silent peer is asked, and cut when it does not answer") {
  ServerOptions options = Quiet();
  options.timeouts.keepalive = absl::Seconds(60);
  options.timeouts.keepalive_answer = absl::Seconds(20);
  Timed timed(options);
  RawPeer peer = timed.Open();
  timed.Advance(absl::Seconds(60));
  auto ping = peer.ReadUntil(kPing);
  REQUIRE(ping);
  CHECK((ping->flags & kAck) == 0);
  peer.Send(Frame(kPing, kAck, 0, ping->payload) + Frame(kPing, 0, 0, "87654321"));
  CHECK(peer.ReadUntil(kPing)->payload == "87654321");  // it has seen our answer
  timed.Advance(absl::Seconds(60));
  CHECK(peer.ReadUntil(kPing));
  timed.Advance(absl::Seconds(20) - absl::Nanoseconds(1));
  CHECK(timed.loopback.server->connections() == 1);
  timed.Advance(absl::Nanoseconds(1));
  CHECK(peer.ReadToEnd());
  CHECK(timed.loopback.server->connections() == 0);
}

TEST_CASE("an idle connection is told to go, a busy one is not") {
  ServerOptions options = Quiet();
  options.timeouts.idle = absl::Minutes(10);
  Timed timed(options);
  RawPeer busy = timed.Open();
  busy.Send(Frame(kHeaders, kEndHeaders, 1, Hpack(GrpcHeaders("/t.T/Hold"))));
  REQUIRE(timed.loopback.script.log.AwaitCount("call", 1));
  RawPeer idle = timed.Open();
  timed.Advance(absl::Minutes(10));
  const auto notice = idle.ReadUntil(kGoAwayFrame);
  REQUIRE(notice);
  CHECK(notice->payload == U32(0x7FFFFFFF) + U32(0));
  CHECK(idle.ReadUntil(kPing));
  timed.Advance(absl::Seconds(1));  // the PING is not answered
  const auto last = idle.ReadUntil(kGoAwayFrame);
  REQUIRE(last);
  CHECK(last->payload == U32(0) + U32(0));
  CHECK(idle.ReadToEnd());
  CHECK(timed.loopback.server->connections() == 1);
}

TEST_CASE("an old connection finishes its calls, up to the grace") {
  ServerOptions options = Quiet();
  options.timeouts.age = absl::Hours(1);
  options.timeouts.age_grace = absl::Minutes(5);
  Timed timed(options);
  RawPeer peer = timed.Open();
  peer.Send(Frame(kHeaders, kEndHeaders, 1, Hpack(GrpcHeaders("/t.T/Hold"))));
  REQUIRE(timed.loopback.script.log.AwaitCount("call", 1));
  timed.Advance(absl::Hours(1) * 0.89);
  CHECK(timed.loopback.server->connections() == 1);
  timed.Advance(absl::Hours(1) * 0.22);  // 0.9 to 1.1 of the age
  CHECK(peer.ReadUntil(kGoAwayFrame)->payload.substr(0, 4) == U32(0x7FFFFFFF));
  const auto ping = peer.ReadUntil(kPing);
  REQUIRE(ping);
  peer.Send(Frame(kPing, kAck, 0, ping->payload));
  CHECK(peer.ReadUntil(kGoAwayFrame)->payload.substr(0, 4) == U32(1));
  CHECK(timed.loopback.script.log.Count("cancelled") == 0);
  timed.Advance(absl::Minutes(5));
  CHECK(peer.ReadToEnd());
  CHECK(timed.loopback.script.log.Await("cancelled") == "cancelled connection_cut");
}

TEST_CASE("a reader that takes nothing loses its stream") {
  ServerOptions options = Quiet();
  options.timeouts.send_stall = absl::Seconds(60);
  Timed timed(options);
  RawPeer peer = timed.Open();
  // 65,535 bytes fit the stream's window; the rest waits for a WINDOW_UPDATE that never comes.
  peer.Send(Frame(kHeaders, kEndHeaders, 1, Hpack(GrpcHeaders("/t.T/Stream"))) +
            Frame(kData, kEndStream, 1, Prefixed("10 30000")));
  size_t got = 0;
  while (got < 65535) got += peer.ReadUntil(kData, 1)->payload.size();
  for (int i = 0; i < 3; ++i) timed.Advance(absl::Seconds(40));
  const auto reset = peer.ReadUntil(kRstStream, 1);
  REQUIRE(reset);
  CHECK(reset->payload == U32(8));
  CHECK(timed.loopback.script.log.Await("cancelled") == "cancelled connection_cut");
  CHECK(timed.loopback.script.log.AwaitCount("destroyed", 1));
  CHECK(timed.loopback.server->connections() == 1);
}

TEST_CASE("drain goes in two steps and cuts no call") {
  Loopback loopback(Wire::kPlaintext, {}, 2);
  ServerCall* held = nullptr;
  loopback.script.Add("/t.T/Held", [&](ServerCall& call) {
    held = &call;
    return std::make_unique<Probe>(call, loopback.script.log);
  });
  loopback.StartServer();
  RawPeer peer = RawPeer::Connect(loopback.port());
  const std::string block = Hpack(GrpcHeaders("/t.T/Held"));
  peer.Send(ClientHello() + Frame(kHeaders, kEndHeaders, 1, block));
  REQUIRE(loopback.script.log.AwaitCount("call", 1));
  tests::Notification done;
  bool clean = false;
  loopback.server->Drain(absl::Minutes(5), [&](bool was_clean) {
    clean = was_clean;
    done.Notify();
  });
  CHECK(peer.ReadUntil(kGoAwayFrame)->payload == U32(0x7FFFFFFF) + U32(0));
  // A call that was on its way when the notice was sent is served.
  const auto ping = peer.ReadUntil(kPing);
  REQUIRE(ping);
  peer.Send(Frame(kHeaders, kEndHeaders | kEndStream, 3, Hpack(GrpcHeaders("/t.T/Fail"))) +
            Frame(kPing, kAck, 0, ping->payload));
  CHECK(ValueOf(peer.ReadHeaders(3), "grpc-status") == "5");
  CHECK(peer.ReadUntil(kGoAwayFrame)->payload == U32(3) + U32(0));
  CHECK_FALSE(done.HasBeenNotified());
  held->loop().RunAndWait([&] { held->Finish({}); });
  CHECK(ValueOf(peer.ReadHeaders(1), "grpc-status") == "0");
  CHECK(peer.ReadToEnd());
  done.WaitForNotification();
  CHECK(clean);
  CHECK(loopback.script.log.Count("closed delivered") == 2);
}

TEST_CASE("what does not finish by the drain's deadline is cut, and the drain says so") {
  Timed timed(Quiet());
  RawPeer peer = timed.Open();
  peer.Send(Frame(kHeaders, kEndHeaders, 1, Hpack(GrpcHeaders("/t.T/Hold"))));
  REQUIRE(timed.loopback.script.log.AwaitCount("call", 1));
  tests::Notification done;
  bool clean = true;
  timed.loopback.server->Drain(absl::Seconds(30), [&](bool was_clean) {
    clean = was_clean;
    done.Notify();
  });
  timed.Advance(absl::ZeroDuration());
  timed.Advance(absl::Seconds(30));
  done.WaitForNotification();
  CHECK_FALSE(clean);
  CHECK(peer.ReadToEnd());
  CHECK(timed.loopback.script.log.Await("cancelled") == "cancelled server_stopping");
}

TEST_CASE("stopping tells every call and leaves nothing behind") {
  Loopback loopback(Wire::kPlaintext);
  loopback.script.Add("/t.T/Stubborn", [&](ServerCall& call) {
    auto probe = std::make_unique<Probe>(call, loopback.script.log);
    probe->on_cancelled = [](CancelCause) {};
    return probe;
  });
  loopback.StartServer();
  RawPeer peer = RawPeer::Connect(loopback.port());
  peer.Send(ClientHello() + Frame(kHeaders, kEndHeaders, 1, Hpack(GrpcHeaders("/t.T/Stubborn"))) +
            Frame(kHeaders, kEndHeaders, 3, Hpack(GrpcHeaders("/t.T/Hold"))));
  REQUIRE(loopback.script.log.AwaitCount("call", 2));
  loopback.server->Stop();
  CHECK(loopback.script.log.Count("cancelled server_stopping") == 2);
  CHECK(loopback.script.log.Count("destroyed") == 2);
  CHECK(loopback.server->calls() == 0);
  CHECK(loopback.server->connections() == 0);
  CHECK(peer.ReadToEnd());
}

}  // namespace
}  // namespace ndx::transport
