// A key-value database of several column families with atomic, synced batches. Keeps RocksDB out
// of everybody else's headers.
//
// Thread-safety: Database is thread-safe; a Batch and a Cursor belong to one thread at a time.
// Ownership: cursors must not outlive their database.
// Errors: kNotFound (Get), kDataLoss (a checksum does not match; the message names the file),
// kFailedPrecondition (already open elsewhere), kUnavailable (I/O).
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "ndx/store/file_faults.h"

namespace ndx::store {

// Position of a family in DatabaseOptions::families, plus one; 0 is the default family.
using Family = uint32_t;
inline constexpr Family kDefaultFamily = 0;

struct FamilyOptions {
  std::string name;
  bool compress = false;  // lz4; for text, not for ciphertext
  bool filter = false;    // bloom filter, where keys that do not exist are asked for
};

struct DatabaseOptions {
  std::string directory;
  std::vector<FamilyOptions> families;
  size_t block_cache_bytes = size_t{64} << 20;
  // Of all families together: what was written last stands here until it goes to table files.
  size_t write_buffer_bytes = size_t{64} << 20;
  FileFaults* faults = nullptr;  // must outlive the database
};

// What to do where the write-ahead log cannot be read to its end.
enum class LogCheck {
  kPointInTime,  // stop there: everything before is good, everything after is gone
  kWhole,        // do not open (kDataLoss)
};

// Changes that happen together or not at all.
class Batch {
 public:
  // Views into the batch.
  struct Operation {
    Family family;
    bool is_delete;
    absl::string_view key;
    absl::string_view value;
  };

  void Put(Family family, absl::string_view key, absl::string_view value) {
    Add(family, false, key, value);
  }
  void Delete(Family family, absl::string_view key) { Add(family, true, key, {}); }
  bool empty() const { return entries_.empty(); }
  size_t size() const { return entries_.size(); }
  // Of keys and values.
  size_t bytes() const { return bytes_.size(); }

  // In the order they were added.
  template <typename See>
  void ForEach(See see) const {
    absl::string_view rest = bytes_;
    for (const Entry& entry : entries_) {
      see(Operation{.family = entry.family,
                    .is_delete = entry.is_delete,
                    .key = rest.substr(0, entry.key_bytes),
                    .value = rest.substr(entry.key_bytes, entry.value_bytes)});
      rest.remove_prefix(entry.key_bytes + entry.value_bytes);
    }
  }

 private:
  struct Entry {
    Family family;
    bool is_delete;
    size_t key_bytes;
    size_t value_bytes;
  };

  void Add(Family family, bool is_delete, absl::string_view key, absl::string_view value) {
    entries_.push_back({family, is_delete, key.size(), value.size()});
    bytes_.append(key.data(), key.size());
    bytes_.append(value.data(), value.size());
  }

  std::vector<Entry> entries_;
  std::string bytes_;  // keys and values, one behind another
};

// Walks the keys of one family in byte order, over the state when it was made.
class Cursor {
 public:
  virtual ~Cursor() = default;
  virtual void SeekToFirst() = 0;
  virtual void SeekToLast() = 0;
  virtual void Seek(absl::string_view key) = 0;         // first key >= key
  virtual void SeekForPrev(absl::string_view key) = 0;  // last key <= key
  virtual void Next() = 0;
  virtual void Prev() = 0;
  // False at the end and after an error: then status() tells which.
  virtual bool Valid() const = 0;
  virtual absl::string_view key() const = 0;    // until the next move
  virtual absl::string_view value() const = 0;  // until the next move
  virtual absl::Status status() const = 0;
};

// A file whose bytes are not those that were written.
struct FileProblem {
  std::string file;    // name in the database's directory
  std::string family;  // empty if unknown
  std::string smallest_key;
  std::string largest_key;
  std::string what;
};

class Database {
 public:
  virtual ~Database() = default;

  // Opens, creating what does not exist.
  static absl::StatusOr<std::unique_ptr<Database>> Open(const DatabaseOptions& options,
                                                        LogCheck log_check);

  // Opens without changing any file; every write fails.
  static absl::StatusOr<std::unique_ptr<Database>> OpenReadOnly(const DatabaseOptions& options,
                                                                LogCheck log_check);

  // True if the directory holds a database, readable or not.
  static bool Exists(const std::string& directory);

  virtual absl::StatusOr<std::string> Get(Family family, absl::string_view key) const = 0;

  // Applies the batch; OK means that it is on stable storage. After an error it is unknown whether
  // it is: stop and open again.
  virtual absl::Status WriteSynced(const Batch& batch) = 0;

  // The same without waiting for stable storage, for what can be made again from elsewhere: a power
  // cut may take the newest batches, whole and from the end; the end of the process takes none.
  virtual absl::Status WriteUnsynced(const Batch& batch) = 0;

  // With an end it walks only the keys before that one, and stops there: without one it looks for
  // the next key behind all that was deleted in between.
  virtual std::unique_ptr<Cursor> NewCursor(Family family, absl::string_view end = {}) const = 0;

  // Writes what is in memory to table files.
  virtual absl::Status Flush() = 0;

  // Makes what was deleted or overwritten in these families before the call unreadable in any file
  // of the database, logs included. Copies (backups, file system snapshots, worn flash blocks) are
  // beyond it. Takes as long as rewriting these families; kUnavailable if a cursor holds an old
  // file: then call again.
  virtual absl::Status Scrub(const std::vector<Family>& families) = 0;
  // The same for the keys of one family from begin to end (not among them): rewrites only the
  // tables in which some of them may stand.
  virtual absl::Status ScrubRange(Family family, absl::string_view begin,
                                  absl::string_view end) = 0;

  // Makes a new directory that holds the state of this moment or a little later, whole: tables as
  // hard links, so it must be on the same file system; everything else as copies. Open it once with
  // kPointInTime before anything else reads it: its log may end within a write.
  virtual absl::Status LinkTo(const std::string& directory) const = 0;

  // The same of a database that nobody has open.
  static absl::Status LinkClosed(const std::string& from, const std::string& to);

  // Takes everything out of a family, its table files included; logs still hold what was written
  // last, until the database is closed and opened again. For a database that nobody else reads.
  virtual absl::Status Empty(Family family) = 0;

  // Reads every table file whole and compares it with the checksum noted when it was written.
  // *files gets the number read. Not OK if the list of files cannot be had.
  virtual absl::StatusOr<std::vector<FileProblem>> CheckFiles(uint64_t* files) const = 0;

  // Bytes of memory that it holds now. The first two have their limits in the options.
  struct Memory {
    uint64_t write_buffers = 0;  // those that are being written to table files included
    uint64_t block_cache = 0;
    uint64_t tables = 0;  // indexes and filters of open tables: some thousandths of what is stored
    uint64_t total() const { return write_buffers + block_cache + tables; }
  };
  virtual Memory memory() const = 0;
};

}  // namespace ndx::store
