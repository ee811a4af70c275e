#include "ndx/dispatch/provider_state.h"

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"

namespace ndx::dispatch {
namespace {

// How many retries a budget saves up at most, whatever its share.
constexpr int32_t kRetriesSaved = 10;

CircuitBreakerOptions BreakerOptions(const registry::BreakerRules& rules) {
  return {.failures_to_open = rules.consecutive_failures,
          .failure_percent = rules.failure_percent,
          .window_calls = rules.window_calls,
          .window = rules.window,
          .pause_first = rules.open_for,
          .pause_max = 6 * rules.open_for};
}

}  // namespace

ProviderState::ProviderState(const registry::ProviderEntry& entry)
    : system(entry.system->id.text()),
      endpoint(entry.endpoint.ToString()),
      breaker(BreakerOptions(entry.breaker)),
      line({.places = entry.concurrent_calls,
            .waiting_max = entry.waiting_calls,
            .wait_max = entry.waiting_time}),
      retries({.milli_per_call = static_cast<int32_t>(entry.retry_budget_percent) * 10,
               .retries_max = entry.retry_budget_percent == 0 ? 0 : kRetriesSaved}) {}

std::shared_ptr<ProviderState> ProviderStates::Get(const registry::ProviderEntry& entry) {
  const std::string key = ProviderKey(entry);
  const core::MutexLock lock(mutex_);
  auto& state = states_[key];
  if (state == nullptr) {
    state = std::make_shared<ProviderState>(entry);
    state->stops = stops_;
  }
  return state;
}

void ProviderStates::Forget(const registry::RegistrySnapshot& registry) {
  const auto keys = ProviderKeys(registry);
  const core::MutexLock lock(mutex_);
  absl::erase_if(states_, [&keys](const auto& entry) { return !keys.contains(entry.first); });
}

std::vector<std::shared_ptr<ProviderState>> ProviderStates::All() const {
  std::vector<std::shared_ptr<ProviderState>> all;
  const core::MutexLock lock(mutex_);
  all.reserve(states_.size());
  for (const auto& [key, state] : states_) all.push_back(state);
  return all;
}

std::string ProviderKey(const registry::ProviderEntry& entry) {
  const registry::Endpoint& at = entry.endpoint;
  return absl::StrCat(absl::StrJoin({entry.system->id.text(), at.ToString(), at.ca_file,
                                     at.certificate_file, at.key_file, at.server_name},
                                    "\n"),
                      "\n", entry.concurrent_calls, "\n", entry.breaker.consecutive_failures, "\n",
                      absl::FormatDuration(entry.breaker.open_for), "\n",
                      entry.breaker.failure_percent, "\n", entry.breaker.window_calls, "\n",
                      absl::FormatDuration(entry.breaker.window), "\n",
                      absl::FormatDuration(entry.connect_timeout), "\n", entry.retry_budget_percent,
                      "\n", entry.waiting_calls, "\n", absl::FormatDuration(entry.waiting_time));
}

absl::flat_hash_set<std::string> ProviderKeys(const registry::RegistrySnapshot& registry) {
  absl::flat_hash_set<std::string> keys;
  for (const auto& service : registry.services()) {
    for (const registry::ProviderEntry& provider : service->providers) {
      keys.insert(ProviderKey(provider));
    }
  }
  return keys;
}

}  // namespace ndx::dispatch
