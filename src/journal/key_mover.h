// Follows the log: moves keys leaf by leaf, destroys intake keys under which nothing is left, tells
// observers. Private to this folder.
//
// Thread-safety: thread-safe. std::thread: decrypting, wrapping and syncing must not wait for
// anybody and nobody for them; they run behind the exchanges.
// Crash-safety: what is moved is synced, with the place come to, in the store of subject keys
// before the wrap of the exchange key is deleted; every step may be done again.
//
//   leaves ─▶ keys/ (moved keys, subjects' keys, next leaf: one synced batch)
//          ─▶ db/   (wraps deleted, next leaf: one synced batch)
//          ─▶ observers, from their own place on
//   due    ─▶ pruner (payloads whose retention is over)
//   hourly ─▶ db/   (wraps that are left: deleted or re-wrapped; intake keys deleted) ─▶ scrubbed
#pragma once

#include <cstdint>
#include <functional>
#include <thread>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "ndx/core/clock.h"
#include "ndx/core/mutex.h"
#include "ndx/journal/payload_keeper.h"
#include "ndx/journal/unmoved_keys.h"
#include "ndx/store/database.h"
#include "payload_keys.h"
#include "store_reader.h"
#include "subject_keys.h"

namespace ndx::journal {

class KeyMover {
 public:
  struct Parts {
    store::Database& database;  // the journal's
    const StoreReader& reader;
    const PayloadKeys& keys;
    SubjectKeys& subjects;
    UnmovedKeys& unmoved;
    const core::Clock& clock;
    // False while the disk is nearly full.
    std::function<bool()> has_space;
    // A synced write failed.
    std::function<void(const absl::Status&)> on_failed_write;
    // Called in every pass, behind the moving of keys: removes what has been kept long enough.
    std::function<absl::Status()> prune;
  };
  KeyMover(Parts parts, FollowOptions options);
  ~KeyMover() { Close(); }

  void Close();

  FollowProgress progress() const;
  absl::Status AwaitFollowed(absl::Duration timeout);

  // Nothing is moved while this is held.
  core::Mutex& moving() ABSL_LOCK_RETURNED(moving_) { return moving_; }

  // Where the journal's database says that wraps have been deleted up to; 0 if nowhere.
  static absl::StatusOr<uint64_t> MovedTo(const store::Database& database);

 private:
  struct Pass {
    uint64_t wanted = 0;
    uint64_t done = 0;
  };

  void Run();
  // These say whether they have come to the end; if not they are to be called again.
  absl::StatusOr<bool> PassOnce();
  absl::StatusOr<bool> MoveRound();
  absl::StatusOr<bool> Tell(LeafObserver& observer);
  absl::Status MoveLeaves(uint64_t begin, uint64_t end);
  absl::Status DeleteWraps(const std::vector<uint64_t>& leaves, uint64_t next_leaf);
  absl::Status Sweep();
  absl::Status DisposeIfDue();
  void Settle(const absl::Status& status);
  absl::Status Wrote(absl::Status status);
  void Step(absl::string_view name) const;
  bool closing() const;

  const Parts parts_;
  const FollowOptions options_;
  core::Mutex moving_;
  absl::Time next_disposal_ = absl::InfinitePast();
  mutable core::Mutex mutex_ ABSL_ACQUIRED_AFTER(moving_);
  core::CondVar changed_;
  bool closing_ ABSL_GUARDED_BY(mutex_) = false;
  Pass pass_ ABSL_GUARDED_BY(mutex_);
  absl::Status trouble_ ABSL_GUARDED_BY(mutex_);
  std::thread thread_;
};

}  // namespace ndx::journal
