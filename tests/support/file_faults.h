// Disk faults on demand: syncs or writes of files whose path holds a text fail from now on.
//
// Thread-safety: thread-safe.
#pragma once

#include <string>
#include <utility>

#include "absl/strings/match.h"
#include "ndx/core/mutex.h"
#include "ndx/store/file_faults.h"

namespace ndx::tests {

class TestFileFaults final : public store::FileFaults {
 public:
  // An empty text matches no path.
  void FailSyncs(std::string path_holds) {
    core::MutexLock lock(mutex_);
    failing_syncs_ = std::move(path_holds);
  }
  void FailWrites(std::string path_holds) {
    core::MutexLock lock(mutex_);
    failing_writes_ = std::move(path_holds);
  }

  absl::Status BeforeWrite(const std::string& path, size_t /*bytes*/) override {
    core::MutexLock lock(mutex_);
    return Matches(path, failing_writes_) ? absl::ResourceExhaustedError("injected write fault")
                                          : absl::OkStatus();
  }
  absl::Status BeforeSync(const std::string& path) override {
    core::MutexLock lock(mutex_);
    ++syncs_;
    return Matches(path, failing_syncs_) ? absl::UnavailableError("injected sync fault")
                                         : absl::OkStatus();
  }

  // Syncs asked for so far, failed ones included.
  int syncs() {
    core::MutexLock lock(mutex_);
    return syncs_;
  }

 private:
  static bool Matches(const std::string& path, const std::string& text) {
    return !text.empty() && absl::StrContains(path, text);
  }

  core::Mutex mutex_;
  std::string failing_syncs_ ABSL_GUARDED_BY(mutex_);
  std::string failing_writes_ ABSL_GUARDED_BY(mutex_);
  int syncs_ ABSL_GUARDED_BY(mutex_) = 0;
};

}  // namespace ndx::tests
