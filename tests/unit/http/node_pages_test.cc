#include "ndx/http/node_pages.h"

#include <catch2/catch.hpp>
#include <string>
#include <vector>

namespace ndx::http {
namespace {

using Catch::Contains;

TEST_CASE("the pages of a node") {
  telemetry::MetricRegistry metrics;
  metrics.AddCounter("ndx_exchanges_total", "Exchanges.").Add(7);
  std::vector<ReadinessCheck> checks = {{.name = "journal", .ready = true},
                                        {.name = "registry", .ready = true}};
  NodePages pages(metrics, [&checks] { return checks; });

  SECTION("/metrics is the scrape") {
    const HttpResponse response = pages.Answer({.method = "GET", .path = "/metrics"});
    CHECK(response.status == 200);
    CHECK(response.content_type == "text/plain; version=0.0.4");
    CHECK_THAT(response.body, Contains("ndx_exchanges_total 7"));
  }
  SECTION("/livez answers whatever the node's state") {
    checks[0].ready = false;
    CHECK(pages.Answer({.method = "GET", .path = "/livez"}).status == 200);
  }
  SECTION("/readyz is 200 when every check passes") {
    const HttpResponse response = pages.Answer({.method = "GET", .path = "/readyz"});
    CHECK(response.status == 200);
    CHECK(response.body == "ok   journal\nok   registry\n");
  }
  SECTION("/readyz is 503 when one does not, and says which") {
    checks[0] = {.name = "journal", .ready = false, .detail = "space low"};
    const HttpResponse response = pages.Answer({.method = "GET", .path = "/readyz"});
    CHECK(response.status == 503);
    CHECK(response.body == "FAIL journal: space low\nok   registry\n");
  }
  SECTION("anything else is not found, and nothing can be posted") {
    CHECK(pages.Answer({.method = "GET", .path = "/"}).status == 404);
    CHECK(pages.Answer({.method = "GET", .path = "/metrics/"}).status == 404);
    CHECK(pages.Answer({.method = "POST", .path = "/metrics"}).status == 405);
  }
}

}  // namespace
}  // namespace ndx::http
