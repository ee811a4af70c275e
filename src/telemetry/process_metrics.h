// Measurements of the process itself under the names that Prometheus' own client libraries use:
// memory, descriptors, processor time, start time; and the version that runs.
//
// Thread-safety: thread-safe. Source: proc(5), read at each scrape.
#pragma once

#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "ndx/telemetry/metric_registry.h"

namespace ndx::telemetry {

void AddProcessMetrics(MetricRegistry& metrics, absl::string_view program,
                       absl::string_view version, absl::Time started);

}  // namespace ndx::telemetry
