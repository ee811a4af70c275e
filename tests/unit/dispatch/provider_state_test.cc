#include "ndx/dispatch/provider_state.h"

#include <catch2/catch.hpp>

#include "absl/strings/str_cat.h"
#include "ndx/tests/support/ledger_registry.h"

namespace ndx::dispatch {
namespace {

using registry::ProviderEntry;

const ProviderEntry& Ledger(const registry::RegistrySnapshot& registry) {
  return registry.FindService("ledger.v1.LedgerService")->providers.front();
}

TEST_CASE("a provider has one state for all who ask, also under a registry that was loaded again") {
  const auto before = tests::BuildLedgerRegistry("");
  const auto after = tests::BuildLedgerRegistry("purposes: [{code: khac, name_vi: Khác}]");
  ProviderStates states;
  const auto state = states.Get(Ledger(*before));
  CHECK(state->system == "VN:GOV:G01:ledger");
  CHECK(state->endpoint == "embedded:ledger");
  CHECK(state->line.options().places == 4);
  CHECK(states.Get(Ledger(*after)) == state);
  CHECK(states.All().size() == 1);
}

TEST_CASE("whatever names a provider or bounds it makes another state") {
  const auto registry = tests::BuildLedgerRegistry("");
  const ProviderEntry same = Ledger(*registry);
  const std::string key = ProviderKey(same);
  CHECK(ProviderKey(Ledger(*registry)) == key);

  using Change = void (*)(ProviderEntry&);
  const Change changes[] = {
      [](ProviderEntry& p) { p.endpoint.target = "other"; },
      [](ProviderEntry& p) { p.endpoint.kind = registry::Endpoint::Kind::kUnix; },
      [](ProviderEntry& p) { p.endpoint.ca_file = "/ca.pem"; },
      [](ProviderEntry& p) { p.endpoint.certificate_file = "/node.pem"; },
      [](ProviderEntry& p) { p.endpoint.key_file = "/node.key"; },
      [](ProviderEntry& p) { p.endpoint.server_name = "ledger"; },
      [](ProviderEntry& p) { p.concurrent_calls = 5; },
      [](ProviderEntry& p) { p.breaker.consecutive_failures += 1; },
      [](ProviderEntry& p) { p.breaker.open_for += absl::Seconds(1); },
      [](ProviderEntry& p) { p.breaker.failure_percent += 1; },
      [](ProviderEntry& p) { p.breaker.window_calls += 1; },
      [](ProviderEntry& p) { p.breaker.window += absl::Seconds(1); },
      [](ProviderEntry& p) { p.connect_timeout += absl::Seconds(1); },
      [](ProviderEntry& p) { p.retry_budget_percent += 1; },
      [](ProviderEntry& p) { p.waiting_calls += 1; },
      [](ProviderEntry& p) { p.waiting_time += absl::Seconds(1); },
  };
  int number = 0;
  for (const Change change : changes) {
    CAPTURE(number++);
    ProviderEntry other = same;
    change(other);
    CHECK(ProviderKey(other) != key);
  }
}

TEST_CASE("providers that left the registry are forgotten, the others kept") {
  const auto registry = tests::BuildLedgerRegistry("");
  ProviderStates states;
  const auto kept = states.Get(Ledger(*registry));
  ProviderEntry gone = Ledger(*registry);
  gone.concurrent_calls = 99;
  const auto held = states.Get(gone);
  states.Forget(*registry);
  REQUIRE(states.All().size() == 1);
  CHECK(states.All().front() == kept);
  // Whoever still uses it may go on.
  CHECK(held->line.TryEnter({}));
}

TEST_CASE("a provider without retry budget never gives a retry") {
  const auto registry = tests::BuildLedgerRegistry("");
  ProviderEntry entry = Ledger(*registry);
  entry.retry_budget_percent = 0;
  ProviderState state(entry);
  for (int i = 0; i < 1000; ++i) state.retries.CountCall();
  CHECK_FALSE(state.retries.TryTake());
}

}  // namespace
}  // namespace ndx::dispatch
