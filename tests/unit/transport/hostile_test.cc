// Peers that break the rules by hand: what a server must survive, and what only their stream may
// feel.
#include <catch2/catch.hpp>
#include <string>

#include "absl/strings/str_cat.h"
#include "loopback.h"
#include "ndx/transport/gzip.h"
#include "raw_peer.h"

namespace ndx::transport {
namespace {

// Sends a request and its body (END_STREAM) on stream 1; the log of the service tells the rest.
RawPeer SendRequest(Loopback& loopback, const RawHeaders& headers, const std::string& body) {
  RawPeer peer = RawPeer::Connect(loopback.port());
  peer.Send(ClientHello() + Frame(kHeaders, kEndHeaders, 1, Hpack(headers)) +
            Frame(kData, kEndStream, 1, body));
  return peer;
}

bool StillServes(Loopback& loopback) {
  loopback.NewChannel();
  return loopback.Call("/t.T/Echo", {"well"}).end.status.ok();
}

TEST_CASE("what is not gRPC gets an HTTP status and no service") {
  struct Case {
    const char* name;
    RawHeaders changes;
    int status;
  };
  const Case cases[] = {{"another content-type", {{"content-type", "text/plain"}}, 415},
                        {"no content-type", {{"content-type", "-"}}, 415},
                        {"gRPC-Web", {{"content-type", "application/grpc-web+proto"}}, 415},
                        {"GET", {{":method", "GET"}}, 405},
                        {"no te", {{"te", "-"}}, 400}};
  for (const Case& c : cases) {
    INFO(c.name);
    Loopback loopback(Wire::kPlaintext);
    loopback.StartServer();
    RawPeer peer = SendRequest(loopback, GrpcHeaders("/t.T/Echo", c.changes), Prefixed("x"));
    const RawHeaders answer = peer.ReadHeaders(1);
    CHECK(ValueOf(answer, ":status") == std::to_string(c.status));
    CHECK(ValueOf(answer, "grpc-status").empty());
    CHECK(loopback.observer.log.Await("not gRPC") == absl::StrCat("not gRPC ", c.status));
    CHECK(loopback.script.log.All().empty());
    CHECK(StillServes(loopback));
  }
}

TEST_CASE("content types of gRPC are all taken") {
  for (const char* type : {"application/grpc", "application/grpc+proto", "application/grpc+json",
                           "application/grpc;charset=utf-8"}) {
    INFO(type);
    Loopback loopback(Wire::kPlaintext);
    loopback.StartServer();
    RawPeer peer =
        SendRequest(loopback, GrpcHeaders("/t.T/Echo", {{"content-type", type}}), Prefixed("x"));
    CHECK(loopback.script.log.Await("closed") == "closed delivered");
    CHECK(loopback.script.log.Count("message 1") == 1);
  }
}

TEST_CASE("broken requests reach the service as malformed, and only their stream suffers") {
  struct Case {
    const char* name;
    RawHeaders changes;
    std::string body;
    const char* malformed;
  };
  const std::string prefix_only = Prefixed(std::string(100, 'x')).substr(0, 5);
  const Case cases[] = {
      {"bad -bin", {{"x-id-bin", "!!!"}}, Prefixed("x"), "malformed INVALID_ARGUMENT"},
      {"bad timeout", {{"grpc-timeout", "1 hour"}}, Prefixed("x"), "malformed INTERNAL"},
      {"unknown encoding", {{"grpc-encoding", "br"}}, Prefixed("x"), "malformed UNIMPLEMENTED"},
      {"no message", {}, "", "malformed UNIMPLEMENTED"},
      {"two messages", {}, Prefixed("x") + Prefixed("y"), "malformed UNIMPLEMENTED"},
      {"a length that lies", {}, prefix_only, "malformed INTERNAL"},
      {"a cut prefix", {}, prefix_only.substr(0, 3), "malformed INTERNAL"},
      {"bytes behind the message", {}, Prefixed("x") + "y", "malformed INTERNAL"},
      {"an unknown flag", {}, Prefixed("x", 7), "malformed INTERNAL"},
      {"compressed undeclared", {}, Prefixed(Gzip("x"), 1), "malformed INTERNAL"},
      {"a gzip bomb",
       {{"grpc-encoding", "gzip"}},
       Prefixed(Gzip(std::string(3 << 20, 'x')), 1),
       "malformed RESOURCE_EXHAUSTED"},
      {"a length of 4 GiB",
       {},
       std::string("\0\xFF\xFF\xFF\xFF", 5),
       "malformed RESOURCE_EXHAUSTED"},
  };
  for (const Case& c : cases) {
    INFO(c.name);
    Loopback loopback(Wire::kPlaintext);
    loopback.StartServer();
    RawPeer peer = SendRequest(loopback, GrpcHeaders("/t.T/Echo", c.changes), c.body);
    const RawHeaders answer = peer.ReadHeaders(1);
    CHECK(ValueOf(answer, ":status") == "200");
    CHECK(ValueOf(answer, "content-type") == "application/grpc");
    CHECK(ValueOf(answer, "grpc-status") != "0");
    CHECK_FALSE(ValueOf(answer, "grpc-status").empty());
    CHECK(loopback.script.log.Await("malformed").find(c.malformed) == 0);
    CHECK(loopback.script.log.Count("message") == 0);
    CHECK(loopback.script.log.Await("closed") == "closed delivered");
    if (std::string(c.name) == "unknown encoding") {
      CHECK(ValueOf(answer, "grpc-accept-encoding") == "identity,gzip");
    }
    // The same connection goes on.
    peer.Send(Frame(kHeaders, kEndHeaders, 3, Hpack(GrpcHeaders("/t.T/Echo"))) +
              Frame(kData, kEndStream, 3, Prefixed("well")));
    CHECK(peer.ReadUntil(kData, 3)->payload == Prefixed("well"));
    CHECK(loopback.observer.log.Count("attack") == 0);
  }
}

TEST_CASE("gzip requests are unpacked, identity is named or not") {
  Loopback loopback(Wire::kPlaintext);
  loopback.StartServer();
  RawPeer peer = SendRequest(loopback, GrpcHeaders("/t.T/Echo", {{"grpc-encoding", "gzip"}}),
                             Prefixed(Gzip("packed"), 1));
  CHECK(peer.ReadUntil(kData, 1)->payload == Prefixed("packed"));
  RawPeer plain = SendRequest(loopback, GrpcHeaders("/t.T/Echo", {{"grpc-encoding", "identity"}}),
                              Prefixed("plain"));
  CHECK(plain.ReadUntil(kData, 1)->payload == Prefixed("plain"));
}

TEST_CASE("a header list over its limit is malformed, far over it cuts the connection") {
  ServerOptions options;
  options.limits.header_list_bytes_max = 4096;
  const auto with_padding = [](size_t bytes) {
    RawHeaders headers = GrpcHeaders("/t.T/Hold");
    size_t used = 0;
    for (const auto& [name, value] : headers) used += name.size() + value.size() + 32;
    headers.emplace_back("x-pad", std::string(bytes - used - 5 - 32, 'p'));
    return headers;
  };
  Loopback loopback(Wire::kPlaintext, options);
  loopback.StartServer();
  RawPeer at = SendRequest(loopback, with_padding(4096), "");
  CHECK(loopback.script.log.Await("request end") == "request end");
  CHECK(loopback.script.log.Count("malformed") == 0);
  RawPeer over = SendRequest(loopback, with_padding(4097), "");
  CHECK(loopback.script.log.Await("malformed").find("malformed RESOURCE_EXHAUSTED") == 0);
  RawPeer far = SendRequest(loopback, with_padding(4 * 4096 + 1), "");
  CHECK(far.ReadToEnd());
  CHECK(loopback.observer.log.Await("attack") == "attack header_list_too_large");
  CHECK(StillServes(loopback));
}

TEST_CASE("as many headers as allowed pass, one more does not") {
  ServerOptions options;
  options.limits.header_count_max = 20;
  Loopback loopback(Wire::kPlaintext, options);
  loopback.StartServer();
  RawHeaders headers = GrpcHeaders("/t.T/Hold");
  while (headers.size() < 20) headers.emplace_back("x", "y");
  RawPeer at = SendRequest(loopback, headers, "");
  CHECK(loopback.script.log.Await("request end") == "request end");
  headers.emplace_back("x", "y");
  RawPeer over = SendRequest(loopback, headers, "");
  CHECK(loopback.script.log.Await("malformed").find("malformed RESOURCE_EXHAUSTED") == 0);
}

TEST_CASE("floods cut the connection and nothing else") {
  struct Flood {
    const char* name;
    std::string once;  // sent before
    std::string unit;  // sent until the server has had enough
    const char* attack;
  };
  const std::string request = Frame(kHeaders, kEndHeaders, 1, Hpack(GrpcHeaders("/t.T/Hold")));
  const Flood floods[] = {
      {"PING", "", Frame(kPing, 0, 0, "12345678"), "attack ping_flood"},
      {"SETTINGS", "", Frame(kSettingsFrame, 0, 0, ""), "attack settings_flood"},
      {"empty DATA", request, Frame(kData, 0, 1, ""), "attack empty_frame_flood"},
      {"CONTINUATION", Frame(kHeaders, 0, 1, Hpack(GrpcHeaders("/t.T/Hold"))),
       Frame(kContinuation, 0, 1, ""), "attack continuation_flood"},
  };
  for (const Flood& flood : floods) {
    INFO(flood.name);
    Loopback loopback(Wire::kPlaintext);
    loopback.StartServer();
    RawPeer peer = RawPeer::Connect(loopback.port());
    std::string bytes = ClientHello() + flood.once;
    for (int i = 0; i < 2000; ++i) bytes += flood.unit;
    peer.Send(bytes);
    CHECK(peer.ReadToEnd());
    CHECK(loopback.observer.log.Await("attack") == flood.attack);
    CHECK_FALSE(loopback.observer.log.Await("closed").empty());
    CHECK(loopback.observer.log.Count("attack") == 1);
    CHECK(StillServes(loopback));
  }
}

TEST_CASE("frames up to the allowed burst are no attack") {
  Loopback loopback(Wire::kPlaintext);
  loopback.StartServer();
  RawPeer peer = RawPeer::Connect(loopback.port());
  std::string bytes = ClientHello();
  for (uint32_t i = 0; i < ServerLimits{}.pings.burst; ++i) bytes += Frame(kPing, 0, 0, "12345678");
  bytes += Frame(kHeaders, kEndHeaders, 1, Hpack(GrpcHeaders("/t.T/Echo")));
  bytes += Frame(kData, kEndStream, 1, Prefixed("well"));
  peer.Send(bytes);
  CHECK(peer.ReadUntil(kData, 1)->payload == Prefixed("well"));
  CHECK(loopback.observer.log.Count("attack") == 0);
}

TEST_CASE("rapid reset is cut off, and every call it made is cancelled and finished") {
  Loopback loopback(Wire::kPlaintext);
  loopback.StartServer();
  RawPeer peer = RawPeer::Connect(loopback.port());
  std::string bytes = ClientHello();
  const std::string block = Hpack(GrpcHeaders("/t.T/Hold"));
  for (uint32_t id = 1; id < 4000; id += 2) {
    bytes += Frame(kHeaders, kEndHeaders, id, block) + Frame(kRstStream, 0, id, U32(8));
  }
  peer.Send(bytes);
  CHECK(peer.ReadToEnd());
  CHECK(loopback.observer.log.Await("attack") == "attack rapid_reset");
  REQUIRE_FALSE(loopback.observer.log.Await("closed").empty());
  const size_t calls = loopback.script.log.Count("call");
  CHECK(calls <= ServerLimits{}.resets.burst + 50);
  CHECK(loopback.script.log.AwaitCount("destroyed", calls));
  CHECK(loopback.server->calls() == 0);
  CHECK(StillServes(loopback));
}

TEST_CASE("streams over the limit are refused, unfinished ones counted") {
  ServerOptions options;
  options.limits.concurrent_streams_max = 3;
  Loopback loopback(Wire::kPlaintext, options);
  std::vector<ServerCall*> unfinished;
  loopback.script.Add("/t.T/Stubborn", [&](ServerCall& call) {
    auto probe = std::make_unique<Probe>(call, loopback.script.log);
    unfinished.push_back(&call);
    probe->on_cancelled = [](CancelCause) {};
    return probe;
  });
  loopback.StartServer();
  RawPeer peer = RawPeer::Connect(loopback.port());
  peer.Send(ClientHello());
  REQUIRE(peer.ReadUntil(kSettingsFrame));
  // Not acknowledged: past an acknowledged limit nghttp2 ends the connection instead.
  const std::string block = Hpack(GrpcHeaders("/t.T/Stubborn"));
  for (const uint32_t id : {1u, 3u, 5u, 7u}) peer.Send(Frame(kHeaders, kEndHeaders, id, block));
  auto reset = peer.ReadUntil(kRstStream);
  REQUIRE(reset);
  CHECK(reset->stream == 7);
  CHECK(reset->payload == U32(7));  // REFUSED_STREAM
  CHECK(loopback.script.log.Count("call") == 3);
  // Resetting makes room for as many again while the service has not finished the old ones.
  for (const uint32_t id : {1u, 3u, 5u}) peer.Send(Frame(kRstStream, 0, id, U32(8)));
  for (const uint32_t id : {9u, 11u, 13u}) peer.Send(Frame(kHeaders, kEndHeaders, id, block));
  REQUIRE(loopback.script.log.AwaitCount("call", 6));
  for (const uint32_t id : {9u, 11u, 13u}) peer.Send(Frame(kRstStream, 0, id, U32(8)));
  peer.Send(Frame(kHeaders, kEndHeaders, 15, block));
  reset = peer.ReadUntil(kRstStream, 15);
  REQUIRE(reset);
  CHECK(reset->payload == U32(7));
  CHECK(loopback.script.log.Count("call") == 6);
  unfinished[0]->loop().RunAndWait([&] {
    for (ServerCall* call : unfinished) call->Finish({});
  });
  CHECK(loopback.script.log.AwaitCount("destroyed", 6));
}

TEST_CASE("garbage instead of HTTP/2 closes the connection") {
  Loopback loopback(Wire::kPlaintext);
  loopback.StartServer();
  for (const std::string& garbage :
       {std::string("GET / HTTP/1.1\r\nHost: x\r\n\r\n"), std::string(100, '\0'),
        ClientHello() + std::string(100, '\xFF')}) {
    RawPeer peer = RawPeer::Connect(loopback.port());
    peer.Send(garbage);
    CHECK(peer.ReadToEnd());
  }
  CHECK(loopback.observer.log.AwaitCount("closed", 3));
  CHECK(StillServes(loopback));
}

TEST_CASE("connections over the limit are turned away") {
  ServerOptions options;
  options.limits.connections_max = 2;
  Loopback loopback(Wire::kPlaintext, options);
  loopback.StartServer();
  RawPeer first = RawPeer::Connect(loopback.port());
  RawPeer second = RawPeer::Connect(loopback.port());
  REQUIRE(loopback.observer.log.AwaitCount("opened", 2));
  RawPeer third = RawPeer::Connect(loopback.port());
  CHECK(third.ReadToEnd());
  CHECK(loopback.observer.log.Await("turned away") == "turned away: too many connections");
  first.Close();
  REQUIRE(loopback.observer.log.AwaitCount("closed", 1));
  CHECK(StillServes(loopback));
}

}  // namespace
}  // namespace ndx::transport
