#include "ndx/registry/registry_source.h"

#include "ndx/core/status_macros.h"
#include "ndx/registry/v1/registry_document.pb.h"
#include "ndx/settings/source_map.h"
#include "snapshot_builder.h"

namespace ndx::registry {

absl::StatusOr<std::shared_ptr<const RegistrySnapshot>> LoadRegistry(const RegistrySource& source) {
  NDX_ASSIGN_OR_RETURN(const auto files, settings::ReadSettingsFiles(source.paths));
  return BuildRegistry(files, source);
}

absl::StatusOr<std::shared_ptr<const RegistrySnapshot>> BuildRegistry(
    const std::vector<settings::SettingsFile>& files, const RegistrySource& source) {
  v1::RegistryDocument document;
  settings::SourceMap sources;
  NDX_RETURN_IF_ERROR(settings::ParseSettings(files, document, &sources));
  return SnapshotBuilder(document, sources, source).Build(files);
}

}  // namespace ndx::registry
