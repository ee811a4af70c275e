#include "ndx/daemon/following.h"

#include <algorithm>
#include <memory>
#include <utility>

#include "duration_setting.h"
#include "ndx/core/status_macros.h"
#include "ndx/registry/calendar.h"

namespace ndx::daemon {
namespace {

using telemetry::LogEvent;

// The reference of a dossier is made when an exchange comes, its leaf is written when it ends: the
// leaf may be of the next year. No exchange lasts that long.
constexpr absl::Duration kExchangeSpan = absl::Hours(24);

uint32_t YearOf(absl::Time time) {
  return static_cast<uint32_t>(registry::VietnamDay(time).year());
}

}  // namespace

absl::Status FollowJournal(const FollowingParts& parts) {
  journal::FollowOptions options;
  options.types = [&registry = parts.registry](const std::string& method) -> journal::MethodTypes {
    auto snapshot = registry.Current();
    const registry::MethodEntry* const entry = snapshot->FindMethod(method);
    if (entry == nullptr) return {};
    return {.request = entry->input, .response = entry->output, .owner = std::move(snapshot)};
  };
  options.observers = {&parts.index, &parts.quotas};
  options.interval = DurationOf(parts.settings.follow_interval());
  options.intake_keys_kept = DurationOf(parts.settings.intake_keys_kept());
  options.on_trouble = [&log = parts.log](const absl::Status& status) {
    if (status.ok()) {
      log.Write(LogEvent::kFollowerRecovered);
    } else {
      log.Write(LogEvent::kFollowerTrouble, {{"error", status}});
    }
  };
  options.retention = parts.retention;
  return parts.journal.StartFollowing(std::move(options));
}

void AddFollowerMetrics(journal::PayloadKeeper& keeper, const core::Clock& clock,
                        telemetry::MetricRegistry& metrics) {
  const auto add = [&](absl::string_view name, absl::string_view help,
                       std::function<double(const journal::FollowProgress&)> read) {
    metrics.AddSource(telemetry::MetricRegistry::SourceKind::kGauge, name, help,
                      [&keeper, read = std::move(read)] { return read(keeper.progress()); });
  };
  add("ndx_follower_lag_leaves", "Leaves whose payload keys are not moved yet.",
      [](const auto& progress) { return static_cast<double>(progress.size - progress.next_leaf); });
  add("ndx_follower_lag_seconds", "Age of the first leaf whose payload keys are not moved yet.",
      [](const auto& progress) { return absl::ToDoubleSeconds(progress.lag); });
  add("ndx_follower_working", "1 while nothing keeps the journal's follower from going on.",
      [](const auto& progress) { return progress.trouble.ok() ? 1.0 : 0.0; });
  add("ndx_intake_keys", "Intake keys kept.",
      [](const auto& progress) { return static_cast<double>(progress.intake_keys); });
  add("ndx_intake_key_oldest_seconds",
      "Time since the hour of the oldest intake key began; it must not be over 24 hours.",
      [&clock](const auto& progress) {
        if (progress.intake_keys == 0) return 0.0;
        return absl::ToDoubleSeconds(
            std::max(clock.Now() - progress.oldest_intake_key, absl::ZeroDuration()));
      });
}

absl::StatusOr<std::vector<std::string>> ReferencesInTime(journal::RocksJournal& journal,
                                                          journal::ReferenceKind kind,
                                                          absl::string_view value,
                                                          const search::TimeBound& bound,
                                                          absl::Time now) {
  // No leaf is older than the first one, and none newer than now, unless a clock was wrong.
  NDX_ASSIGN_OR_RETURN(const journal::StoredLeaf first, journal.reader().Leaf(0));
  const absl::Time from = std::max(bound.from, absl::FromUnixNanos(first.leaf.time_unix_ns()));
  const uint32_t last_year = YearOf(std::min(bound.to, now));
  std::vector<std::string> references;
  for (uint32_t year = YearOf(from - kExchangeSpan); year <= last_year; ++year) {
    const auto reference = journal.payload_keeper().ReferenceOfYear(kind, value, year);
    if (absl::IsNotFound(reference.status())) continue;
    NDX_RETURN_IF_ERROR(reference.status());
    references.push_back(reference->hmac());
  }
  return references;
}

}  // namespace ndx::daemon
