// The search index of a journal: a follower reads the journal in order, behind the hot path, and
// keeps for each value of each field the leaves that have it. Everything in it can be read again
// from the journal: it may be deleted at any time, and Rebuild() does so.
//
// Thread-safety: thread-safe; Open, Start and Stop from one thread. std::thread: the follower
// blocks on the disk. Ownership: reader and subjects outlive it. Errors: trouble of the follower
// never reaches an exchange: it is reported to on_trouble and in the figures, and tried again; an
// index that cannot be read is built anew.
#pragma once

#include <atomic>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "ndx/core/mutex.h"
#include "ndx/journal/journal_reader.h"

namespace ndx::search {

class IndexStore;
class PostingBatch;

// Which persons a leaf concerns: known only to who can open its payload.
class SubjectSource {
 public:
  virtual ~SubjectSource() = default;

  // Leaves before this are known.
  virtual uint64_t known() const = 0;

  // References (16 bytes each) of the persons that a known leaf concerns.
  virtual absl::StatusOr<std::vector<std::string>> SubjectsOf(uint64_t leaf) const = 0;
};

struct SearchIndexOptions {
  // Of the index alone; created if absent. Its parent must exist.
  std::string directory;
  // Leaves of one write.
  size_t batch_leaves_max = 8192;
  // How long new leaves wait for others. A search reads what is not indexed yet by itself.
  absl::Duration interval = absl::Milliseconds(500);
  size_t cache_bytes = size_t{32} << 20;
  size_t write_buffer_bytes = size_t{32} << 20;
  // Called on the follower's thread when something goes wrong.
  std::function<void(const absl::Status&)> on_trouble;
};

class SearchIndex {
 public:
  // Opens what is there; begins anew if that is unreadable or of another journal. subjects may be
  // null: then no leaf concerns anybody.
  static absl::StatusOr<std::unique_ptr<SearchIndex>> Open(SearchIndexOptions options,
                                                           const journal::JournalReader& reader,
                                                           const SubjectSource* subjects);
  ~SearchIndex();
  SearchIndex(const SearchIndex&) = delete;
  SearchIndex& operator=(const SearchIndex&) = delete;

  // Starts the follower's thread; Stop() ends it.
  void Start();
  void Stop();

  // Begins anew from the first leaf. Searches go on with what is indexed, and read the rest.
  absl::Status Rebuild();

  // Indexes what is new, in one write; false if there was nothing. For tools and tests that have no
  // thread running.
  absl::StatusOr<bool> IndexSome();

  // Leaves before this are indexed, and how many are not.
  uint64_t indexed() const;
  uint64_t lag() const;
  // Since when the follower has failed; OK if it has not.
  absl::Status trouble() const;
  // CPU time that indexing took so far, for the figures.
  absl::Duration cpu_time() const { return absl::Nanoseconds(cpu_nanos_.load()); }

  // For searches.
  std::shared_ptr<const IndexStore> store() const;

 private:
  class Generation;

  SearchIndex(SearchIndexOptions options, const journal::JournalReader& reader,
              const SubjectSource* subjects);

  absl::Status OpenNewest();
  absl::Status OpenGeneration(uint64_t number);
  absl::Status CheckAgainstJournal(const IndexStore& store) const;
  absl::StatusOr<uint64_t> CollectSome(IndexStore& store, PostingBatch* batch) const;
  void Follow();
  void Report(const absl::Status& status);

  const SearchIndexOptions options_;
  const journal::JournalReader& reader_;
  const SubjectSource* const subjects_;
  std::atomic<int64_t> cpu_nanos_{0};
  // Held while the index is written or replaced.
  core::Mutex writing_;
  mutable core::Mutex mutex_ ABSL_ACQUIRED_AFTER(writing_);
  core::CondVar changed_;
  std::shared_ptr<Generation> generation_ ABSL_GUARDED_BY(mutex_);
  absl::Status trouble_ ABSL_GUARDED_BY(mutex_);
  bool stopping_ ABSL_GUARDED_BY(mutex_) = false;
  std::thread thread_;
};

}  // namespace ndx::search
