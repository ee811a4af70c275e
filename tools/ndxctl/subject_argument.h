// Whom a command is about, as it is given on the command line: "-" reads the number from standard
// input, so that it stands in no shell history and no list of processes.
//
// Thread-safety: thread-hostile (standard input).
#pragma once

#include <string>

#include "absl/status/statusor.h"

namespace ndx::tools::ndxctl {

// The text itself, or for "-" the first line of standard input without blanks around it.
absl::StatusOr<std::string> ReadSubject(const std::string& given);

}  // namespace ndx::tools::ndxctl
