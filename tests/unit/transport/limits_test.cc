// Every limit of frames, at itself and one past it, on a clock that stands still: so no token comes
// back. What a server bears from callers, and what a channel bears from servers.
#include <catch2/catch.hpp>
#include <functional>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "loopback.h"
#include "ndx/tests/support/fake_clock.h"
#include "raw_peer.h"

namespace ndx::transport {
namespace {

constexpr uint32_t kBurst = 5;
constexpr RateLimit kLimit{.burst = kBurst, .per_second = 1};
constexpr uint8_t kPriority = 2;
constexpr uint32_t kLast = 10'001;  // stream of the call that shows that all is well

struct Flood {
  const char* name;
  RateLimit ServerLimits::*limit;
  std::string before;  // what makes the units possible
  std::function<std::string(uint32_t i)> unit;
  uint32_t taken;  // of the burst, by the greeting and `before`
  const char* attack;
};

std::string Request(uint32_t id, const std::string& path, const RawHeaders& changes = {}) {
  return Frame(kHeaders, kEndHeaders, id, Hpack(GrpcHeaders(path, changes)));
}

std::vector<Flood> Floods() {
  const std::string open = Request(1, "/t.T/Hold");
  const auto always = [](std::string frame) { return [frame](uint32_t) { return frame; }; };
  return {
      {"PING", &ServerLimits::pings, "", always(Frame(kPing, 0, 0, "12345678")), 0, "ping_flood"},
      {"SETTINGS", &ServerLimits::settings, "", always(Frame(kSettingsFrame, 0, 0, "")), 1,
       "settings_flood"},
      {"unasked PING answers", &ServerLimits::empty_frames, "",
       always(Frame(kPing, kAck, 0, "12345678")), 0, "ping_flood"},
      {"empty DATA", &ServerLimits::empty_frames, open, always(Frame(kData, 0, 1, "")), 0,
       "empty_frame_flood"},
      {"PRIORITY", &ServerLimits::empty_frames, "", always(Frame(kPriority, 0, 3, U32(0) + "\x10")),
       0, "empty_frame_flood"},
      {"WINDOW_UPDATE", &ServerLimits::window_updates, "",
       always(Frame(kWindowUpdate, 0, 0, U32(1))), 0, "window_update_flood"},
      {"resets", &ServerLimits::resets, "",
       [](uint32_t i) {
         return Request(2 * i + 1, "/t.T/Hold") + Frame(kRstStream, 0, 2 * i + 1, U32(8));
       },
       0, "rapid_reset"},
      {"resets that are provoked", &ServerLimits::resets, "",
       [](uint32_t i) {
         return Request(2 * i + 1, "/t.T/Hold", {{"Upper-Case", "x"}});
       },
       0, "rapid_reset"},
      {"requests that are not gRPC", &ServerLimits::bad_requests, "",
       [](uint32_t i) {
         return Request(2 * i + 1, "/t.T/Echo", {{":method", "GET"}});
       },
       0, "bad_request_flood"},
      {"JSON where gRPC is due", &ServerLimits::bad_requests, "",
       [](uint32_t i) {
         return Request(2 * i + 1, "/t.T/Echo") + Frame(kData, kEndStream, 2 * i + 1, "{\"a\": 1}");
       },
       0, "bad_request_flood"},
  };
}

TEST_CASE("a server takes as many frames of a kind as its limit says, and one more is an attack") {
  for (const Flood& flood : Floods()) {
    INFO(flood.name);
    ServerOptions options;
    options.limits.*flood.limit = kLimit;
    tests::FakeClock clock;
    Loopback loopback(Wire::kPlaintext, options, clock, 1);
    loopback.StartServer();
    RawPeer peer = RawPeer::Connect(loopback.port());
    peer.Greet();
    std::string bytes = flood.before;
    uint32_t i = 0;
    while (i < kBurst - flood.taken) bytes += flood.unit(i++);
    peer.Send(bytes + Request(kLast, "/t.T/Echo") + Frame(kData, kEndStream, kLast, Prefixed("y")));
    REQUIRE(peer.ReadUntil(kData, kLast));
    CHECK(loopback.observer.log.Count("attack") == 0);
    // The call that showed it gave window updates back; all of them are used up again.
    const uint32_t more = flood.limit == &ServerLimits::window_updates ? 3 : 1;
    for (uint32_t n = 0; n < more; ++n) peer.Send(flood.unit(kLast + i++));
    CHECK(peer.ReadToEnd());
    CHECK(loopback.observer.log.Await("attack") == absl::StrCat("attack ", flood.attack));
    CHECK(loopback.observer.log.AwaitCount("closed", 1));
    CHECK(loopback.observer.log.Count("attack") == 1);
  }
}

TEST_CASE("a CONTINUATION past the limit is an attack, as many as the limit are not") {
  ServerOptions options;
  options.limits.continuations_max = 3;
  const std::string block = Hpack(GrpcHeaders("/t.T/Echo"));
  for (const uint32_t count : {3u, 4u}) {
    INFO(count);
    Loopback loopback(Wire::kPlaintext, options);
    loopback.StartServer();
    RawPeer peer = RawPeer::Connect(loopback.port());
    std::string bytes = ClientHello() + Frame(kHeaders, 0, 1, block.substr(0, 10));
    for (uint32_t i = 1; i < count; ++i) {
      bytes += Frame(kContinuation, 0, 1, block.substr(10 * i, 10));
    }
    bytes += Frame(kContinuation, kEndHeaders, 1, block.substr(10 * count));
    peer.Send(bytes + Frame(kData, kEndStream, 1, Prefixed("y")));
    if (count == 3) {
      CHECK(peer.ReadUntil(kData, 1));
    } else {
      CHECK(peer.ReadToEnd());
      CHECK(loopback.observer.log.Await("attack") == "attack continuation_flood");
    }
  }
}

TEST_CASE("frames that pile up because the peer makes us answer are bounded") {
  ServerOptions options;
  options.limits.queued_frames_max = 10;
  options.limits.pings = {.burst = 1000, .per_second = 1000};
  Loopback loopback(Wire::kPlaintext, options);
  loopback.StartServer();
  RawPeer peer = RawPeer::Connect(loopback.port());
  peer.Greet();
  const auto pings = [](int count) {
    std::string bytes;
    for (int i = 0; i < count; ++i) bytes += Frame(kPing, 0, 0, "12345678");
    return bytes;
  };
  peer.Send(pings(1));  // the greeting has been answered
  REQUIRE(peer.ReadUntil(kPing));
  for (int round = 0; round < 3; ++round) {  // they are sent in between
    peer.Send(pings(10));
    for (int i = 0; i < 10; ++i) REQUIRE(peer.ReadUntil(kPing));
  }
  CHECK(loopback.observer.log.Count("attack") == 0);
  peer.Send(pings(11));
  CHECK(peer.ReadToEnd());
  CHECK(loopback.observer.log.Await("attack") == "attack output_flood");
}

TEST_CASE("streams that are refused count as resets") {
  ServerOptions options;
  options.limits.concurrent_streams_max = 1;
  options.limits.resets = kLimit;
  tests::FakeClock clock;
  Loopback loopback(Wire::kPlaintext, options, clock, 1);
  loopback.StartServer();
  RawPeer peer = RawPeer::Connect(loopback.port());
  peer.Send(ClientHello());  // SETTINGS not acknowledged: else this is an error of the connection
  std::string bytes = Request(1, "/t.T/Hold");
  uint32_t id = 3;
  for (uint32_t i = 0; i < kBurst; ++i, id += 2) bytes += Request(id, "/t.T/Hold");
  peer.Send(bytes + Frame(kPing, 0, 0, "12345678"));
  REQUIRE(peer.ReadUntil(kRstStream, id - 2));
  CHECK(loopback.observer.log.Count("attack") == 0);
  peer.Send(Request(id, "/t.T/Hold"));
  CHECK(peer.ReadToEnd());
  CHECK(loopback.observer.log.Await("attack") == "attack rapid_reset");
}

// ---- a channel, and servers that are the attackers

struct LoggedProvider final : ChannelObserver {
  void OnAttackCutOff(const PeerIdentity& peer, ConnectionAttack attack) override {
    log.Add(absl::StrCat("attack ", ConnectionAttackName(attack), " ", peer.address));
  }
  EventLog log;
};

struct EndedCall final : ClientCallObserver {
  void OnMessage(Message /*message*/) override {}
  void OnEnd(CallEnd end) override { log.Add(std::string(EndCauseName(end.cause))); }
  EventLog log;
};

struct ClientFlood {
  const char* name;
  RateLimit ChannelLimits::*limit;
  std::string unit;
  uint32_t taken;
  const char* attack;
};

std::vector<ClientFlood> ClientFloods() {
  const std::string early = Frame(kHeaders, kEndHeaders, 1, Hpack({{":status", "103"}}));
  return {
      {"PING", &ChannelLimits::pings, Frame(kPing, 0, 0, "12345678"), 0, "ping_flood"},
      {"SETTINGS", &ChannelLimits::settings, Frame(kSettingsFrame, 0, 0, ""), 1, "settings_flood"},
      {"1xx answers", &ChannelLimits::empty_frames, early, 0, "empty_frame_flood"},
      {"GOAWAY", &ChannelLimits::empty_frames, Frame(kGoAwayFrame, 0, 0, U32(0x7FFFFFFF) + U32(0)),
       0, "empty_frame_flood"},
      {"WINDOW_UPDATE", &ChannelLimits::window_updates, Frame(kWindowUpdate, 0, 0, U32(1)), 0,
       "window_update_flood"}};
}

TEST_CASE("a channel takes as many frames of a kind as its limit says, and cuts the server off") {
  for (const ClientFlood& flood : ClientFloods()) {
    INFO(flood.name);
    tests::FakeClock clock;
    tests::FakeRandom random;
    RawListener listener;
    EventLoopGroup loops(clock, 1, "client");
    loops.Start();
    LoggedProvider provider;
    EndedCall ended;
    ChannelOptions options;
    options.address = absl::StrCat("127.0.0.1:", listener.port());
    options.limits.*flood.limit = kLimit;
    options.observer = &provider;
    std::unique_ptr<Channel> channel;
    std::unique_ptr<ClientCall> call;
    loops.loop(0).RunAndWait([&] {
      channel = *Channel::Create(loops.loop(0), random, options);
      call = channel->Start(CallHead{.path = "/t.T/M"}, &ended);
      call->HalfClose();
    });
    RawPeer peer = listener.Accept();
    CHECK(peer.ReadBytes(24).find("PRI * HTTP/2.0") == 0);
    peer.Send(Frame(kSettingsFrame, 0, 0, "") + Frame(kSettingsFrame, kAck, 0, ""));
    REQUIRE(peer.ReadUntil(kData, 1));
    std::string bytes;
    for (uint32_t i = flood.taken; i < kBurst; ++i) bytes += flood.unit;
    // Our own WINDOW_UPDATE is no answer to anything, and so the channel's PING is awaited instead.
    const bool pings = flood.limit == &ChannelLimits::pings;
    peer.Send(bytes + (pings ? "" : Frame(kPing, 0, 0, "87654321")));
    REQUIRE(peer.ReadUntil(kPing));
    CHECK(provider.log.Count("attack") == 0);
    peer.Send(flood.unit);
    CHECK(peer.ReadToEnd());
    CHECK(provider.log.Await("attack") ==
          absl::StrCat("attack ", flood.attack, " ", options.address));
    CHECK(ended.log.Await("") == "protocol_error");
    loops.loop(0).RunAndWait([&] {
      call.reset();
      channel.reset();
    });
  }
}

}  // namespace
}  // namespace ndx::transport
