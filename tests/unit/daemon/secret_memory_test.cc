#include "ndx/daemon/secret_memory.h"

#include <catch2/catch.hpp>

#include "absl/strings/match.h"
#include "ndx/tests/support/recorded_log.h"

namespace ndx::daemon {
namespace {

TEST_CASE(
    "whether keys are in locked memory stands on the metrics page, and where not in the log") {
  telemetry::MetricRegistry metrics;
  tests::RecordedLog log;
  LockSecrets(metrics, log);
  const bool locked = absl::StrContains(metrics.Exposition(), "ndx_secret_memory_locked 1");
  CHECK(locked != absl::StrContains(metrics.Exposition(), "ndx_secret_memory_locked 0"));
  CHECK(log.CountOf(telemetry::LogEvent::kSecretMemoryNotLocked) == (locked ? 0 : 1));
}

}  // namespace
}  // namespace ndx::daemon
