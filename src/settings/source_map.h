// Where in which file a setting stands, so that an error found after parsing (a name that refers to
// nothing) can still say file, line and path.
//
// Thread-safety: value types.
#pragma once

#include <map>
#include <string>

#include "absl/strings/string_view.h"

namespace ndx::settings {

struct SourceLocation {
  std::string file;
  int line = 0;      // from 1; 0 when unknown
  std::string path;  // path within that file: systems[3].certificates[0].spki_sha256
};

// Paths of the merged message to places in the files it came from. The two differ when several
// files are joined: systems[12] of the message may be systems[3] of the third file.
class SourceMap {
 public:
  void Add(std::string merged_path, SourceLocation where);

  // The place of a path. An unknown path (a setting that was not given) gets its nearest enclosing
  // one's file and line, and its own path below that. Empty file when nothing encloses it.
  SourceLocation Find(absl::string_view merged_path) const;

 private:
  std::map<std::string, SourceLocation, std::less<>> places_;
};

}  // namespace ndx::settings
