// Just enough of SQL's surface to find the values a statement asks for.
//
// Thread-safety: thread-safe functions.
#pragma once

#include <string>
#include <vector>

#include "absl/strings/string_view.h"

namespace ndx::connectors {

// Names of the ":name" placeholders in order of first use, each once. Text in quotes, comments and
// "::" are passed over.
std::vector<std::string> PlaceholdersOf(absl::string_view sql);

// True when the statement gives rows: it begins with SELECT or WITH, or has RETURNING.
bool ReturnsRows(absl::string_view sql);

}  // namespace ndx::connectors
