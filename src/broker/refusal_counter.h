// Counts what is refused before anybody is authenticated: handshakes, and callers whose certificate
// is not accepted. Once a second the counts become one leaf (HANDSHAKES_REFUSED); the first few
// exchanges of a second get leaves of their own.
//
// Thread-safety: thread-safe.
#pragma once

#include <map>
#include <optional>
#include <string>

#include "absl/base/thread_annotations.h"
#include "absl/strings/string_view.h"
#include "ndx/core/mutex.h"
#include "ndx/core/refusal.h"
#include "ndx/journal/leaf_codec.h"
#include "ndx/journal/v1/journal_leaf.pb.h"

namespace ndx::broker {

// Exchanges refused before authentication that get a leaf of their own, in any second.
inline constexpr int kUnauthenticatedLeavesPerSecond = 50;

// Different causes that one leaf names, "other" among them: what the journal takes.
inline constexpr size_t kRefusalCausesMax = journal::kLeafHandshakeCausesMax;

class RefusalCounter {
 public:
  // A handshake that failed; cause is a word of the transport's, never the peer's.
  void CountHandshake(absl::string_view cause);

  // An exchange refused before authentication.
  void Count(exchange::v1::ErrorReason reason);

  // May this refusal have a leaf of its own? Monotonic nanoseconds.
  bool TryTakeLeaf(int64_t now_nanos);

  // Whether TryTakeLeaf() would say yes.
  bool LeafLeft(int64_t now_nanos);

  // The leaf over everything counted since the last call; nothing if nothing was. Exchanges that
  // had a leaf of their own are in it too: its figures are complete.
  std::optional<journal::v1::JournalLeaf> TakeLeaf();

 private:
  bool HasLeaf(int64_t now_nanos) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  void Add(std::string cause) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);

  core::Mutex mutex_;
  std::map<std::string, uint32_t> counts_ ABSL_GUARDED_BY(mutex_);
  int64_t second_began_nanos_ ABSL_GUARDED_BY(mutex_) = 0;
  int leaves_in_second_ ABSL_GUARDED_BY(mutex_) = 0;
};

}  // namespace ndx::broker
