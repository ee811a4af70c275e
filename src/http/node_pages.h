// The pages that machines ask a node for: /metrics (Prometheus text), /livez and /readyz.
//
// /livez answers 200 as long as the process can answer at all. /readyz answers 200 when the node
// takes exchanges, else 503; both bodies list the checks, one a line, without personal data.
//
// Thread-safety: as HttpSite. Ownership: the registry and what readiness refers to outlive it.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "ndx/http/http_site.h"
#include "ndx/telemetry/metric_registry.h"

namespace ndx::http {

// One condition for taking exchanges.
struct ReadinessCheck {
  std::string name;  // "journal", "registry", "listener"
  bool ready = false;
  std::string detail;  // why not
};

class NodePages final : public HttpSite {
 public:
  NodePages(const telemetry::MetricRegistry& metrics,
            std::function<std::vector<ReadinessCheck>()> readiness);

  HttpResponse Answer(const HttpRequest& request) override;

 private:
  HttpResponse Readiness() const;

  const telemetry::MetricRegistry& metrics_;
  const std::function<std::vector<ReadinessCheck>()> readiness_;
};

}  // namespace ndx::http
