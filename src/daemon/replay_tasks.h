// Replays as tasks, wired: store, planner, runner and the operators' desk, from settings.
//
// Thread-safety: Open(), AddMetrics() and Stop() from the main thread; desk() thread-safe.
// Ownership: everything given outlives Stop(). Errors: Open() says which directory.
#pragma once

#include <functional>
#include <memory>
#include <string>

#include "absl/status/statusor.h"
#include "ndx/broker/broker.h"
#include "ndx/console/replay_desk.h"
#include "ndx/core/random.h"
#include "ndx/replay/replayer.h"
#include "ndx/replay/resolver.h"
#include "ndx/replay/task_runner.h"
#include "ndx/search/search_index.h"
#include "ndx/settings/v1/node_settings.pb.h"
#include "ndx/telemetry/metric_registry.h"

namespace ndx::daemon {

class ReplayTasks {
 public:
  struct Parts {
    std::string directory;  // of its own; created where absent
    broker::Broker& broker;
    transport::EventLoopGroup& loops;
    journal::Journal& journal;
    const journal::JournalReader& reader;
    const search::SearchIndex& index;
    const registry::Registry& registry;
    const routing::RateLimiter& limiter;
    const core::Clock& clock;
    core::Random& random;
    telemetry::Log& log;
    const console::Persons& persons;
    // True while a stop switch holds calls of this method to this provider back; may be null.
    std::function<bool(absl::string_view method, absl::string_view provider)> stopped = nullptr;
  };

  // Tasks that an earlier process left running are paused, on record.
  static absl::StatusOr<std::unique_ptr<ReplayTasks>> Open(
      const Parts& parts, const settings::v1::ReplaySettings& settings);

  console::ReplayDesk& desk() { return desk_; }
  void AddMetrics(telemetry::MetricRegistry& metrics);
  // Tasks stay as they are until the next start.
  void Stop() { runner_.Stop(); }

 private:
  ReplayTasks(const Parts& parts, const settings::v1::ReplaySettings& settings,
              std::unique_ptr<replay::TaskStore> store);

  const std::unique_ptr<replay::TaskStore> store_;
  replay::Replayer replayer_;
  replay::Resolver resolver_;
  replay::TaskLedger ledger_;
  replay::Planner planner_;
  replay::TaskRunner runner_;
  console::ReplayDesk desk_;
};

}  // namespace ndx::daemon
