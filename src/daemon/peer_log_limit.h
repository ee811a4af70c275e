// Which lines about a peer may be written: a few for each in a minute, so that neither does a flood
// fill the log nor one peer hide another.
//
// Thread-safety: thread-safe.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "absl/base/thread_annotations.h"
#include "absl/container/flat_hash_map.h"
#include "absl/strings/string_view.h"
#include "ndx/core/clock.h"
#include "ndx/core/mutex.h"

namespace ndx::daemon {

// Lines about one peer and subject in a minute.
inline constexpr uint64_t kPeerLinesPerMinute = 3;
// Peers and subjects remembered; what comes beyond shares one place.
inline constexpr size_t kPeersRemembered = 4096;

class PeerLogLimit {
 public:
  // The clock must outlive it.
  explicit PeerLogLimit(const core::Clock& clock) : clock_(clock) {}

  // May a line be written about the subject and the peer at this address ("host:port", of which the
  // host counts)? Then the number of lines about them that were held back before it.
  std::optional<uint64_t> Admit(absl::string_view subject, absl::string_view address);

 private:
  struct Place {
    int64_t began_nanos = 0;
    uint64_t lines = 0;
    uint64_t held_back = 0;
  };

  Place& PlaceOf(std::string key, int64_t now_nanos) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);

  const core::Clock& clock_;
  core::Mutex mutex_;
  absl::flat_hash_map<std::string, Place> places_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace ndx::daemon
