// Files with public keys of a journal: one vkey a line, as `ndxctl journal key` prints them; empty
// lines and lines that begin with '#' do not count.
//
// Thread-safety: thread-safe.
#pragma once

#include <string>
#include <vector>

#include "absl/status/statusor.h"

namespace ndx::tools::ndxctl {

// The keys of all the files. kInvalidArgument for a file that cannot be read, holds none, or has a
// line that is no key (journal/signed_note.h), which it names.
absl::StatusOr<std::vector<std::string>> ReadVkeys(const std::vector<std::string>& files);

}  // namespace ndx::tools::ndxctl
