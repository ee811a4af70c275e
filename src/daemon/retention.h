// The retention of a node's payloads, wired: the rules of its settings, and what is measured.
//
// Thread-safety: thread-safe functions. Ownership: what is measured outlives the metrics.
#pragma once

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "ndx/core/clock.h"
#include "ndx/journal/payload_retention.h"
#include "ndx/settings/v1/node_settings.pb.h"
#include "ndx/telemetry/metric_registry.h"

namespace ndx::daemon {

// kInvalidArgument, naming file and setting, for what does not fit together.
absl::StatusOr<journal::RetentionRules> RetentionOf(const settings::v1::NodeSettings& node,
                                                    absl::string_view file);

void AddRetentionMetrics(journal::PayloadRetention& retention, const core::Clock& clock,
                         telemetry::MetricRegistry& metrics);

}  // namespace ndx::daemon
