// The pure decisions that every exchange pays: route, access policy, fields taken out of an answer;
// in a registry with many grants beside the one that counts.
#include <benchmark/benchmark.h>

#include <memory>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/time/time.h"
#include "google/protobuf/text_format.h"
#include "ndx/core/status_macros.h"
#include "ndx/core/system_id.h"
#include "ndx/population/v1/population_service.pb.h"
#include "ndx/registry/field_plan.h"
#include "ndx/routing/access_policy.h"
#include "ndx/routing/minimiser.h"
#include "ndx/routing/router.h"
#include "ndx/tests/support/proto_source.h"
#include "ndx/tests/support/registry_fixture.h"

namespace {

using ndx::routing::AccessPolicy;
using ndx::routing::Route;
using ndx::routing::Router;

constexpr char kLookUp[] = "/probe.v1.PeopleService/LookUp";
constexpr char kProvider[] = "VN:GOV:G01:population";

constexpr char kGrant[] = R"(
grants:
- name: full
  consumer: "VN:GOV:H55:mot-cua"
  methods: [probe.v1.PeopleService/LookUp]
  purposes: [tthc, thong-ke]
  required_references: [DOSSIER, OFFICER, PROCEDURE]
  hours: [{from: "00:00", to: "24:00"}]
  legal_basis: QĐ 1
)";

constexpr char kCitizen[] = R"(
    outcome: LOOKUP_OUTCOME_FOUND
    citizen {
      citizen_id: "999078000000" identity_card: "999000000" full_name: "Nguyễn Trọng Sang" gender: GENDER_MALE
      birth_date: "1978-10-22" ethnicity_code: "01" religion_code: "00" marital_status: MARITAL_STATUS_MARRIED
      blood_group_code: "00" nationality_code: "VN"
      birth_registration_place { province_code: "19" commune_code: "00269" detail: "Tổ 1" country_code: "VN" }
      home_town { province_code: "19" commune_code: "00269" detail: "Tổ 1" country_code: "VN" }
      permanent_address { province_code: "19" commune_code: "00269" detail: "Số 12, đường Bến Oánh" country_code: "VN" }
      current_address { province_code: "19" commune_code: "00269" detail: "Số 12, đường Bến Oánh" country_code: "VN" }
      father { full_name: "Nguyễn Trọng An" citizen_id: "999050000001" nationality_code: "VN" }
      mother { full_name: "Trần Thị Bình" citizen_id: "999152000002" nationality_code: "VN" }
      spouse { full_name: "Lê Thị Chi" citizen_id: "999180000003" nationality_code: "VN" }
      householder { full_name: "Nguyễn Trọng Sang" citizen_id: "999078000000" nationality_code: "VN" }
      relation_code: "CH01" household_number: "990000001" life_status: LIFE_STATUS_ALIVE
    })";

const ndx::registry::RegistrySnapshot& Snapshot() {
  static const auto* const kSnapshot = [] {
    std::string yaml = kGrant;
    for (int i = 0; i < 500; ++i) {
      absl::StrAppend(&yaml, "- name: other-", i,
                      "\n  consumer: \"VN:GOV:G09.20:ho-so\"\n"
                      "  methods: [probe.v1.PeopleService/LookUp]\n  legal_basis: QĐ 2\n");
    }
    auto built = ndx::tests::BuildProbeRegistry(yaml);
    NDX_CHECK(built.ok());
    return new std::shared_ptr<const ndx::registry::RegistrySnapshot>(*std::move(built));
  }();
  return **kSnapshot;
}

const absl::Time kNow = absl::FromUnixSeconds(1'799'028'000);

void ResolveRoute(benchmark::State& state) {
  const auto& snapshot = Snapshot();
  for (auto _ : state) {
    benchmark::DoNotOptimize(Router::Resolve(snapshot, kLookUp, kProvider, kNow));
  }
}
BENCHMARK(ResolveRoute);

void DecideAccess(benchmark::State& state) {
  const auto& snapshot = Snapshot();
  const auto consumer = ndx::core::SystemId::Parse("VN:GOV:H55:mot-cua");
  const auto resolved = Router::Resolve(snapshot, kLookUp, kProvider, kNow);
  const ndx::routing::AccessFacts facts{.consumer = &*consumer,
                                        .route = std::get<Route>(resolved),
                                        .purpose = "tthc",
                                        .dossier = "H55-20260101-0000001",
                                        .officer = "CB01",
                                        .procedure = "1.011442"};
  for (auto _ : state) {
    const auto decision = AccessPolicy::Decide(snapshot, facts, kNow);
    if (!decision.allowed()) state.SkipWithError("refused");
    benchmark::DoNotOptimize(decision);
  }
}
BENCHMARK(DecideAccess);

// By the number of household members in the answer; a grant leaves name and province of each.
void MinimiseAnswer(benchmark::State& state) {
  ndx::tests::ProtoSource schema(
      ndx::tests::ProtoSource::Files{{"probe/v1/probe.proto", ndx::tests::ProbeProto()}});
  std::string text = "total: 1 ";
  for (int64_t i = 0; i < state.range(0); ++i) {
    absl::StrAppend(&text, R"(household { citizen_id: "999085012345" full_name: "Nguyễn Văn A"
        address { province: "19" commune: "00269" detail: "Tổ 1" } photo: ")",
                    std::string(200, 'x'), R"(" alive: true } )");
  }
  const std::string answer = schema.Parse("probe.v1.LookUpResponse", text)->SerializeAsString();
  const auto plan =
      ndx::registry::FieldPlan::Compile(schema.Type("probe.v1.LookUpResponse"),
                                        {"household.full_name", "household.address.province"});
  NDX_CHECK(plan.ok());
  for (auto _ : state) {
    const auto minimised = ndx::routing::Minimise(*plan, answer);
    if (!minimised.ok()) state.SkipWithError("refused");
    benchmark::DoNotOptimize(minimised);
  }
  state.SetBytesProcessed(static_cast<int64_t>(state.iterations()) *
                          static_cast<int64_t>(answer.size()));
}
BENCHMARK(MinimiseAnswer)->Arg(1)->Arg(16)->Arg(1000);

// What the population database answers about one person, every field of it filled; synthetic. By
// what the grant leaves: name and dates as most grants do, an address too, or all but relatives.
void MinimiseCitizen(benchmark::State& state) {
  static const std::vector<std::string> kGranted[] = {
      {"outcome", "citizen.citizen_id", "citizen.full_name", "citizen.birth_date",
       "citizen.life_status"},
      {"outcome", "citizen.citizen_id", "citizen.full_name", "citizen.birth_date", "citizen.gender",
       "citizen.permanent_address.province_code", "citizen.permanent_address.commune_code",
       "citizen.current_address"},
      {"outcome", "citizen.citizen_id", "citizen.identity_card", "citizen.full_name",
       "citizen.gender", "citizen.birth_date", "citizen.marital_status", "citizen.nationality_code",
       "citizen.birth_registration_place", "citizen.home_town", "citizen.permanent_address",
       "citizen.current_address", "citizen.household_number", "citizen.life_status"}};
  ndx::population::v1::LookUpCitizenResponse response;
  NDX_CHECK(google::protobuf::TextFormat::ParseFromString(kCitizen, &response));
  const std::string answer = response.SerializeAsString();
  const auto plan = ndx::registry::FieldPlan::Compile(
      *response.GetDescriptor(), kGranted[static_cast<size_t>(state.range(0))]);
  NDX_CHECK(plan.ok());
  for (auto _ : state) {
    const auto minimised = ndx::routing::Minimise(*plan, answer);
    if (!minimised.ok()) state.SkipWithError("refused");
    benchmark::DoNotOptimize(minimised);
  }
  state.SetBytesProcessed(static_cast<int64_t>(state.iterations()) *
                          static_cast<int64_t>(answer.size()));
}
BENCHMARK(MinimiseCitizen)->DenseRange(0, 2);

}  // namespace
