// Writes one database of the nation into a new SQLite file, as fast as SQLite takes it: one
// transaction without a rollback journal into a file that gets its name only when it is whole,
// prepared statements, indexes last.
//
// Thread-safety: pure function; several files may be written at once.
// Errors: kInvalidArgument (schema and rows do not fit, which is a bug), kUnavailable (file).
#pragma once

#include <functional>
#include <string>

#include "absl/status/statusor.h"
#include "ndx/tools/datagen/nation.h"
#include "ndx/tools/datagen/row.h"

namespace ndx::tools::datagen {

// Called now and then with the table and the rows of the database so far.
using LoadProgress = std::function<void(absl::string_view table, uint64_t rows)>;

// Rows between two calls of LoadProgress.
inline constexpr uint64_t kProgressRows = 4096;

// Replaces the file at path, and returns the number of rows written. On an error the file at path
// is as it was.
absl::StatusOr<uint64_t> LoadIntoSqlite(const Nation& nation, const Database& database,
                                        const std::string& path, const LoadProgress& progress);

}  // namespace ndx::tools::datagen
