#include "ndx/adapters/connectors/adapter_files.h"

#include <cerrno>
#include <fstream>
#include <sstream>

#include "absl/strings/str_cat.h"
#include "ndx/core/status_macros.h"
#include "ndx/settings/settings_loader.h"

namespace ndx::connectors {

SqlDatabaseOptions AdapterFiles::DatabaseOptions() const {
  return {.settings = settings.database(), .mapping = mapping, .schema = schema};
}

absl::StatusOr<AdapterFiles> ReadAdapterFiles(const std::string& settings_file) {
  AdapterFiles files;
  NDX_RETURN_IF_ERROR(settings::LoadSettings({settings_file}, files.settings, nullptr));
  const auto resolve = [&](const std::string& path) {
    return settings::ResolvePath(settings_file, path);
  };
  auto& database = *files.settings.mutable_database();
  if (!database.has_sqlite() && !database.has_postgresql()) {
    return absl::InvalidArgumentError(
        absl::StrCat(settings_file, ": database: give sqlite or postgresql"));
  }
  if (database.has_sqlite()) {
    database.mutable_sqlite()->set_file(resolve(database.sqlite().file()));
  }
  if (!files.settings.seed_file().empty()) {
    files.settings.set_seed_file(resolve(files.settings.seed_file()));
  }
  files.settings.set_mapping_file(resolve(files.settings.mapping_file()));
  NDX_RETURN_IF_ERROR(
      settings::LoadSettings({files.settings.mapping_file()}, files.mapping, nullptr));
  if (!database.schema_file().empty()) {
    database.set_schema_file(resolve(database.schema_file()));
    NDX_ASSIGN_OR_RETURN(files.schema, ReadTextFile(database.schema_file()));
  }
  return files;
}

absl::StatusOr<std::string> ReadTextFile(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  std::ostringstream text;
  if (!file || !(text << file.rdbuf())) {
    return absl::NotFoundError(absl::StrCat(path, ": cannot be read"));
  }
  if (text.str().size() > settings::kSettingsFileBytesMax) {
    return absl::InvalidArgumentError(absl::StrCat(path, ": is over 16 MiB"));
  }
  return text.str();
}

}  // namespace ndx::connectors
