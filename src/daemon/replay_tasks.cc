#include "ndx/daemon/replay_tasks.h"

#include <utility>

#include "duration_setting.h"
#include "ndx/core/status_macros.h"

namespace ndx::daemon {
namespace {

replay::PlannerOptions PlannerOptionsOf(const settings::v1::ReplaySettings& settings) {
  return {.items_max = settings.items(),
          .quota_percent = settings.quota_percent(),
          .pace_per_minute = settings.pace_per_minute(),
          .pace_per_minute_max = settings.pace_per_minute_max(),
          .stop_after = settings.stop_after()};
}

}  // namespace

absl::StatusOr<std::unique_ptr<ReplayTasks>> ReplayTasks::Open(
    const Parts& parts, const settings::v1::ReplaySettings& settings) {
  NDX_ASSIGN_OR_RETURN(auto store, replay::TaskStore::Open(parts.directory));
  std::unique_ptr<ReplayTasks> tasks(new ReplayTasks(parts, settings, std::move(store)));
  NDX_RETURN_IF_ERROR(tasks->runner_.PauseInterrupted());
  return tasks;
}

ReplayTasks::ReplayTasks(const Parts& parts, const settings::v1::ReplaySettings& settings,
                         std::unique_ptr<replay::TaskStore> store)
    : store_(std::move(store)),
      replayer_(parts.broker, parts.loops, parts.journal, parts.reader, parts.registry,
                parts.clock),
      resolver_(parts.broker, parts.loops, parts.journal, parts.reader, parts.registry,
                parts.clock),
      ledger_(parts.journal),
      planner_({.reader = parts.reader,
                .index = &parts.index,
                .journal = parts.journal,
                .registry = parts.registry,
                .store = *store_,
                .clock = parts.clock},
               PlannerOptionsOf(settings)),
      runner_({.sending = {.store = *store_,
                           .ledger = ledger_,
                           .replayer = replayer_,
                           .resolver = resolver_,
                           .reader = parts.reader,
                           .index = &parts.index,
                           .registry = parts.registry,
                           .clock = parts.clock,
                           .random = parts.random},
               .dry_run = {.reader = parts.reader,
                           .registry = parts.registry,
                           .limiter = parts.limiter,
                           .clock = parts.clock},
               .log = parts.log,
               .stopped = parts.stopped,
               .overloaded = [&broker =
                                  parts.broker] { return broker.capacity().limit().has_value(); }},
              {.tasks_max = settings.running_tasks()}),
      desk_({.store = *store_,
             .ledger = ledger_,
             .planner = planner_,
             .runner = runner_,
             .clock = parts.clock,
             .persons = &parts.persons},
            {.approval_life = DurationOf(settings.approval_life())}) {}

void ReplayTasks::AddMetrics(telemetry::MetricRegistry& metrics) {
  using Kind = telemetry::MetricRegistry::SourceKind;
  metrics.AddSource(Kind::kGauge, "ndx_replay_tasks_running", "Replay tasks under way.",
                    [this] { return static_cast<double>(runner_.running()); });
  metrics.AddSource(Kind::kCounter, "ndx_replay_items_answered",
                    "Exchanges of replay tasks that were sent again and answered well.",
                    [this] { return static_cast<double>(runner_.answered()); });
  metrics.AddSource(Kind::kCounter, "ndx_replay_items_failed",
                    "Exchanges of replay tasks that were not sent or not answered well.",
                    [this] { return static_cast<double>(runner_.failed()); });
}

}  // namespace ndx::daemon
