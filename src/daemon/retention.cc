#include "ndx/daemon/retention.h"

#include <algorithm>
#include <functional>
#include <optional>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"

namespace ndx::daemon {

absl::StatusOr<journal::RetentionRules> RetentionOf(const settings::v1::NodeSettings& node,
                                                    absl::string_view file) {
  const settings::v1::RetentionSettings& settings = node.journal().retention();
  std::optional<uint32_t> level;
  if (settings.has_security_level()) level = settings.security_level();
  std::vector<journal::RetentionException> exceptions;
  for (const settings::v1::RetentionException& exception : settings.exceptions()) {
    if (exception.has_keep_days() == exception.keep_for_ever()) {
      return absl::InvalidArgumentError(
          absl::StrCat(file, ": journal.retention.exceptions, ", exception.name(),
                       ": give either keep_days or keep_for_ever: true"));
    }
    exceptions.push_back({.name = exception.name(), .keep_days = exception.keep_days()});
  }
  const bool remove_relayed = node.has_relay() && !node.relay().keep_payloads();
  auto rules = journal::RetentionRules::Make(level, exceptions, remove_relayed);
  if (rules.ok()) return rules;
  return absl::InvalidArgumentError(
      absl::StrCat(file, ": journal.retention: ", rules.status().message()));
}

void AddRetentionMetrics(journal::PayloadRetention& retention, const core::Clock& clock,
                         telemetry::MetricRegistry& metrics) {
  using Kind = telemetry::MetricRegistry::SourceKind;
  const auto add = [&](Kind kind, absl::string_view name, absl::string_view help,
                       std::function<double(const journal::RetentionStatus&)> read) {
    metrics.AddSource(kind, name, help,
                      [&retention, read = std::move(read)] { return read(retention.status()); });
  };
  add(Kind::kCounter, "ndx_payloads_pruned_total",
      "Exchanges whose payloads were removed when their retention was over.",
      [](const auto& status) { return static_cast<double>(status.exchanges_pruned); });
  add(Kind::kCounter, "ndx_payload_bytes_pruned_total", "Stored bytes of these.",
      [](const auto& status) { return static_cast<double>(status.bytes_pruned); });
  add(Kind::kCounter, "ndx_segment_bytes_freed_total",
      "Bytes of segment files given back to the disk.",
      [](const auto& status) { return static_cast<double>(status.segment_bytes_freed); });
  add(Kind::kGauge, "ndx_payload_oldest_seconds", "Age of the oldest leaf with a payload.",
      [&clock](const auto& status) {
        if (status.oldest_kept == absl::InfiniteFuture()) return 0.0;
        return absl::ToDoubleSeconds(
            std::max(clock.Now() - status.oldest_kept, absl::ZeroDuration()));
      });
  add(Kind::kGauge, "ndx_retention_lag_seconds",
      "Since how long the first payload that is still to be removed has been due.",
      [](const auto& status) { return absl::ToDoubleSeconds(status.lag); });
  add(Kind::kGauge, "ndx_retention_kept_back",
      "Exchanges that are due and kept: by a legal hold, or a clock that was ahead.",
      [](const auto& status) { return static_cast<double>(status.kept_back); });
  add(Kind::kGauge, "ndx_retention_clock_ahead_seconds",
      "How far the clock is ahead of the time by which retention is counted.",
      [](const auto& status) { return absl::ToDoubleSeconds(status.clock_ahead); });
}

}  // namespace ndx::daemon
