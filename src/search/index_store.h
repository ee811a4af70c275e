// The index of one journal on disk: for each value of each field the leaves that have it, and the
// times of blocks of leaves. Private to this folder.
//
// Thread-safety: thread-safe; Collect() and Apply() by one thread at a time.
// Ownership: posting lists must not outlive it.
// Durability: Apply() is not synced. A batch and its watermark are one write, so that whatever a
// crash leaves is the index of the first watermark() leaves.
// Errors: kDataLoss (unreadable: build anew), kUnavailable, kResourceExhausted.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/functional/function_ref.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "index_key.h"
#include "ndx/core/mutex.h"
#include "ndx/journal/v1/journal_leaf.pb.h"
#include "ndx/search/filter.h"
#include "ndx/store/database.h"

namespace ndx::search {

// Leaves of one entry of times.
inline constexpr uint64_t kBlockLeaves = 1024;
// Values that a field's dictionary holds; the ones after share one list.
inline constexpr size_t kDictionaryValuesMax = 65'536;
// Postings in one key.
inline constexpr size_t kPostingsPerKeyMax = 4096;

// A value of a dictionary field.
struct IndexedValue {
  std::string prefix;  // of its postings
  uint64_t postings = 0;
};

// Everything that some leaves in sequence add to the index.
class PostingBatch {
 public:
  bool empty() const { return leaves_ == 0; }
  uint64_t leaves() const { return leaves_; }

 private:
  friend class IndexStore;
  uint64_t next_ = 0;
  uint64_t leaves_ = 0;
  std::string last_bytes_;
  absl::flat_hash_map<std::string, std::vector<uint64_t>> postings_;  // by prefix
  std::vector<std::string> settled_;                                  // keys to delete
};

class IndexStore {
 public:
  // Creates what does not exist. kDataLoss if it is of another layout.
  static absl::StatusOr<std::unique_ptr<IndexStore>> Open(const std::string& directory,
                                                          size_t cache_bytes,
                                                          size_t write_buffer_bytes);
  ~IndexStore();

  // Leaves before this are indexed.
  uint64_t watermark() const;
  // SHA-256 of the last of them as stored; empty while there is none.
  std::string last_hash() const;

  // Adds a leaf, which must be number watermark() plus what the batch holds, and the persons it
  // concerns as 16-byte references.
  void Collect(uint64_t index, absl::string_view bytes, const journal::v1::JournalLeaf& leaf,
               const std::vector<std::string>& subjects, PostingBatch* batch);
  // Writes the batch and empties it. After an error the store is to be opened again.
  absl::Status Apply(PostingBatch* batch);
  // Writes what is in memory to files.
  absl::Status Flush() { return database_->Flush(); }
  store::Database::Memory memory() const { return database_->memory(); }

  // Values of a dictionary field that are wanted, and the list of those past the dictionary's
  // limit. False if there are more than values_max.
  bool FindValues(IndexField field, absl::FunctionRef<bool(absl::string_view)> wanted,
                  size_t values_max, std::vector<IndexedValue>* values) const;

  // The newest block, at most this one, with a leaf in the time bound. False if there is none.
  bool NewestBlock(uint64_t at_most, const TimeBound& bound, uint64_t* block) const;

  std::unique_ptr<store::Cursor> NewCursor() const { return database_->NewCursor(kPostings); }

 private:
  static constexpr store::Family kPostings = 1;

  struct DictionaryEntry {
    uint32_t number = 0;
    uint64_t postings = 0;
    bool changed = false;
  };
  struct BlockTimes {
    int64_t oldest = INT64_MAX;
    int64_t newest = INT64_MIN;
  };
  using Dictionary = absl::flat_hash_map<std::string, DictionaryEntry>;

  explicit IndexStore(std::unique_ptr<store::Database> database) : database_(std::move(database)) {}

  absl::Status Load();
  absl::Status LoadValues();
  absl::Status LoadBlocks();
  std::string PrefixOf(IndexField field, absl::string_view value)
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  void NoteTime(uint64_t index, int64_t time_unix_ns) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  void AddMeta(const PostingBatch& batch, store::Batch* out);

  const std::unique_ptr<store::Database> database_;
  mutable core::Mutex mutex_;
  uint64_t watermark_ ABSL_GUARDED_BY(mutex_) = 0;
  std::string last_hash_ ABSL_GUARDED_BY(mutex_);
  std::map<IndexField, Dictionary> values_ ABSL_GUARDED_BY(mutex_);
  std::vector<BlockTimes> blocks_ ABSL_GUARDED_BY(mutex_);
  // Of the writing thread.
  std::vector<std::pair<IndexField, std::string>> changed_values_;
  uint64_t first_changed_block_ = UINT64_MAX;
};

}  // namespace ndx::search
