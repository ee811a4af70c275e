// What is known of one provider endpoint, on all event loops together: breaker, places and
// who waits for one, retry budget.
//
// Thread-safety: thread-safe.
// Ownership: shared by the calls under way, because a reload of the registry may drop a provider
// while they still run.
#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/container/flat_hash_map.h"
#include "absl/container/flat_hash_set.h"
#include "ndx/core/mutex.h"
#include "ndx/dispatch/circuit_breaker.h"
#include "ndx/dispatch/retry_budget.h"
#include "ndx/dispatch/stop_switch.h"
#include "ndx/dispatch/waiting_line.h"
#include "ndx/registry/registry_entries.h"
#include "ndx/registry/registry_snapshot.h"

namespace ndx::dispatch {

struct ProviderState {
  explicit ProviderState(const registry::ProviderEntry& entry);

  const std::string system;    // VN:GOV:<member>:<system>
  const std::string endpoint;  // as written in the registry
  CircuitBreaker breaker;
  WaitingLine line;
  RetryBudget retries;
  const StopSwitch* stops = nullptr;  // null: nothing is ever stopped
  // Wall clock, nanoseconds since 1970, of the first failure since the provider last answered; 0
  // while it answers.
  std::atomic<int64_t> down_since_unix_nanos{0};
};

// The states by endpoint and limits: a provider whose limits change in the registry starts anew.
class ProviderStates {
 public:
  ProviderStates() = default;
  ProviderStates(const ProviderStates&) = delete;
  ProviderStates& operator=(const ProviderStates&) = delete;

  // Whose orders retries obey; before the first provider is asked for. Must outlive the states.
  void Obey(const StopSwitch& stops) { stops_ = &stops; }

  // The state of this provider; made when it is new. Takes a lock: callers keep the result.
  std::shared_ptr<ProviderState> Get(const registry::ProviderEntry& entry);

  // Lets go of providers that are not in the registry any more.
  void Forget(const registry::RegistrySnapshot& registry);

  // All that were asked for and not forgotten, in no particular order.
  std::vector<std::shared_ptr<ProviderState>> All() const;

 private:
  const StopSwitch* stops_ = nullptr;
  mutable core::Mutex mutex_;
  absl::flat_hash_map<std::string, std::shared_ptr<ProviderState>> states_ ABSL_GUARDED_BY(mutex_);
};

// Names endpoint, TLS files and limits of a provider: equal texts mean that channel and state can
// be shared.
std::string ProviderKey(const registry::ProviderEntry& entry);

// The keys of every provider in a registry.
absl::flat_hash_set<std::string> ProviderKeys(const registry::RegistrySnapshot& registry);

}  // namespace ndx::dispatch
