// What would become of recorded exchanges if they were sent now: the same decisions as the broker's
// stages take, without sending or recording anything.
//
// Judged, in this order: the consumer's standing, the route, the method's rules for replays, the
// access policy, the request against contract and grant, the grant's quota of the day (those judged
// before count as if they had been sent). Not judged: quotas a second, which the pace keeps, of
// persons and of campaigns; whether the provider is up.
//
// Thread-safety: thread-compatible. Blocks on the disk. Ownership: everything given outlives it.
#pragma once

#include <map>
#include <memory>
#include <optional>
#include <string>

#include "ndx/core/clock.h"
#include "ndx/core/refusal.h"
#include "ndx/journal/journal_reader.h"
#include "ndx/registry/registry.h"
#include "ndx/replay/v1/replay_task.pb.h"
#include "ndx/routing/rate_limiter.h"

namespace ndx::replay {

class DryRun {
 public:
  struct Parts {
    const journal::JournalReader& reader;
    const registry::Registry& registry;
    const routing::RateLimiter& limiter;
    const core::Clock& clock;
  };

  // Under the registry and the use of quotas of this moment.
  explicit DryRun(const Parts& parts);

  // Why the item would not be sent; nothing if it would.
  std::optional<core::Refusal> Judge(const v1::ReplayItem& item);

 private:
  const Parts parts_;
  const std::shared_ptr<const registry::RegistrySnapshot> registry_;
  std::map<std::string, uint64_t> used_;  // of a day's quota, by its name
};

}  // namespace ndx::replay
