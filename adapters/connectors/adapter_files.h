// The files of an adapter's configuration, read and checked: its settings, its mapping, its schema.
//
// Thread-safety: thread-safe functions.
// Errors: kInvalidArgument with file, path and value; kNotFound for a file that is missing.
#pragma once

#include <string>

#include "absl/status/statusor.h"
#include "ndx/adapters/connectors/sql_database.h"
#include "ndx/connector/v1/adapter_settings.pb.h"
#include "ndx/connector/v1/sql_mapping.pb.h"

namespace ndx::connectors {

struct AdapterFiles {
  connector::v1::AdapterSettings settings;  // paths in it are resolved
  connector::v1::SqlMapping mapping;
  std::string schema;  // empty where the settings name no file

  // What SqlDatabase::Open takes of it.
  SqlDatabaseOptions DatabaseOptions() const;
};

// Reads the settings file and all that it names.
absl::StatusOr<AdapterFiles> ReadAdapterFiles(const std::string& settings_file);

// The text of a file of at most 16 MiB.
absl::StatusOr<std::string> ReadTextFile(const std::string& path);

}  // namespace ndx::connectors
