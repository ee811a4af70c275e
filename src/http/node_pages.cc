#include "ndx/http/node_pages.h"

#include <algorithm>

#include "absl/strings/str_cat.h"

namespace ndx::http {

NodePages::NodePages(const telemetry::MetricRegistry& metrics,
                     std::function<std::vector<ReadinessCheck>()> readiness)
    : metrics_(metrics), readiness_(std::move(readiness)) {}

HttpResponse NodePages::Answer(const HttpRequest& request) {
  const bool metrics = request.path == "/metrics";
  const bool live = request.path == "/livez";
  const bool ready = request.path == "/readyz";
  if (!metrics && !live && !ready) {
    return {.status = 404, .body = "not found; there are /metrics, /livez and /readyz\n"};
  }
  if (request.method != "GET" && request.method != "HEAD") {
    return {.status = 405, .body = "use GET\n", .headers = {{"Allow", "GET, HEAD"}}};
  }
  if (metrics) {
    return {.content_type = std::string(telemetry::MetricRegistry::ExpositionContentType()),
            .body = metrics_.Exposition()};
  }
  return live ? HttpResponse{.body = "ok\n"} : Readiness();
}

HttpResponse NodePages::Readiness() const {
  const std::vector<ReadinessCheck> checks = readiness_();
  HttpResponse response;
  for (const ReadinessCheck& check : checks) {
    absl::StrAppend(&response.body, check.ready ? "ok   " : "FAIL ", check.name,
                    check.detail.empty() ? "" : ": ", check.detail, "\n");
  }
  const bool ready =
      std::all_of(checks.begin(), checks.end(), [](const auto& check) { return check.ready; });
  response.status = ready ? 200 : 503;
  return response;
}

}  // namespace ndx::http
