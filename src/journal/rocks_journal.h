// The journal on RocksDB and segment files, in a directory of its own. The format is in README.md.
//
// Thread-safety: thread-safe. Threads of its own: a committer (one synced write for each group), a
// checkpointer (signs, writes the slot, calls back), a reader (recall, receipts), a sealer (large
// payloads), a follower (moves keys).
// Ownership: the clock and the random source must outlive it. Destruction finishes what is queued.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "absl/functional/any_invocable.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "ndx/core/clock.h"
#include "ndx/core/random.h"
#include "ndx/crypto/ed25519.h"
#include "ndx/crypto/secret_bytes.h"
#include "ndx/journal/journal.h"
#include "ndx/journal/journal_key.h"
#include "ndx/journal/journal_reader.h"
#include "ndx/journal/payload_keeper.h"
#include "ndx/journal/payload_retention.h"

namespace ndx::store {
class FileFaults;
}  // namespace ndx::store

namespace ndx::journal {

struct RocksJournalOptions {
  std::string directory;  // created if absent; its parent must exist
  // Name of the node, without space or '+'; the origin is <node>/journal/<epoch>.
  std::string node;
  std::string version;  // of the program, for NODE_STARTED; at most 64 bytes
  // Start a new epoch because the present one is damaged or its key is lost. Its first leaf names
  // the last checkpoint that could be read.
  bool open_new_epoch = false;

  // How long both keys sign after a rotation of the signing key.
  absl::Duration signing_key_overlap = absl::Hours(720);

  // Payloads of this size and more, sealed, go to segment files.
  size_t segment_threshold_bytes = 1024;
  uint64_t segment_bytes_max = uint64_t{1} << 30;
  // Most records in one group, and most records waiting for one.
  size_t group_records_max = 1024;
  size_t queue_records_max = 65536;

  // Below this much free space new exchanges are refused.
  uint64_t free_bytes_min = uint64_t{1} << 30;
  // Kept allocated, given back when even the records that close exchanges no longer fit.
  uint64_t ballast_bytes = uint64_t{64} << 20;
  absl::Duration space_check_interval = absl::Milliseconds(200);
  // Free space of the directory; null: the file system's own figure. For tests.
  std::function<absl::StatusOr<uint64_t>()> free_bytes;

  size_t block_cache_bytes = size_t{64} << 20;
  // Called once, on the thread that finds out, when a synced write has failed: the process must
  // end.
  absl::AnyInvocable<void(const absl::Status&)> on_fatal;
  // For tests: makes writes and syncs fail. Must outlive the journal.
  store::FileFaults* faults = nullptr;
};

// The master key follows another: every key that was wrapped by that one is wrapped anew.
struct MasterKeyChange {
  crypto::SecretBytes previous;  // 32 bytes
  KeyChange by;                  // for the KEY_ROTATED leaf
};

struct RocksJournalKeys {
  crypto::Ed25519PrivateKey signing;
  crypto::SecretBytes master;  // 32 bytes
  // To follow `signing`, or, beside one that it has followed, the present one.
  std::optional<crypto::Ed25519PrivateKey> next_signing = std::nullopt;
  std::optional<MasterKeyChange> master_change = std::nullopt;
};

// What was found on opening.
struct StartFindings {
  bool created = false;
  uint32_t epoch = 1;
  std::string epoch_directory;          // where what goes with this epoch's leaves may be kept
  uint64_t leaves = 0;                  // before this start
  uint64_t leaves_past_checkpoint = 0;  // durable but not yet signed when the last run ended
  uint64_t in_doubt = 0;                // exchanges found open, now IN_DOUBT
  bool clean_stop = true;               // the last run ended by itself
  uint64_t keys_rewrapped = 0;          // under a new master key
  std::vector<std::string> remarks;     // what an operator is to do, a sentence each
  // One line for people.
  std::string ToString() const;
};

struct RocksJournalParts;

class RocksJournal : public Journal, public JournalKeys {
 public:
  // Opens or creates. kFailedPrecondition if another process owns the directory; kDataLoss, with
  // what to do, if the store is shorter than the newest signed checkpoint or disagrees with it;
  // kInvalidArgument for keys or options that do not fit the journal found.
  static absl::StatusOr<std::unique_ptr<RocksJournal>> Open(RocksJournalOptions options,
                                                            RocksJournalKeys keys,
                                                            const core::Clock& clock,
                                                            core::Random& random);

  // Begins to follow the log, behind the exchanges, until Close(). Once. Without it payloads stay
  // under their exchange keys, and no intake key is destroyed.
  virtual absl::Status StartFollowing(FollowOptions options) = 0;
  virtual PayloadKeeper& payload_keeper() = 0;
  virtual PayloadRetention& retention() = 0;

  // Finishes what is queued, writes the mark of a clean stop, closes. Appends that come later get
  // kCancelled. The destructor does it too.
  virtual void Close() = 0;

  virtual const StartFindings& findings() const = 0;
  virtual const JournalReader& reader() const = 0;

  // Bytes of memory that its databases hold.
  virtual uint64_t memory_bytes() const = 0;

  // For VerifyJournal() and BackUpJournal().
  virtual RocksJournalParts parts() const = 0;
};

}  // namespace ndx::journal
