// The retention of payloads as the operator API shows it.
//
// Thread-safety: thread-safe.
#pragma once

#include "ndx/console/v1/journal_retention_service.pb.h"
#include "ndx/journal/payload_retention.h"
#include "ndx/registry/registry_snapshot.h"

namespace ndx::console {

v1::RetentionStatus RetentionStatusOf(const journal::PayloadRetention& retention);

// The registered methods with what applies to each, and those that are due besides; last, without a
// name, what applies to every other.
void AddMethods(const registry::RegistrySnapshot& registry, const journal::RetentionRules& rules,
                const journal::PruneForecast& forecast, v1::GetRetentionResponse& response);

v1::PruneRecord PruneRecordOf(const journal::PruneRecord& record);

}  // namespace ndx::console
