// The registry in force on a node.
//
//   auto snapshot = registry.Current();   // keep for the whole exchange: one exchange, one
//   registry
//
// Thread-safety: thread-safe. Ownership: snapshots are shared because exchanges under way keep the
// one they began with.
#pragma once

#include <memory>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "ndx/core/mutex.h"
#include "ndx/registry/registry_snapshot.h"
#include "ndx/registry/registry_source.h"

namespace ndx::registry {

class Registry {
 public:
  // Loads; an error means that there is no registry and the node must not start.
  static absl::StatusOr<std::unique_ptr<Registry>> Open(RegistrySource source);

  // A registry that holds a snapshot made elsewhere: one that the node keeps (registry_ledger.h),
  // or a test's. Reload() then fails.
  explicit Registry(std::shared_ptr<const RegistrySnapshot> snapshot);

  // Takes a short lock; callers on a hot path fetch it once for each exchange.
  std::shared_ptr<const RegistrySnapshot> Current() const;

  // Puts another one in force.
  void Put(std::shared_ptr<const RegistrySnapshot> snapshot);

  // Loads again. On error the old snapshot stays in force and the error is returned; that of
  // RefuseIfBreaking() where a contract would break. Returns the snapshot now in force; its version
  // tells whether anything changed.
  absl::StatusOr<std::shared_ptr<const RegistrySnapshot>> Reload();

  // Builds what was read last anew, with what peers offer now (PeerFeeds). On error the old
  // snapshot stays in force.
  absl::Status Rebuild();

 private:
  Registry(RegistrySource source, std::vector<settings::SettingsFile> files,
           std::shared_ptr<const RegistrySnapshot> snapshot);
  absl::StatusOr<std::shared_ptr<const RegistrySnapshot>> BuildFrom(
      std::vector<settings::SettingsFile> files) ABSL_EXCLUSIVE_LOCKS_REQUIRED(reload_mutex_);

  const RegistrySource source_;
  const bool reloadable_;
  core::Mutex reload_mutex_;  // one reload at a time
  std::vector<settings::SettingsFile> files_ ABSL_GUARDED_BY(reload_mutex_);  // in force
  mutable core::Mutex mutex_;
  std::shared_ptr<const RegistrySnapshot> current_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace ndx::registry
