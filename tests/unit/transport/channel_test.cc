// A channel against servers that misbehave by hand: what is told of the call, and what of the rest.
#include <catch2/catch.hpp>
#include <memory>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "loopback.h"
#include "ndx/tests/support/fake_clock.h"
#include "raw_peer.h"

namespace ndx::transport {
namespace {

// One call whose events go to a log: "message 3", "end <cause> <delivery> <code>".
struct LoggedCall final : ClientCallObserver {
  void OnInitialMetadata(Metadata metadata) override {
    log.Add(absl::StrCat("initial ", metadata.size()));
  }
  void OnMessage(Message message) override { log.Add(absl::StrCat("message ", *message)); }
  void OnEnd(CallEnd end) override {
    last = std::move(end);
    log.Add(absl::StrCat("end ", EndCauseName(last.cause), " ", DeliveryName(last.delivery), " ",
                         last.status.code));
  }
  EventLog log;
  CallEnd last;
  std::unique_ptr<ClientCall> call;
};

// A channel to a listener that the test serves by hand.
struct HandServed {
  explicit HandServed(const core::Clock& clock = SystemClock()) : loops(clock, 1, "client") {
    loops.Start();
    options.address = absl::StrCat("127.0.0.1:", listener.port());
  }
  ~HandServed() {
    loop().RunAndWait([this] {
      for (const auto& call : calls) call->call.reset();
      channel.reset();
    });
  }
  static const core::Clock& SystemClock() {
    static const core::SystemClock clock;
    return clock;
  }
  EventLoop& loop() { return loops.loop(0); }

  LoggedCall& Start(CallHead head = {.path = "/t.T/M"}) {
    calls.push_back(std::make_unique<LoggedCall>());
    LoggedCall& call = *calls.back();
    loop().RunAndWait([&] {
      if (channel == nullptr) channel = *Channel::Create(loop(), random, options);
      call.call = channel->Start(std::move(head), &call);
      call.call->SendMessage(MakeMessage("request"));
      call.call->HalfClose();
    });
    return call;
  }

  // Accepts a connection, greets as a server, and waits until the request on the stream is whole.
  RawPeer Serve(const std::string& settings = "") {
    RawPeer peer = listener.Accept();
    CHECK(peer.ReadBytes(24).find("PRI * HTTP/2.0") == 0);
    peer.Send(Frame(kSettingsFrame, 0, 0, settings) + Frame(kSettingsFrame, kAck, 0, ""));
    return peer;
  }
  static void AwaitRequest(RawPeer& peer, uint32_t stream = 1) {
    std::optional<RawFrame> frame;
    do {
      frame = peer.ReadUntil(kData, stream);
      REQUIRE(frame);
    } while ((frame->flags & kEndStream) == 0);
  }

  tests::FakeRandom random;
  RawListener listener;
  EventLoopGroup loops;
  ChannelOptions options;
  std::unique_ptr<Channel> channel;
  std::vector<std::unique_ptr<LoggedCall>> calls;
};

RawHeaders AnswerHead(const RawHeaders& more = {}) {
  RawHeaders headers = {{":status", "200"}, {"content-type", "application/grpc"}};
  headers.insert(headers.end(), more.begin(), more.end());
  return headers;
}

std::string HeadersFrame(const RawHeaders& headers, bool end, uint32_t stream = 1) {
  return Frame(kHeaders, end ? kEndHeaders | kEndStream : kEndHeaders, stream, Hpack(headers));
}

TEST_CASE("every way an answer can end is told as what it is") {
  const std::string good_head = HeadersFrame(AnswerHead(), false);
  const std::string ok = HeadersFrame({{"grpc-status", "0"}}, true);
  struct Case {
    const char* name;
    std::string answer;
    const char* end;
  };
  const Case cases[] = {
      {"a good one", good_head + Frame(kData, 0, 1, Prefixed("a")) + ok, "end answered answered 0"},
      {"trailers only", HeadersFrame(AnswerHead({{"grpc-status", "5"}}), true),
       "end answered answered 5"},
      {"1xx first",
       HeadersFrame({{":status", "103"}, {"link", "x"}}, false) + good_head +
           Frame(kData, 0, 1, Prefixed("a")) + ok,
       "end answered answered 0"},
      {"a number that is no code", good_head + HeadersFrame({{"grpc-status", "99"}}, true),
       "end answered answered 99"},
      {"no number", good_head + HeadersFrame({{"grpc-status", "fine"}}, true),
       "end answered answered 2"},
      {"no status in trailers", good_head + HeadersFrame({{"x", "y"}}, true),
       "end no_grpc_status sent_answer_unknown 2"},
      {"no trailers", good_head + Frame(kData, kEndStream, 1, Prefixed("a")),
       "end no_grpc_status sent_answer_unknown 2"},
      {"HTTP 503", HeadersFrame({{":status", "503"}}, true),
       "end no_grpc_status sent_answer_unknown 14"},
      {"HTTP 401 with a page",
       HeadersFrame({{":status", "401"}, {"content-type", "text/html"}}, false) +
           Frame(kData, kEndStream, 1, "<html>"),
       "end no_grpc_status sent_answer_unknown 16"},
      {"HTTP 200 that is no gRPC",
       HeadersFrame({{":status", "200"}, {"content-type", "text/html"}}, false),
       "end no_grpc_status sent_answer_unknown 2"},
      {"refused", Frame(kRstStream, 0, 1, U32(7)), "end refused_stream not_sent 14"},
      {"cancelled by the peer", Frame(kRstStream, 0, 1, U32(8)), "end reset sent_answer_unknown 1"},
      {"internal error", Frame(kRstStream, 0, 1, U32(2)), "end reset sent_answer_unknown 13"},
      {"calm down", Frame(kRstStream, 0, 1, U32(11)), "end reset sent_answer_unknown 8"},
      {"refused after an answer began", good_head + Frame(kRstStream, 0, 1, U32(7)),
       "end reset sent_answer_unknown 14"},
      {"a GOAWAY below it", Frame(kGoAwayFrame, 0, 0, U32(0) + U32(0)), "end goaway not_sent 14"},
      {"a bad -bin", HeadersFrame(AnswerHead({{"x-bin", "!"}}), false),
       "end malformed_answer sent_answer_unknown 13"},
      {"bad details",
       good_head + HeadersFrame({{"grpc-status", "5"}, {"grpc-status-details-bin", "!"}}, true),
       "end malformed_answer sent_answer_unknown 13"},
      {"compressed", good_head + Frame(kData, 0, 1, Prefixed("zip", 1)),
       "end malformed_answer sent_answer_unknown 13"},
      {"truncated", good_head + Frame(kData, 0, 1, Prefixed("abc").substr(0, 6)) + ok,
       "end malformed_answer sent_answer_unknown 13"},
      {"65 MiB announced", good_head + Frame(kData, 0, 1, std::string(1, '\0') + U32(65 << 20)),
       "end answer_too_large sent_answer_unknown 8"},
      {"too many headers", HeadersFrame(AnswerHead({{"x", std::string(8192, 'x')}}), false),
       "end answer_too_large sent_answer_unknown 8"},
  };
  for (const Case& c : cases) {
    INFO(c.name);
    HandServed served;
    served.options.limits.header_list_bytes_max = 8192;
    LoggedCall& call = served.Start();
    RawPeer peer = served.Serve();
    HandServed::AwaitRequest(peer);
    peer.Send(c.answer);
    CHECK(call.log.Await("end") == c.end);
  }
}

TEST_CASE("the text and details of a status come decoded, in whatever order they stand") {
  HandServed served;
  LoggedCall& call = served.Start();
  RawPeer peer = served.Serve();
  HandServed::AwaitRequest(peer);
  peer.Send(HeadersFrame(AnswerHead({{"grpc-message", "kh%C3%B4ng"},
                                     {"grpc-status-details-bin", "CAU"},
                                     {"x-hint", "later"},
                                     {"grpc-status", "5"},
                                     {"grpc-retry-pushback-ms", "100"}}),
                         true));
  REQUIRE_FALSE(call.log.Await("end").empty());
  CHECK(call.last.status.message == "không");
  CHECK(call.last.status.details_bin == "\x08\x05");
  CHECK(call.last.trailers == Metadata{{"x-hint", "later"}, {"grpc-retry-pushback-ms", "100"}});
}

TEST_CASE("a lost connection tells whether the request had left") {
  HandServed served;
  LoggedCall& before = served.Start();
  {
    RawPeer silent = served.listener.Accept();  // closed without a greeting: nothing was sent
  }
  CHECK(before.log.Await("end") == "end connect_failed not_sent 14");
  HandServed again;
  LoggedCall& after = again.Start();
  {
    RawPeer peer = again.Serve();
    HandServed::AwaitRequest(peer);
  }
  CHECK(after.log.Await("end") == "end connection_lost sent_answer_unknown 14");
}

TEST_CASE(
    "a server that speaks HTTP/1 is a failed connection; one that turns to garbage an error") {
  HandServed served;
  LoggedCall& first = served.Start();
  RawPeer web = served.listener.Accept();
  web.Send("HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\n\r\n");
  CHECK(first.log.Await("end") == "end connect_failed not_sent 14");
  HandServed again;
  LoggedCall& second = again.Start();
  RawPeer peer = again.Serve();
  HandServed::AwaitRequest(peer);
  peer.Send("HTTP/1.1 500 Oops\r\n\r\n");
  CHECK(second.log.Await("end") == "end protocol_error sent_answer_unknown 14");
}

TEST_CASE("calls over the peer's stream limit wait, the earliest deadline first") {
  HandServed served;
  served.options.limits.connections_max = 1;
  served.options.limits.queued_calls_max = 3;
  const std::string one_stream = std::string("\0\x03", 2) + U32(1);
  LoggedCall& first = served.Start({.path = "/t.T/First"});
  RawPeer peer = served.Serve(one_stream);
  HandServed::AwaitRequest(peer);
  const int64_t now = HandServed::SystemClock().MonotonicNanos();
  constexpr int64_t kMinute = 60'000'000'000;
  LoggedCall& patient = served.Start({.path = "/t.T/Patient"});
  LoggedCall& late = served.Start({.path = "/t.T/Late", .deadline_nanos = now + 2 * kMinute});
  LoggedCall& early = served.Start({.path = "/t.T/Early", .deadline_nanos = now + kMinute});
  LoggedCall& surplus = served.Start();
  CHECK(surplus.log.Await("end") == "end queue_full not_sent 8");
  served.loop().RunAndWait([&] { CHECK(served.channel->queued_calls() == 3); });
  const std::string done = HeadersFrame(AnswerHead({{"grpc-status", "0"}}), true, 1);
  peer.Send(done);
  CHECK(first.log.Await("end") == "end answered answered 0");
  uint32_t stream = 3;
  for (LoggedCall* next : {&early, &late, &patient}) {
    HandServed::AwaitRequest(peer, stream);
    peer.Send(HeadersFrame(AnswerHead({{"grpc-status", "0"}}), true, stream));
    CHECK(next->log.Await("end") == "end answered answered 0");
    stream += 2;
  }
}

TEST_CASE("a full connection makes the pool grow up to its limit") {
  HandServed served;
  served.options.limits.connections_max = 2;
  const std::string one_stream = std::string("\0\x03", 2) + U32(1);
  served.Start();
  RawPeer first = served.Serve(one_stream);
  HandServed::AwaitRequest(first);
  served.Start();
  RawPeer second = served.Serve(one_stream);
  HandServed::AwaitRequest(second);
  served.Start();
  served.loop().RunAndWait([&] {
    CHECK(served.channel->connections() == 2);
    CHECK(served.channel->queued_calls() == 1);
  });
}

TEST_CASE("after GOAWAY calls go to a new connection, and the old one finishes its own") {
  HandServed served;
  LoggedCall& old = served.Start();
  RawPeer first = served.Serve();
  HandServed::AwaitRequest(first);
  first.Send(Frame(kGoAwayFrame, 0, 0, U32(0x7FFFFFFF) + U32(0)) + Frame(kPing, 0, 0, "12345678"));
  REQUIRE(first.ReadUntil(kPing));
  LoggedCall& fresh = served.Start();
  RawPeer second = served.Serve();
  HandServed::AwaitRequest(second);
  first.Send(HeadersFrame(AnswerHead({{"grpc-status", "0"}}), true));
  CHECK(old.log.Await("end") == "end answered answered 0");
  CHECK(first.ReadToEnd());
  second.Send(HeadersFrame(AnswerHead({{"grpc-status", "0"}}), true));
  CHECK(fresh.log.Await("end") == "end answered answered 0");
}

TEST_CASE("a deadline resets the stream; the connection stays") {
  tests::FakeClock clock;
  HandServed served(clock);
  served.options.timeouts.keepalive = absl::InfiniteDuration();
  LoggedCall& call =
      served.Start({.path = "/t.T/M", .deadline_nanos = clock.MonotonicNanos() + 5'000'000'000});
  RawPeer peer = served.Serve();
  HandServed::AwaitRequest(peer);
  clock.Advance(absl::Seconds(5));
  served.loop().RunAndWait([] {});
  CHECK(call.log.Await("end") == "end deadline sent_answer_unknown 4");
  CHECK(peer.ReadUntil(kRstStream, 1)->payload == U32(8));
  LoggedCall& next = served.Start();
  HandServed::AwaitRequest(peer, 3);
  peer.Send(HeadersFrame(AnswerHead({{"grpc-status", "0"}}), true, 3));
  CHECK(next.log.Await("end") == "end answered answered 0");
}

TEST_CASE("cancelling and letting go reset the stream; an answer that comes late is ignored") {
  HandServed served;
  LoggedCall& cancelled = served.Start();
  RawPeer peer = served.Serve();
  HandServed::AwaitRequest(peer);
  served.loop().RunAndWait([&] {
    cancelled.call->Cancel();
    CHECK(cancelled.log.All().empty());  // never from inside
  });
  CHECK(cancelled.log.Await("end") == "end cancelled sent_answer_unknown 1");
  CHECK(peer.ReadUntil(kRstStream, 1)->payload == U32(8));
  LoggedCall& dropped = served.Start();
  HandServed::AwaitRequest(peer, 3);
  served.loop().RunAndWait([&] { dropped.call.reset(); });
  CHECK(peer.ReadUntil(kRstStream, 3)->payload == U32(8));
  peer.Send(HeadersFrame(AnswerHead({{"grpc-status", "0"}}), true, 3) +
            Frame(kPing, 0, 0, "12345678"));
  REQUIRE(peer.ReadUntil(kPing));
  CHECK(dropped.log.All().empty());
}

TEST_CASE("after a failed connection calls fail at once until the back-off has passed") {
  tests::FakeClock clock;
  HandServed served(clock);
  served.options.timeouts.backoff_first = absl::Seconds(1);
  served.options.timeouts.backoff_jitter = 0;
  served.options.timeouts.keepalive = absl::InfiniteDuration();
  served.listener.Close();
  CHECK(served.Start().log.Await("end") == "end connect_failed not_sent 14");
  clock.Advance(absl::Seconds(1) - absl::Nanoseconds(1));
  served.loop().RunAndWait([] {});
  LoggedCall& held_back = served.Start();
  CHECK(held_back.log.Await("end") == "end connect_failed not_sent 14");
  CHECK(held_back.last.text.find("refused") != std::string::npos);
  served.loop().RunAndWait([&] { CHECK(served.channel->connections() == 0); });
  clock.Advance(absl::Nanoseconds(1));
  served.loop().RunAndWait([] {});
  // A new attempt: it fails as well, and the next pause is longer by the factor.
  CHECK(served.Start().log.Await("end") == "end connect_failed not_sent 14");
  clock.Advance(absl::Seconds(1));
  served.loop().RunAndWait([] {});
  served.loop().RunAndWait([&] {
    auto call = std::make_unique<LoggedCall>();
    call->call = served.channel->Start({.path = "/t.T/M"}, call.get());
    CHECK(served.channel->connections() == 0);  // still in the pause of 1.6 s: no attempt
    served.calls.push_back(std::move(call));
  });
}

TEST_CASE("a server that never greets is given up") {
  tests::FakeClock clock;
  HandServed served(clock);
  served.options.timeouts.connect = absl::Seconds(5);
  LoggedCall& call = served.Start();
  RawPeer peer = served.listener.Accept();
  REQUIRE(peer.ReadBytes(24).size() == 24);
  clock.Advance(absl::Seconds(5));
  served.loop().RunAndWait([] {});
  CHECK(call.log.Await("end") == "end connect_failed not_sent 14");
  CHECK(call.last.text.find("timeout") != std::string::npos);
}

TEST_CASE("a silent server is asked while calls are open, and given up when it does not answer") {
  tests::FakeClock clock;
  HandServed served(clock);
  served.options.timeouts.keepalive = absl::Seconds(30);
  served.options.timeouts.keepalive_answer = absl::Seconds(10);
  served.options.timeouts.idle = absl::InfiniteDuration();
  LoggedCall& call = served.Start();
  RawPeer peer = served.Serve();
  HandServed::AwaitRequest(peer);
  clock.Advance(absl::Seconds(30));
  served.loop().RunAndWait([] {});
  REQUIRE(peer.ReadUntil(kPing));
  clock.Advance(absl::Seconds(10));
  served.loop().RunAndWait([] {});
  CHECK(call.log.Await("end") == "end protocol_error sent_answer_unknown 14");
  CHECK(peer.ReadToEnd());
}

TEST_CASE("an idle connection is closed, and the next call makes a new one") {
  tests::FakeClock clock;
  HandServed served(clock);
  served.options.timeouts.idle = absl::Minutes(5);
  LoggedCall& first = served.Start();
  RawPeer peer = served.Serve();
  HandServed::AwaitRequest(peer);
  peer.Send(HeadersFrame(AnswerHead({{"grpc-status", "0"}}), true));
  REQUIRE_FALSE(first.log.Await("end").empty());
  clock.Advance(absl::Minutes(5));
  served.loop().RunAndWait([] {});
  CHECK(peer.ReadUntil(kGoAwayFrame));
  CHECK(peer.ReadToEnd());
  served.Start();
  RawPeer second = served.Serve();
  HandServed::AwaitRequest(second);
}

TEST_CASE("destroying the channel ends its calls") {
  HandServed served;
  LoggedCall& begun = served.Start();
  RawPeer peer = served.Serve();
  HandServed::AwaitRequest(peer);
  served.loop().RunAndWait([&] {
    served.channel.reset();
    CHECK(begun.log.All() == std::vector<std::string>{"end channel_closed sent_answer_unknown 14"});
  });
  CHECK(peer.ReadToEnd());
}

TEST_CASE("an identifier is never put into HPACK's table, and nothing is compressed on request") {
  HandServed served;
  served.Start({.path = "/t.T/M",
                .metadata = {{"ndx-officer", "secret"}, {"x-bin", "raw"}, {"x-plain", "p"}}});
  RawPeer peer = served.Serve();
  const auto frame = peer.ReadUntil(kHeaders, 1);
  REQUIRE(frame);
  const RawHeaders headers = peer.Decode(frame->payload);
  CHECK(ValueOf(headers, ":method") == "POST");
  CHECK(ValueOf(headers, "te") == "trailers");
  CHECK(ValueOf(headers, "grpc-accept-encoding") == "identity");
  CHECK(ValueOf(headers, "grpc-encoding").empty());
  CHECK(ValueOf(headers, "ndx-officer") == "secret");
  CHECK(ValueOf(headers, "x-bin") == "cmF3");
  CHECK(peer.NeverIndexed() == std::vector<std::string>{"ndx-officer", "x-bin"});
}

}  // namespace
}  // namespace ndx::transport
