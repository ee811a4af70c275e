// The store of subject keys: the keys of payload parts, each under the keys of its subjects, and
// the subjects' keys under the node's master key. A database of its own beside the journal's, so
// that a copy of the journal without it is unreadable. Private to this folder.
//
// Thread-safety: thread-safe, except that Write() and Erase() are for one thread at a time.
// Errors: kNotFound for a key that was erased or never moved, kDataLoss for one that cannot be
// unwrapped, kInvalidArgument for a master key that is not the store's; kUnavailable and
// kResourceExhausted of writing: it is then unknown what is on disk.
#pragma once

#include <atomic>
#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/container/flat_hash_set.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "master_key_change.h"
#include "ndx/core/mutex.h"
#include "ndx/core/random.h"
#include "ndx/crypto/secret_bytes.h"
#include "ndx/journal/v1/journal_store.pb.h"
#include "ndx/store/database.h"

namespace ndx::journal {

// Column families of the store.
inline constexpr store::Family kSubjectKeyFamily = 1;
inline constexpr store::Family kMovedKeyFamily = 2;
inline constexpr store::Family kLeafSubjectFamily = 3;
inline constexpr store::Family kHoldFamily = 4;
inline constexpr store::Family kErasureFamily = 5;

inline constexpr size_t kSubjectIdBytes = 16;

// Keys of the default family that the master key wraps.
inline constexpr absl::string_view kNameKey = "name_key";
inline constexpr absl::string_view kHouseKey = "house_key";

std::string SubjectKeyDirectory(const std::string& epoch_directory);
store::DatabaseOptions SubjectKeyDatabaseOptions(const std::string& epoch_directory);

struct SubjectKey {
  uint64_t serial = 0;
  crypto::SecretBytes key;
};

// A part's key on its way under its subjects' keys.
struct PartToMove {
  crypto::SecretBytes key;
  std::vector<std::string> subjects;  // ids, ascending
  std::string commitment;
  uint32_t offset = 0;
};

// The keys of the payload stored with one leaf.
struct LeafToMove {
  uint64_t index = 0;
  std::vector<PartToMove> request;
  std::vector<PartToMove> response;
  std::vector<PartToMove> signature;  // none or one
};

class SubjectKeys;

// What is about to be written, in one batch. Thread-compatible.
class KeyMove {
 public:
  explicit KeyMove(SubjectKeys& keys) : keys_(keys) {}

  absl::Status Add(const LeafToMove& leaf);
  void AddSubjects(uint64_t leaf, const v1::LeafSubjects& subjects);

  // Whether the keys of this leaf are in the move.
  bool Holds(uint64_t leaf) const { return leaves_.contains(leaf); }

 private:
  friend class SubjectKeys;
  struct Subject {
    std::shared_ptr<const SubjectKey> key;
    crypto::SecretBytes wrapping_key;  // of parts that concern nobody else; empty until needed
  };
  absl::StatusOr<const SubjectKey*> KeyOf(const std::string& id);
  // Valid until the next call.
  absl::string_view WrappingKeyOf(const std::vector<std::string>& ids);

  SubjectKeys& keys_;
  store::Batch batch_;
  absl::flat_hash_set<uint64_t> leaves_;
  absl::flat_hash_map<std::string, Subject> subjects_;
  crypto::SecretBytes joint_wrapping_key_;  // the last one of several subjects
};

class SubjectKeys {
 public:
  struct Options {
    std::string epoch_directory;
    std::string origin;
    MasterKeys masters;
    store::FileFaults* faults = nullptr;
  };
  static absl::StatusOr<std::unique_ptr<SubjectKeys>> Open(Options options, core::Random& random);

  // What opening it has wrapped anew.
  const Rewrapped& rewrapped() const { return rewrapped_; }

  // Where the follower is, according to a store that is only read.
  static absl::StatusOr<uint64_t> NextLeafOf(const store::Database& database);

  // The name under which a subject's key is kept; tells nothing without the name key.
  std::string IdOf(absl::string_view subject) const;

  // The first leaf that the follower has not passed.
  uint64_t next_leaf() const { return next_leaf_.load(); }

  absl::StatusOr<v1::MovedKeys> Moved(uint64_t leaf) const;
  // The keys of a group's parts, one behind another.
  absl::StatusOr<crypto::SecretBytes> GroupKeys(const v1::MovedKeys& keys,
                                                const v1::MovedKeyGroup& group) const;
  // The key of a part in no group: of layout 1, or of a payload whose retention was over.
  absl::StatusOr<crypto::SecretBytes> PartKey(const v1::MovedKeys& keys,
                                              const v1::MovedPartKey& part) const;
  // None is an empty list.
  absl::StatusOr<v1::LeafSubjects> SubjectsOf(uint64_t leaf) const;
  // The same of what was looked up under the leaf's index.
  static absl::StatusOr<v1::LeafSubjects> ParseSubjects(uint64_t leaf,
                                                        std::optional<absl::string_view> stored);

  // Writes, synced, what was moved, and that leaves below next_leaf have been passed.
  absl::Status Write(KeyMove move, uint64_t next_leaf);

  // The serial of a subject's key; 0 if there is none.
  absl::StatusOr<uint64_t> SerialOf(const std::string& id) const;

  // Deletes a subject's key if it has this serial. It is in files until Scrub().
  absl::Status Erase(const std::string& id, uint64_t serial);
  absl::Status Scrub() { return database_->Scrub({kSubjectKeyFamily}); }

  store::Database& database() { return *database_; }
  const store::Database& database() const { return *database_; }

 private:
  friend class KeyMove;
  SubjectKeys(std::unique_ptr<store::Database> database, crypto::SecretBytes master,
              core::Random& random)
      : database_(std::move(database)), master_(std::move(master)), random_(random) {}
  absl::Status Start(const std::string& origin, const MasterKeys& masters);
  absl::Status CheckHeader(const std::string& origin, const MasterKeys& masters);
  absl::StatusOr<crypto::SecretBytes> LoadOrMake(absl::string_view name);
  // Derived from the keys of subjects at these positions; kNotFound if one of them is gone.
  absl::StatusOr<crypto::SecretBytes> WrappingKeyOf(
      const v1::MovedKeys& keys, const google::protobuf::RepeatedField<uint32_t>& positions) const;
  absl::StatusOr<std::shared_ptr<const SubjectKey>> Find(const std::string& id) const;
  absl::StatusOr<std::shared_ptr<const SubjectKey>> Make(const std::string& id,
                                                         store::Batch* batch) const;

  const std::unique_ptr<store::Database> database_;
  const crypto::SecretBytes master_;
  core::Random& random_;
  crypto::SecretBytes name_key_;
  crypto::SecretBytes house_key_;
  crypto::SecretBytes house_wrapping_key_;  // derived from it, for parts that concern nobody
  Rewrapped rewrapped_;
  std::atomic<uint64_t> next_leaf_{0};
  mutable core::Mutex mutex_;
  mutable std::map<std::string, std::shared_ptr<const SubjectKey>> cache_ ABSL_GUARDED_BY(mutex_);
  // Grows with every erasure: what was read before it is not remembered after it.
  mutable uint64_t erasures_ ABSL_GUARDED_BY(mutex_) = 0;
};

}  // namespace ndx::journal
