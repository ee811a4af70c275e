#include "key_mover.h"

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "intake_disposal.h"
#include "leaf_mover.h"
#include "ndx/core/big_endian.h"
#include "ndx/core/status_macros.h"
#include "ndx/core/thread_priority.h"
#include "ndx/store/ascending_lookup.h"
#include "store_layout.h"

namespace ndx::journal {
namespace {

constexpr absl::Duration kDisposalInterval = absl::Minutes(10);
constexpr uint64_t kLeavesToldAtOnce = 1024;
// Rounds of moving, and deliveries to one observer, in one pass: a long journal that is followed or
// indexed from its beginning must not keep the rest waiting for minutes.
constexpr size_t kRoundsAPass = 64;
// Between attempts while something keeps the follower from going on.
constexpr absl::Duration kTroublePause = absl::Seconds(2);
// Plaintext in one round, so that its memory and the time that it holds others off are bounded.
constexpr uint64_t kRoundBytesMax = uint64_t{32} << 20;
// A part without content counts as much: its key and commitment are held until the round is over.
constexpr uint64_t kBytesOfPart = 64;

}  // namespace

KeyMover::KeyMover(Parts parts, FollowOptions options)
    : parts_(std::move(parts)), options_(std::move(options)), thread_([this] { Run(); }) {
  parts_.unmoved.BeginToCollect();
}

void KeyMover::Close() {
  {
    core::MutexLock lock(mutex_);
    closing_ = true;
    changed_.NotifyAll();
  }
  if (thread_.joinable()) thread_.join();
}

bool KeyMover::closing() const {
  core::MutexLock lock(mutex_);
  return closing_;
}

void KeyMover::Step(absl::string_view name) const {
  if (options_.at_step) options_.at_step(name);
}

absl::StatusOr<uint64_t> KeyMover::MovedTo(const store::Database& database) {
  const auto bytes = database.Get(kMetaFamily, kMovedToKey);
  if (absl::IsNotFound(bytes.status())) return 0;
  NDX_RETURN_IF_ERROR(bytes.status());
  if (bytes->size() != sizeof(uint64_t)) {
    return absl::DataLossError("the place to which keys have been moved is unreadable");
  }
  return core::ReadBigEndian<uint64_t>(*bytes);
}

void KeyMover::Run() {
  core::StandBackOnThisThread();
  bool swept = false;
  while (!closing()) {
    uint64_t pass = 0;
    {
      core::MutexLock lock(mutex_);
      pass = pass_.wanted;
    }
    const absl::Status ready = swept ? absl::OkStatus() : Sweep();
    swept |= ready.ok();
    const absl::StatusOr<bool> ended = ready.ok() ? PassOnce() : ready;
    Settle(ended.status());
    if (ended.ok() && !*ended) continue;
    core::MutexLock lock(mutex_);
    // After trouble whoever waits is told of it, not left to its timeout.
    pass_.done = pass;
    changed_.NotifyAll();
    if (closing_ || pass_.wanted != pass) continue;
    changed_.WaitFor(mutex_,
                     ended.ok() ? options_.interval : std::max(options_.interval, kTroublePause));
  }
}

void KeyMover::Settle(const absl::Status& status) {
  bool changed = false;
  {
    core::MutexLock lock(mutex_);
    changed = trouble_.ok() != status.ok();
    trouble_ = status;
  }
  if (changed && options_.on_trouble) options_.on_trouble(status);
}

absl::StatusOr<bool> KeyMover::PassOnce() {
  bool ended = false;
  for (size_t round = 0; !ended && round < kRoundsAPass && !closing(); ++round) {
    if (!parts_.has_space()) {
      // What may be removed makes room.
      (void)parts_.prune();
      return absl::ResourceExhaustedError("the journal's disk is nearly full");
    }
    NDX_ASSIGN_OR_RETURN(ended, MoveRound());
  }
  absl::Status first_error = DisposeIfDue();
  first_error.Update(parts_.prune());
  for (LeafObserver* observer : options_.observers) {
    const absl::StatusOr<bool> told = Tell(*observer);
    first_error.Update(told.status());
    ended = ended && told.ok() && *told;
  }
  NDX_RETURN_IF_ERROR(first_error);
  return ended;
}

absl::StatusOr<bool> KeyMover::MoveRound() {
  // Held over the disk: an erasure between the two writes would wrap under a key that is gone.
  const core::MutexLock moving(moving_);
  const uint64_t begin = parts_.subjects.next_leaf();
  const uint64_t size = parts_.reader.size();
  if (begin >= size) return true;
  const uint64_t end = std::min(size, begin + options_.leaves_per_round);
  NDX_RETURN_IF_ERROR(MoveLeaves(begin, end));
  return parts_.subjects.next_leaf() >= size;
}

absl::Status KeyMover::MoveLeaves(uint64_t begin, uint64_t end) {
  LeafMover mover({.database = parts_.database,
                   .reader = parts_.reader,
                   .keys = parts_.keys,
                   .subjects = parts_.subjects,
                   .unmoved = parts_.unmoved,
                   .types = options_.types});
  KeyMove move(parts_.subjects);
  std::vector<uint64_t> done;
  absl::Status status;
  uint64_t next = begin;
  uint64_t bytes = 0;
  NDX_RETURN_IF_ERROR(parts_.reader.Scan({.from_index = begin}, [&](const StoredLeaf& leaf) {
    status = mover.Follow(leaf, &move, &done);
    if (!status.ok()) return false;
    next = leaf.index + 1;
    bytes += leaf.leaf.request().bytes() + leaf.leaf.response().bytes() +
             kBytesOfPart * (leaf.leaf.request().parts() + leaf.leaf.response().parts());
    return next < end && bytes < kRoundBytesMax;
  }));
  NDX_RETURN_IF_ERROR(status);
  Step("before the keys are written");
  NDX_RETURN_IF_ERROR(Wrote(parts_.subjects.Write(std::move(move), next)));
  Step("the keys are written");
  NDX_RETURN_IF_ERROR(DeleteWraps(done, next));
  Step("the wraps are deleted");
  return absl::OkStatus();
}

absl::Status KeyMover::DeleteWraps(const std::vector<uint64_t>& leaves, uint64_t next_leaf) {
  store::Batch batch;
  for (const uint64_t leaf : leaves) batch.Delete(kKeyFamily, WrapKeyKey(leaf));
  batch.Put(kMetaFamily, kMovedToKey, core::BigEndian(next_leaf));
  return Wrote(parts_.database.WriteSynced(batch));
}

absl::Status KeyMover::Wrote(absl::Status status) {
  if (!status.ok()) parts_.on_failed_write(status);
  return status;
}

// Deletes what a crash left between the two writes of a round.
absl::Status KeyMover::Sweep() {
  const core::MutexLock moving(moving_);
  const uint64_t next = parts_.subjects.next_leaf();
  NDX_ASSIGN_OR_RETURN(const auto wraps, WrapsKept(parts_.database, next));
  std::vector<uint64_t> done;
  for (const auto& [leaf, wrap] : wraps) {
    if (parts_.subjects.Moved(leaf).ok()) done.push_back(leaf);
  }
  return DeleteWraps(done, next);
}

absl::Status KeyMover::DisposeIfDue() {
  const absl::Time now = parts_.clock.Now();
  if (now < next_disposal_ && next_disposal_ - now <= kDisposalInterval) return absl::OkStatus();
  const core::MutexLock moving(moving_);
  IntakeDisposal disposal({.database = parts_.database,
                           .ring = parts_.keys.ring(),
                           .subjects = parts_.subjects,
                           .at_step = options_.at_step});
  const absl::Duration kept = std::min(options_.intake_keys_kept, kIntakeKeysKeptMax);
  NDX_RETURN_IF_ERROR(disposal.Run(now - kept));
  next_disposal_ = now + kDisposalInterval;
  return absl::OkStatus();
}

absl::StatusOr<bool> KeyMover::Tell(LeafObserver& observer) {
  for (size_t round = 0; round < kRoundsAPass && !closing(); ++round) {
    const uint64_t begin = observer.NextLeaf();
    const uint64_t end = std::min(parts_.subjects.next_leaf(), begin + kLeavesToldAtOnce);
    if (begin >= end) return true;
    std::vector<FollowedLeaf> leaves;
    leaves.reserve(end - begin);
    NDX_RETURN_IF_ERROR(
        parts_.reader.ReadLeaves(begin, end, [&] { return &leaves.emplace_back().leaf; }));
    store::AscendingLookup lookup(parts_.subjects.database(), kLeafSubjectFamily);
    for (FollowedLeaf& followed : leaves) {
      const uint64_t index = followed.leaf.index;
      NDX_ASSIGN_OR_RETURN(const auto stored, lookup.Find(LeafKey(index)));
      NDX_ASSIGN_OR_RETURN(const auto subjects, SubjectKeys::ParseSubjects(index, stored));
      followed.subjects.assign(subjects.subjects().begin(), subjects.subjects().end());
    }
    NDX_RETURN_IF_ERROR(observer.Observe(leaves));
    if (observer.NextLeaf() <= begin) {
      return absl::InternalError("an observer of the journal does not move on");
    }
  }
  return false;
}

FollowProgress KeyMover::progress() const {
  FollowProgress out;
  out.next_leaf = parts_.subjects.next_leaf();
  out.size = parts_.reader.size();
  if (out.next_leaf < out.size) {
    if (const auto leaf = parts_.reader.Leaf(out.next_leaf); leaf.ok()) {
      out.lag = std::max(absl::ZeroDuration(),
                         parts_.clock.Now() - absl::FromUnixNanos(leaf->leaf.time_unix_ns()));
    }
  }
  if (const auto hours = IntakeHours(parts_.database); hours.ok()) {
    out.intake_keys = hours->size();
    if (!hours->empty()) out.oldest_intake_key = BeginOfHour(hours->front());
  }
  core::MutexLock lock(mutex_);
  out.trouble = trouble_;
  return out;
}

absl::Status KeyMover::AwaitFollowed(absl::Duration timeout) {
  const int64_t until = parts_.clock.MonotonicNanos() + absl::ToInt64Nanoseconds(timeout);
  core::MutexLock lock(mutex_);
  const uint64_t pass = ++pass_.wanted;
  changed_.NotifyAll();
  while (pass_.done < pass) {
    if (closing_) return absl::CancelledError("the journal is closed");
    const int64_t left = until - parts_.clock.MonotonicNanos();
    if (left <= 0) return absl::DeadlineExceededError("the journal's follower has not come so far");
    changed_.WaitFor(mutex_, std::min(absl::Nanoseconds(left), absl::Milliseconds(100)));
  }
  return trouble_;
}

}  // namespace ndx::journal
