// The wrapped keys of a journal's database, apart from it: copied row by row into a database of
// their own in a backup, and back. Private to this folder.
//
// Thread-safety: thread-compatible.
#pragma once

#include <string>

#include "absl/status/status.h"
#include "ndx/store/database.h"

namespace ndx::journal {

inline constexpr char kWrapsName[] = "wraps";

// One family: the default one.
store::DatabaseOptions WrapDatabaseOptions(const std::string& directory);

// Puts every row of one family into another.
absl::Status CopyFamily(const store::Database& from, store::Family from_family, store::Database& to,
                        store::Family to_family);

}  // namespace ndx::journal
