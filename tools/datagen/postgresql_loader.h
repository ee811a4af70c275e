// Writes one database of the nation into a PostgreSQL database with COPY, in one transaction.
//
// Thread-safety: pure function.
// Errors: kUnavailable (no connection), kAlreadyExists (a table has rows already), kInternal
// (whatever else the server says).
#pragma once

#include <string>

#include "absl/status/statusor.h"
#include "ndx/tools/datagen/nation.h"
#include "ndx/tools/datagen/row.h"
#include "ndx/tools/datagen/sqlite_loader.h"

namespace ndx::tools::datagen {

// connection is a libpq connection string. The schema is created where absent; its tables must be
// empty. Returns the number of rows written; on an error nothing is.
absl::StatusOr<uint64_t> LoadIntoPostgresql(const Nation& nation, const Database& database,
                                            const std::string& connection,
                                            const LoadProgress& progress);

}  // namespace ndx::tools::datagen
