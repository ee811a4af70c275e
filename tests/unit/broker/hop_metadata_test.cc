#include "ndx/broker/hop_metadata.h"

#include <catch2/catch.hpp>

namespace ndx::broker {
namespace {

TEST_CASE("what the node says itself, and what is said between neighbours, does not cross") {
  for (const char* key :
       {"ndx-consumer", "ndx-receipt-bin", "ndx-", "traceparent", "te", "grpc-timeout",
        "grpc-status", "connection", "keep-alive", "upgrade", "proxy-authorization",
        "proxy-authenticate", "proxy-connection", "transfer-encoding", "trailer", "alt-svc", "host",
        ":path", "",
        // As if from the node, or from a proxy before it.
        "ndx_consumer", "ndx.consumer", "ndx-identity", "forwarded", "x-forwarded-for",
        "x-forwarded-client-cert", "x_forwarded_for", "x-forwarded-client-cert-bin", "x-real-ip",
        "x_real.ip", "x-road-client", "x-road-service", "client-cert", "client-cert-chain",
        "x-client-cert", "x-ssl-client-verify", "ssl-client-cert", "true-client-ip"}) {
    CAPTURE(key);
    CHECK_FALSE(CrossesNode(key));
  }
}

TEST_CASE("everything else crosses, in its order and with repeated keys") {
  for (const char* key : {"x-app", "tracestate", "baggage", "authorization", "ndx", "etag", "x_app",
                          "forwarded-by-us", "x-forwarded", "x-client-version", "x-road"}) {
    CAPTURE(key);
    CHECK(CrossesNode(key));
  }
  const transport::Metadata given = {
      {"b", "1"}, {"ndx-consumer", "forged"}, {"a-bin", std::string("\x00\xff", 2)}, {"b", "2"}};
  const transport::Metadata across = AcrossNode(given);
  CHECK(across ==
        transport::Metadata({{"b", "1"}, {"a-bin", std::string("\x00\xff", 2)}, {"b", "2"}}));
}

}  // namespace
}  // namespace ndx::broker
