#include "ndx/store/directory.h"

#include <sys/stat.h>

#include <cerrno>
#include <filesystem>

#include "absl/strings/str_cat.h"
#include "posix_file.h"

namespace ndx::store {

absl::Status MakeDirectory(const std::string& path, FileFaults* faults) {
  if (mkdir(path.c_str(), 0700) != 0 && errno != EEXIST) {
    return absl::ErrnoToStatus(errno, absl::StrCat(path, ": creating"));
  }
  const std::string parent = std::filesystem::path(path).parent_path().string();
  return SyncDirectory(parent.empty() ? "." : parent, faults);
}

}  // namespace ndx::store
