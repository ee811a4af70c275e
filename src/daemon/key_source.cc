#include "ndx/daemon/key_source.h"

#include <cstdlib>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "ndx/core/status_macros.h"
#include "ndx/crypto/key_file.h"
#include "ndx/settings/settings_loader.h"

namespace ndx::daemon {
namespace {

// Runs a reader of key files on a source; errors begin with the setting's name.
template <typename Read>
auto ReadKey(absl::string_view setting, absl::string_view source, absl::string_view settings_file,
             Read read) -> decltype(read(std::string())) {
  const auto named = [&](const absl::Status& status) {
    return absl::Status(status.code(), absl::StrCat("journal.", setting, ": ", status.message()));
  };
  const auto path = KeyPath(source, settings_file);
  if (!path.ok()) return named(path.status());
  auto key = read(*path);
  if (!key.ok()) return named(key.status());
  return key;
}

}  // namespace

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

absl::StatusOr<journal::RocksJournalKeys> ReadJournalKeys(
    const settings::v1::JournalSettings& settings, absl::string_view settings_file) {
  const auto signing = [&](absl::string_view setting, absl::string_view source) {
    return ReadKey(setting, source, settings_file, crypto::ReadEd25519KeyFile);
  };
  const auto master = [&](absl::string_view setting, absl::string_view source) {
    return ReadKey(setting, source, settings_file, crypto::ReadAesKeyFile);
  };
  NDX_ASSIGN_OR_RETURN(auto signing_key, signing("signing_key", settings.signing_key()));
  NDX_ASSIGN_OR_RETURN(auto master_key, master("master_key", settings.master_key()));
  journal::RocksJournalKeys keys{.signing = std::move(signing_key),
                                 .master = std::move(master_key)};
  if (!settings.next_signing_key().empty()) {
    NDX_ASSIGN_OR_RETURN(keys.next_signing,
                         signing("next_signing_key", settings.next_signing_key()));
  }
  if (settings.has_master_key_change()) {
    const auto& change = settings.master_key_change();
    NDX_ASSIGN_OR_RETURN(auto previous,
                         master("master_key_change.previous_key", change.previous_key()));
    keys.master_change =
        journal::MasterKeyChange{.previous = std::move(previous),
                                 .by = {.operator_name = change.operator_(),
                                        .operator_action = "journal.master_key_change",
                                        .operator_reason = change.reason()}};
  }
  return keys;
}

}  // namespace ndx::daemon
