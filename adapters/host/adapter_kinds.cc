#include "ndx/adapters/host/adapter_kinds.h"

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "ndx/adapters/business_registry/business_registry_adapter.h"
#include "ndx/adapters/connectors/adapter_files.h"
#include "ndx/adapters/echo/echo_adapter.h"
#include "ndx/adapters/land/land_adapter.h"
#include "ndx/adapters/population/population_adapter.h"
#include "ndx/adapters/shared_catalogues/shared_catalogues_adapter.h"
#include "ndx/adapters/social_insurance/social_insurance_adapter.h"
#include "ndx/core/status_macros.h"

namespace ndx::host {
namespace {

using MadeAdapter = absl::StatusOr<std::unique_ptr<sdk::Adapter>>;

// Of a database, with the configuration that says where it is.
template <MadeAdapter (*Make)(const core::Clock&, const connectors::AdapterFiles&)>
MadeAdapter OfDatabase(const core::Clock& clock, const std::string& config_file) {
  if (config_file.empty()) {
    return absl::InvalidArgumentError("config_file: is required for an adapter of this kind");
  }
  NDX_ASSIGN_OR_RETURN(const connectors::AdapterFiles files,
                       connectors::ReadAdapterFiles(config_file));
  return Make(clock, files);
}

MadeAdapter Echo(const core::Clock& clock, const std::string& /*config_file*/) {
  return echo::MakeEchoAdapter(clock);
}

struct Kind {
  absl::string_view name;
  MadeAdapter (*make)(const core::Clock&, const std::string& config_file);
};

constexpr Kind kKinds[] = {
    {"business_registry", &OfDatabase<&business_registry::MakeBusinessRegistryAdapter>},
    {"echo", &Echo},
    {"land", &OfDatabase<&land::MakeLandAdapter>},
    {"population", &OfDatabase<&population::MakePopulationAdapter>},
    {"shared_catalogues", &OfDatabase<&shared_catalogues::MakeSharedCataloguesAdapter>},
    {"social_insurance", &OfDatabase<&social_insurance::MakeSocialInsuranceAdapter>},
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
    if (known.name == kind) return known.make(clock, config_file);
  }
  return absl::NotFoundError(
      absl::StrCat("no adapter of kind ", kind, "; known: ", absl::StrJoin(AdapterKinds(), ", ")));
}

}  // namespace ndx::host
