#include "ndx/adapters/host/adapter_kinds.h"

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "ndx/adapters/business_registry/business_registry_adapter.h"
#include "ndx/adapters/connectors/adapter_files.h"
#include "ndx/adapters/land/land_adapter.h"
#include "ndx/adapters/population/population_adapter.h"
#include "ndx/adapters/shared_catalogues/shared_catalogues_adapter.h"
#include "ndx/adapters/social_insurance/social_insurance_adapter.h"
#include "ndx/core/status_macros.h"

namespace ndx::host {
namespace {

struct Kind {
  absl::string_view name;
  absl::StatusOr<std::unique_ptr<sdk::Adapter>> (*make)(const core::Clock&,
                                                        const connectors::AdapterFiles&);
};

constexpr Kind kKinds[] = {
    {"business_registry", &business_registry::MakeBusinessRegistryAdapter},
    {"land", &land::MakeLandAdapter},
    {"population", &population::MakePopulationAdapter},
    {"shared_catalogues", &shared_catalogues::MakeSharedCataloguesAdapter},
    {"social_insurance", &social_insurance::MakeSocialInsuranceAdapter},
};

}  // namespace

std::vector<std::string> AdapterKinds() {
  std::vector<std::string> names;
  for (const Kind& kind : kKinds) names.emplace_back(kind.name);
  return names;
}

absl::StatusOr<std::unique_ptr<sdk::Adapter>> MakeAdapter(absl::string_view kind,
                                                          const std::string& config_file,
                                                          const core::Clock& clock) {
  for (const Kind& known : kKinds) {
    if (known.name != kind) continue;
    NDX_ASSIGN_OR_RETURN(const connectors::AdapterFiles files,
                         connectors::ReadAdapterFiles(config_file));
    return known.make(clock, files);
  }
  return absl::NotFoundError(
      absl::StrCat("no adapter of kind ", kind, "; known: ", absl::StrJoin(AdapterKinds(), ", ")));
}

}  // namespace ndx::host
