#include "ndx/daemon/secret_memory.h"

#include <string>

#include "ndx/crypto/locked_memory.h"

namespace ndx::daemon {

void LockSecrets(telemetry::MetricRegistry& metrics, telemetry::Log& log) {
  const std::string why_not = crypto::LockSecretMemory();
  metrics
      .AddGauge("ndx_secret_memory_locked", "1 where keys are in memory that is never swapped out.")
      .Set(why_not.empty() ? 1 : 0);
  if (why_not.empty()) return;
  log.Write(telemetry::LogEvent::kSecretMemoryNotLocked, {{"error", why_not}});
}

}  // namespace ndx::daemon
