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
    peer.Greet();
    CHECK(loopback.observer.log.AwaitCount("opened", before + 1));
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

TEST_CASE("a caller that never acknowledges the server's SETTINGS has not shaken hands") {
  ServerOptions options = Quiet();
  options.timeouts.handshake = absl::Seconds(10);
  Timed timed(options);
  RawPeer peer = RawPeer::Connect(timed.loopback.port());
  peer.Send(ClientHello() + Frame(kPing, 0, 0, "12345678"));
  CHECK(peer.ReadUntil(kPing));
  timed.Advance(absl::Seconds(10) - absl::Nanoseconds(1));
  CHECK(timed.loopback.server->connections() == 1);
  timed.Advance(absl::Nanoseconds(1));
  CHECK(peer.ReadToEnd());
  CHECK_FALSE(timed.loopback.observer.log.Await("refused timeout").empty());
}

TEST_CASE("a header block must end in time") {
  const std::string block = Hpack(GrpcHeaders("/t.T/Echo"));
  const std::string frame = Frame(kHeaders, kEndHeaders | kEndStream, 1, block);
  const struct {
    const char* name;
    std::string first;
    std::string rest;
  } cases[] = {{"a frame that is not whole", frame.substr(0, frame.size() - 1),
                frame.substr(frame.size() - 1)},
               {"no CONTINUATION", Frame(kHeaders, kEndStream, 1, block.substr(0, 30)),
                Frame(kContinuation, kEndHeaders, 1, block.substr(30))}};
  for (const auto& c : cases) {
    INFO(c.name);
    ServerOptions options = Quiet();
    options.timeouts.header_block = absl::Seconds(10);
    Timed timed(options);
    RawPeer slow = timed.Open();
    RawPeer in_time = timed.Open();
    slow.Send(c.first);
    in_time.Send(c.first);
    while (timed.loopback.script.log.Count("call") < 1) {
      timed.Advance(absl::Seconds(10) - absl::Nanoseconds(1));
      in_time.Send(c.rest);
      REQUIRE(timed.loopback.script.log.AwaitCount("call", 1));
    }
    CHECK(timed.loopback.observer.log.Count("attack") == 0);
    timed.Advance(absl::Seconds(10));
    CHECK(slow.ReadToEnd());
    CHECK(timed.loopback.observer.log.Await("attack") == "attack slow_headers");
    CHECK(timed.loopback.server->connections() == 1);
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

TEST_CASE("connections of peers that are no longer wanted are told to go, and cut after a grace") {
  Timed timed(Quiet());
  RawPeer stays = timed.Open();
  RawPeer idle = timed.Open();
  RawPeer busy = timed.Open();
  busy.Send(Frame(kHeaders, kEndHeaders, 1, Hpack(GrpcHeaders("/t.T/Hold"))));
  REQUIRE(timed.loopback.script.log.AwaitCount("call", 1));
  // Connections are numbered in the order in which they come; asked twice, the first grace counts.
  const auto others = [](const PeerIdentity& peer) { return peer.connection_id > 1; };
  timed.loopback.server->Dismiss(others, absl::Milliseconds(500));
  timed.loopback.server->Dismiss(others, absl::Hours(1));
  for (RawPeer* peer : {&idle, &busy}) {
    CHECK(peer->ReadUntil(kGoAwayFrame)->payload.substr(0, 4) == U32(0x7FFFFFFF));
    const auto ping = peer->ReadUntil(kPing);
    REQUIRE(ping);
    peer->Send(Frame(kPing, kAck, 0, ping->payload));
    CHECK(peer->ReadUntil(kGoAwayFrame));
  }
  CHECK(idle.ReadToEnd());
  CHECK(timed.loopback.script.log.Count("cancelled") == 0);
  timed.Advance(absl::Milliseconds(500) - absl::Nanoseconds(1));
  CHECK(timed.loopback.server->connections() == 2);
  timed.Advance(absl::Nanoseconds(1));
  CHECK(busy.ReadToEnd());
  CHECK(timed.loopback.script.log.Await("cancelled") == "cancelled connection_cut");
  CHECK(timed.loopback.server->connections() == 1);
  stays.Send(Frame(kPing, 0, 0, "87654321"));
  CHECK(stays.ReadUntil(kPing)->payload == "87654321");
}

TEST_CASE("a peer that does not answer is cut as well when it is dismissed") {
  Timed timed(Quiet());
  RawPeer deaf = timed.Open();
  timed.loopback.server->Dismiss([](const PeerIdentity&) { return true; }, absl::Milliseconds(500));
  CHECK(deaf.ReadUntil(kGoAwayFrame));
  timed.Advance(absl::Milliseconds(500));
  CHECK(deaf.ReadToEnd());
  CHECK(timed.loopback.server->connections() == 0);
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

TEST_CASE("less than the least progress is none") {
  for (const size_t step : {size_t{100}, size_t{99}}) {
    INFO(step);
    ServerOptions options = Quiet();
    options.timeouts.send_stall = absl::Seconds(60);
    options.limits.send_progress_bytes_min = 100;
    Timed timed(options);
    RawPeer peer = timed.Open();
    peer.Send(Frame(kWindowUpdate, 0, 0, U32(1 << 20)) +
              Frame(kHeaders, kEndHeaders, 1, Hpack(GrpcHeaders("/t.T/Stream"))) +
              Frame(kData, kEndStream, 1, Prefixed("10 30000")));
    size_t got = 0;
    while (got < 65535) got += peer.ReadUntil(kData, 1)->payload.size();
    // 50 s apart, so that the second one comes after the time for which there was too little.
    timed.Advance(absl::Seconds(50));
    peer.Send(Frame(kWindowUpdate, 0, 1, U32(static_cast<uint32_t>(step))));
    REQUIRE(peer.ReadUntil(kData, 1)->payload.size() == step);
    timed.Advance(absl::Seconds(16));
    const bool cut = step < options.limits.send_progress_bytes_min;
    CHECK(timed.loopback.observer.log.Count("stream cut off") == (cut ? 1 : 0));
    CHECK(timed.loopback.server->connections() == 1);
  }
}

// A method that answers with one message of so many bytes and its status, whatever is asked.
void AddBig(Loopback& loopback, size_t bytes) {
  loopback.script.Add("/t.T/Big", [&loopback, bytes](ServerCall& call) {
    auto probe = std::make_unique<Probe>(call, loopback.script.log);
    probe->on_end = [&call, bytes] {
      call.SendMessage(MakeMessage(std::string(bytes, 'b')));
      call.Finish({});
    };
    return probe;
  });
}

TEST_CASE(
    "answers that nobody takes lose their memory, the oldest first, once there are too many") {
  constexpr uint32_t kWindow = 65535;
  for (const size_t over : {size_t{0}, size_t{1}}) {
    INFO(over);
    ServerOptions options = Quiet();
    options.limits.unsent_bytes_max = 1 << 20;
    options.timeouts.send_stall_pressed = absl::Seconds(1);
    tests::FakeClock clock;
    Loopback loopback(Wire::kPlaintext, options, clock, 1);
    // With its prefix, and less what the window takes, each is half of what there may be.
    AddBig(loopback, (1 << 19) + kWindow / 2 - kMessagePrefixBytes + over);
    loopback.StartServer();
    RawPeer peer = RawPeer::Connect(loopback.port());
    peer.Greet();
    const std::string block = Hpack(GrpcHeaders("/t.T/Big"));
    const auto settle = [&] {
      for (int i = 0; i < 2; ++i) loopback.server_loop().RunAndWait([] {});
    };
    const auto advance = [&](absl::Duration by) {
      clock.Advance(by);
      settle();
    };
    // The connection's window is of one stream's size, so that together they get it once.
    for (const uint32_t id : {1u, 3u}) {
      peer.Send(Frame(kHeaders, kEndHeaders | kEndStream, id, block));
      REQUIRE(loopback.script.log.AwaitCount("request end", (id + 1) / 2));
      settle();  // what the window takes goes out before time passes: the stream's age counts from
                 // there
      advance(absl::Milliseconds(400));
    }
    for (int i = 0; i < 3; ++i) advance(absl::Milliseconds(400));
    CHECK(loopback.observer.log.Count("stream cut off") == over);
    const size_t unsent_max = options.limits.unsent_bytes_max;
    CHECK(loopback.server->unsent_bytes() > unsent_max / 2);
    CHECK(loopback.server->unsent_bytes() <= (over == 0 ? unsent_max : unsent_max / 2 + kWindow));
    if (over == 0) continue;
    const auto reset = peer.ReadUntil(kRstStream);
    REQUIRE(reset);
    CHECK(reset->stream == 1);
    CHECK(loopback.script.log.AwaitCount("destroyed", 1));
    CHECK(loopback.server->connections() == 1);
  }
}

TEST_CASE("a caller whose socket takes nothing loses its connection") {
  ServerOptions options = Quiet();
  options.timeouts.send_stall = absl::Seconds(60);
  tests::FakeClock clock;
  Loopback loopback(Wire::kPlaintext, options, clock, 1);
  AddBig(loopback, size_t{64} << 20);  // more than the kernel buffers
  loopback.StartServer();
  RawPeer peer = RawPeer::Connect(loopback.port());
  peer.Greet();
  peer.Send(Frame(kSettingsFrame, 0, 0, std::string("\0\4", 2) + U32(0x7FFFFFFF)) +
            Frame(kWindowUpdate, 0, 0, U32(0x7FFF0000 - 65535)) +
            Frame(kHeaders, kEndHeaders | kEndStream, 1, Hpack(GrpcHeaders("/t.T/Big"))));
  REQUIRE(loopback.script.log.AwaitCount("request end", 1));
  for (int i = 0; i < 300; ++i)
    loopback.server_loop().RunAndWait([] {});  // until the kernel is full
  for (int i = 0; i < 2 && loopback.server->connections() > 0; ++i) {
    clock.Advance(absl::Seconds(40));
    for (int round = 0; round < 2; ++round) loopback.server_loop().RunAndWait([] {});
  }
  CHECK(loopback.observer.log.Await("attack") == "attack slow_reader");
  CHECK(loopback.server->connections() == 0);
  CHECK(loopback.script.log.AwaitCount("destroyed", 1));
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
