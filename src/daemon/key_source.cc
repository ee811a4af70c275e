#include "ndx/daemon/key_source.h"

#include <cstdlib>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "ndx/settings/settings_loader.h"

namespace ndx::daemon {

absl::StatusOr<std::string> KeyPath(absl::string_view source, absl::string_view settings_file) {
  if (absl::ConsumePrefix(&source, "file:")) return settings::ResolvePath(settings_file, source);
  if (absl::ConsumePrefix(&source, "fd:")) {
    int fd = -1;
    if (absl::SimpleAtoi(source, &fd) && fd > 2) return absl::StrCat("/proc/self/fd/", fd);
    return absl::InvalidArgumentError("fd: must be followed by a descriptor number above 2");
  }
  if (absl::ConsumePrefix(&source, "credential:")) {
    const char* directory = std::getenv("CREDENTIALS_DIRECTORY");
    if (directory == nullptr) {
      return absl::InvalidArgumentError(
          "credential: needs systemd's LoadCredential= (CREDENTIALS_DIRECTORY is not set)");
    }
    return absl::StrCat(directory, "/", source);
  }
  return absl::InvalidArgumentError("a key must be file:PATH, fd:N or credential:NAME");
}

}  // namespace ndx::daemon
