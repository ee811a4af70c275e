// Takes a schema apart, so that indexes are made after the rows are in, which is several times
// faster.
//
// Thread-safety: pure function.
#pragma once

#include <string>
#include <vector>

#include "absl/strings/string_view.h"

namespace ndx::tools::datagen {

struct SchemaStatements {
  std::vector<std::string> tables;  // everything but indexes, in its order
  std::vector<std::string> indexes;
};

// Splits SQL at its semicolons; comments ("-- " to the end of the line) are dropped. Quoted text
// may hold both.
SchemaStatements SplitSchema(absl::string_view sql);

}  // namespace ndx::tools::datagen
