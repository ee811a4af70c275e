// Figures of a large registry that the node keeps: opened, decided by, changed.
//
//   registry_figures DIRECTORY [GRANTS]
//
// A tenth as many systems as grants, a fifth of that members, as one change in DIRECTORY, which
// must not exist and is left behind.
#include <algorithm>
#include <cstdio>
#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "ndx/core/status_macros.h"
#include "ndx/core/system_clock.h"
#include "ndx/core/system_id.h"
#include "ndx/registry/registry_ledger.h"
#include "ndx/registry/registry_source.h"
#include "ndx/routing/access_policy.h"
#include "ndx/routing/router.h"
#include "ndx/settings/settings_loader.h"
#include "ndx/tests/support/registry_fixture.h"

namespace ndx::bench {
namespace {

constexpr uint64_t kGrantsDefault = 50'000;
constexpr uint64_t kGrantsEachSystem = 10;
constexpr uint64_t kSystemsEachMember = 5;
constexpr int kChanges = 20;
constexpr size_t kDecisions = 200'000;
constexpr char kMethod[] = "/probe.v1.PeopleService/LookUp";
constexpr char kProvider[] = "VN:GOV:G01:population";

std::string Member(uint64_t number) {
  return absl::StrCat("H99.", number / 100, ".", number % 100);
}
std::string System(uint64_t number) {
  return absl::StrCat("VN:GOV:", Member(number / kSystemsEachMember), ":s", number);
}

registry::v1::Grant Grant(uint64_t number) {
  registry::v1::Grant grant;
  grant.set_name(absl::StrCat("grant-", number));
  grant.set_consumer(System(number / kGrantsEachSystem));
  grant.add_methods(number % 2 == 0 ? kMethod : "/probe.v1.PeopleService/Verify");
  grant.add_purposes("tthc");
  grant.add_required_references(registry::v1::REFERENCE_DOSSIER);
  if (number % 2 == 0) {
    grant.add_answer_fields("person.full_name");
    grant.add_answer_fields("person.address.province");
  }
  grant.mutable_quota()->set_per_second(10);
  grant.set_legal_basis("QD 1");
  return grant;
}

registry::v1::RegistryChange Whole(uint64_t grants) {
  registry::v1::RegistryChange change;
  const auto base =
      registry::ParseRegistry({{.name = "/base.yaml", .text = tests::ProbeRegistryYaml()}});
  const auto entries = registry::EditableDocument::Of(base.value()).value();
  for (const auto& [key, entry] : entries.entries()) *change.add_entries() = entry;
  const uint64_t systems = grants / kGrantsEachSystem;
  for (uint64_t i = 0; i <= systems / kSystemsEachMember; ++i) {
    registry::v1::Member& member = *change.add_entries()->mutable_member();
    member.set_code(Member(i));
    member.set_name_vi(absl::StrCat("Member ", i));
  }
  for (uint64_t i = 0; i <= systems; ++i) {
    registry::v1::System& system = *change.add_entries()->mutable_system();
    system.set_id(System(i));
    system.set_share(1);
    system.add_certificates()->set_spki_sha256(
        absl::StrCat(absl::Hex(i, absl::kZeroPad16), std::string(48, '0')));
  }
  for (uint64_t i = 0; i < grants; ++i) *change.add_entries()->mutable_grant() = Grant(i);
  return change;
}

double Millis(int64_t from_nanos, const core::Clock& clock) {
  return static_cast<double>(clock.MonotonicNanos() - from_nanos) / 1e6;
}

void Decide(const registry::RegistrySnapshot& snapshot, uint64_t grants, const core::Clock& clock) {
  std::vector<double> took;
  took.reserve(kDecisions);
  const absl::Time now = clock.Now();
  for (size_t i = 0; i < kDecisions; ++i) {
    const auto* const system =
        snapshot.FindSystem(System((i * 7919) % (grants / kGrantsEachSystem)));
    const int64_t begin = clock.MonotonicNanos();
    const auto route = routing::Router::Resolve(snapshot, kMethod, kProvider, now);
    const auto decision = routing::AccessPolicy::Decide(snapshot,
                                                        {.consumer = &system->id,
                                                         .route = std::get<routing::Route>(route),
                                                         .purpose = "tthc",
                                                         .dossier = "x"},
                                                        now);
    took.push_back(static_cast<double>(clock.MonotonicNanos() - begin) / 1e3);
    NDX_CHECK(decision.allowed());
  }
  std::sort(took.begin(), took.end());
  std::printf("%zu decisions, route included: p50 %.2f us, p99 %.2f us, most %.1f us\n", kDecisions,
              took[kDecisions / 2], took[kDecisions * 99 / 100], took.back());
}

void Change(registry::RegistryLedger& ledger, uint64_t grants, const core::Clock& clock) {
  std::vector<double> took;
  for (int i = 0; i < kChanges; ++i) {
    const int64_t begin = clock.MonotonicNanos();
    registry::v1::RegistryChange change;
    registry::v1::Grant& grant = *change.add_entries()->mutable_grant();
    grant = Grant(static_cast<uint64_t>(i) * 97 % grants);
    grant.mutable_quota()->set_per_second(9);
    const auto prepared = ledger.Prepare(std::move(change));
    NDX_CHECK(prepared.ok());
    const auto snapshot =
        registry::BuildRegistry(prepared->after->Document(), tests::ProbeSource());
    NDX_CHECK(snapshot.ok() && ledger.Keep(*prepared, 1, 0).ok());
    took.push_back(Millis(begin, clock));
  }
  std::sort(took.begin(), took.end());
  std::printf("a change of one grant, built whole, kept and ready: median %.0f ms, most %.0f ms\n",
              took[kChanges / 2], took.back());
}

int Run(const std::string& directory, uint64_t grants) {
  const core::SystemClock clock;
  {
    const auto ledger = registry::RegistryLedger::Open(directory).value();
    const auto prepared = ledger->Prepare(Whole(grants));
    NDX_CHECK(prepared.ok() && ledger->Keep(*prepared, 1, 0).ok());
  }
  int64_t begin = clock.MonotonicNanos();
  const auto ledger = registry::RegistryLedger::Open(directory).value();
  const double opened = Millis(begin, clock);
  begin = clock.MonotonicNanos();
  const auto snapshot = registry::BuildRegistry(ledger->newest()->Document(), tests::ProbeSource());
  if (!snapshot.ok()) std::printf("%s\n", std::string(snapshot.status().message()).c_str());
  NDX_CHECK(snapshot.ok());
  const registry::RegistrySnapshot& registry = **snapshot;
  std::printf("%zu members, %zu systems, %zu grants: opened in %.0f ms, built in %.0f ms\n",
              registry.members().size(), registry.systems().size(), registry.grants().size(),
              opened, Millis(begin, clock));
  Decide(registry, grants, clock);
  Change(*ledger, grants, clock);
  return 0;
}

}  // namespace
}  // namespace ndx::bench

int main(int argc, char** argv) {
  uint64_t grants = ndx::bench::kGrantsDefault;
  if (argc < 2 || argc > 3 ||
      (argc == 3 && (!absl::SimpleAtoi(argv[2], &grants) || grants < 100))) {
    std::fprintf(stderr, "usage: registry_figures DIRECTORY [GRANTS]\n");
    return 2;
  }
  if (std::filesystem::exists(argv[1])) {
    std::fprintf(stderr, "registry_figures: %s is there already\n", argv[1]);
    return 2;
  }
  return ndx::bench::Run(argv[1], grants);
}
