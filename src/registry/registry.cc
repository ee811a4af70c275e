#include "ndx/registry/registry.h"

#include <utility>

#include "ndx/core/status_macros.h"
#include "ndx/registry/contract_change.h"
#include "ndx/settings/settings_loader.h"

namespace ndx::registry {

absl::StatusOr<std::unique_ptr<Registry>> Registry::Open(RegistrySource source) {
  NDX_ASSIGN_OR_RETURN(auto files, settings::ReadSettingsFiles(source.paths));
  NDX_ASSIGN_OR_RETURN(auto snapshot, BuildRegistry(files, source));
  return std::unique_ptr<Registry>(
      new Registry(std::move(source), std::move(files), std::move(snapshot)));
}

Registry::Registry(std::shared_ptr<const RegistrySnapshot> snapshot)
    : reloadable_(false), current_(std::move(snapshot)) {}

Registry::Registry(RegistrySource source, std::vector<settings::SettingsFile> files,
                   std::shared_ptr<const RegistrySnapshot> snapshot)
    : source_(std::move(source)),
      reloadable_(true),
      files_(std::move(files)),
      current_(std::move(snapshot)) {}

std::shared_ptr<const RegistrySnapshot> Registry::Current() const {
  core::MutexLock lock(mutex_);
  return current_;
}

void Registry::Put(std::shared_ptr<const RegistrySnapshot> snapshot) {
  core::MutexLock lock(mutex_);
  current_.swap(snapshot);
}

absl::StatusOr<std::shared_ptr<const RegistrySnapshot>> Registry::Reload() {
  if (!reloadable_) {
    return absl::FailedPreconditionError(
        "this registry is not read from files; a kept one is changed by `ndxctl registry propose`");
  }
  // Held while files are read, by nobody that an exchange waits for: the newest content must also
  // be the last one put in force.
  core::MutexLock one_at_a_time(reload_mutex_);
  NDX_ASSIGN_OR_RETURN(auto files, settings::ReadSettingsFiles(source_.paths));
  NDX_RETURN_IF_ERROR(RefuseIfBreaking(*Current(), files, source_));
  return BuildFrom(std::move(files));
}

absl::Status Registry::Rebuild() {
  if (!reloadable_) {
    return absl::FailedPreconditionError("this registry is not read from files");
  }
  core::MutexLock one_at_a_time(reload_mutex_);
  return BuildFrom(files_).status();
}

absl::StatusOr<std::shared_ptr<const RegistrySnapshot>> Registry::BuildFrom(
    std::vector<settings::SettingsFile> files) {
  NDX_ASSIGN_OR_RETURN(auto snapshot, BuildRegistry(files, source_));
  files_ = std::move(files);
  Put(snapshot);
  return snapshot;
}

}  // namespace ndx::registry
