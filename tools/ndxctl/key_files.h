// Files with public keys of a journal: one vkey a line, as `ndxctl journal key` prints them; empty
// lines and lines that begin with '#' do not count.
//
// Thread-safety: thread-safe.
#pragma once

#include <string>
#include <vector>

#include "absl/status/statusor.h"

namespace ndx::tools::ndxctl {

// The keys of all the files. kInvalidArgument for a file that cannot be read or holds none; whether
// a line is a key is for its user to find out.
absl::StatusOr<std::vector<std::string>> ReadVkeys(const std::vector<std::string>& files);

}  // namespace ndx::tools::ndxctl
