// The follower of a node's journal, wired: which types payloads have, who is told of leaves, what
// of it stands in log and metrics; and by which references a person is found.
//
// Thread-safety: thread-safe functions. Ownership: everything given outlives the journal, or its
// Close().
#pragma once

#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "ndx/core/clock.h"
#include "ndx/daemon/quota_memory.h"
#include "ndx/journal/rocks_journal.h"
#include "ndx/registry/registry.h"
#include "ndx/search/filter.h"
#include "ndx/search/search_index.h"
#include "ndx/settings/v1/node_settings.pb.h"
#include "ndx/telemetry/log.h"
#include "ndx/telemetry/metric_registry.h"

namespace ndx::daemon {

struct FollowingParts {
  const settings::v1::JournalSettings& settings;
  journal::RocksJournal& journal;
  const registry::Registry& registry;
  search::SearchIndex& index;
  QuotaMemory& quotas;
  telemetry::Log& log;
  journal::RetentionRules retention;
};

// Finishes erasures that the last run had begun, and begins to follow.
absl::Status FollowJournal(const FollowingParts& parts);

// How far the follower is.
void AddFollowerMetrics(journal::PayloadKeeper& keeper, const core::Clock& clock,
                        telemetry::MetricRegistry& metrics);

// The keyed references (16 bytes) under which a value may stand in leaves of this time: one for
// each year of which there is a key.
absl::StatusOr<std::vector<std::string>> ReferencesInTime(journal::RocksJournal& journal,
                                                          journal::ReferenceKind kind,
                                                          absl::string_view value,
                                                          const search::TimeBound& bound,
                                                          absl::Time now);

}  // namespace ndx::daemon
