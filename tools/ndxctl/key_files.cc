#include "ndx/tools/ndxctl/key_files.h"

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "ndx/core/status_macros.h"
#include "ndx/journal/signed_note.h"
#include "ndx/tools/ndxctl/caller_credentials.h"

namespace ndx::tools::ndxctl {

absl::StatusOr<std::vector<std::string>> ReadVkeys(const std::vector<std::string>& files) {
  std::vector<std::string> vkeys;
  for (const std::string& file : files) {
    NDX_ASSIGN_OR_RETURN(const std::string text, ReadFile(file));
    const size_t before = vkeys.size();
    int number = 0;
    for (absl::string_view line : absl::StrSplit(text, '\n')) {
      ++number;
      line = absl::StripAsciiWhitespace(line);
      if (line.empty() || line[0] == '#') continue;
      const auto key = journal::NoteVerifier::FromVkey(line);
      if (!key.ok()) {
        return absl::InvalidArgumentError(absl::StrCat(
            file, ", line ", number, ": no public key of a journal: ", key.status().message()));
      }
      vkeys.emplace_back(line);
    }
    if (vkeys.size() == before) {
      return absl::InvalidArgumentError(absl::StrCat(file, " holds no key"));
    }
  }
  return vkeys;
}

}  // namespace ndx::tools::ndxctl
