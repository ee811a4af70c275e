// How many connections there are with each certificate.
//
// Thread-safety: thread-safe; a lock is taken once for each connection that opens or closes.
#pragma once

#include <cstddef>
#include <string>

#include "absl/base/thread_annotations.h"
#include "absl/container/flat_hash_map.h"
#include "absl/hash/hash.h"
#include "ndx/core/mutex.h"

namespace ndx::transport {

class PeerCounts {
 public:
  explicit PeerCounts(size_t max) : max_(max) {}

  // Counts one more with this certificate (DER); false when there are as many as may be.
  bool Take(const std::string& leaf_der) {
    const size_t key = absl::HashOf(leaf_der);
    core::MutexLock lock(mutex_);
    size_t& count = counts_[key];
    if (count >= max_) return false;
    ++count;
    return true;
  }

  // One that Take() counted is gone.
  void Give(const std::string& leaf_der) {
    const auto found_key = absl::HashOf(leaf_der);
    core::MutexLock lock(mutex_);
    const auto found = counts_.find(found_key);
    if (found != counts_.end() && --found->second == 0) counts_.erase(found);
  }

 private:
  const size_t max_;
  core::Mutex mutex_;
  // By hash, whose seed is this process's: a certificate is a kilobyte.
  absl::flat_hash_map<size_t, size_t> counts_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace ndx::transport
