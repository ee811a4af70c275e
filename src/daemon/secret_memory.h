// The node's keys in memory that is never swapped out.
//
// Thread-safety: call once, before any key is read.
#pragma once

#include "ndx/telemetry/log.h"
#include "ndx/telemetry/metric_registry.h"

namespace ndx::daemon {

// Where the limit of locked memory is too small the node goes on: the log says so once, and
// ndx_secret_memory_locked is 0.
void LockSecrets(telemetry::MetricRegistry& metrics, telemetry::Log& log);

}  // namespace ndx::daemon
