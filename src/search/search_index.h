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

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "absl/types/span.h"
#include "ndx/core/mutex.h"
#include "ndx/journal/journal_reader.h"
#include "ndx/journal/payload_subjects.h"

namespace ndx::search {

class IndexStore;

struct SearchIndexOptions {
  // Of the index alone; created if absent. Its parent must exist.
  std::string directory;
  // Leaves that IndexSome() reads for one write.
  size_t batch_leaves_max = 8192;
  // How long new leaves wait for others. A search reads what is not indexed yet by itself.
  absl::Duration interval = absl::Milliseconds(500);
  size_t cache_bytes = size_t{32} << 20;
  size_t write_buffer_bytes = size_t{32} << 20;
  // Called on the thread that indexes when something goes wrong.
  std::function<void(const absl::Status&)> on_trouble;
};

class SearchIndex final : public journal::LeafObserver {
 public:
  // Opens what is there; begins anew if that is unreadable or of another journal.
  static absl::StatusOr<std::unique_ptr<SearchIndex>> Open(SearchIndexOptions options,
                                                           const journal::JournalReader& reader);
  ~SearchIndex() override;
  SearchIndex(const SearchIndex&) = delete;
  SearchIndex& operator=(const SearchIndex&) = delete;

  // The follower of the journal tells it of leaves and of whom they concern.
  uint64_t NextLeaf() const override { return indexed(); }
  absl::Status Observe(absl::Span<const journal::FollowedLeaf> leaves) override;

  // A thread that reads the journal, without knowing whom leaves concern; Stop() ends it.
  void Start();
  void Stop();

  // Begins anew from the first leaf. Searches go on with what is indexed, and read the rest.
  absl::Status Rebuild();

  // Reads what is new and indexes it, in one write; false if there was nothing.
  absl::StatusOr<bool> IndexSome();

  // Leaves before this are indexed, and how many are not.
  uint64_t indexed() const;
  uint64_t lag() const;
  // Why the index does not grow; OK if it does.
  absl::Status trouble() const;
  // CPU time that indexing took so far, for the figures.
  absl::Duration cpu_time() const { return absl::Nanoseconds(cpu_nanos_.load()); }

  // For searches.
  std::shared_ptr<const IndexStore> store() const;

 private:
  class Generation;

  SearchIndex(SearchIndexOptions options, const journal::JournalReader& reader);

  absl::Status OpenNewest();
  absl::Status OpenGeneration(uint64_t number);
  absl::Status CheckAgainstJournal(const IndexStore& store) const;
  // Indexes leaves in one write.
  absl::Status Write(absl::Span<const journal::FollowedLeaf> leaves)
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(writing_);
  void Follow();
  void Report(const absl::Status& status);

  const SearchIndexOptions options_;
  const journal::JournalReader& reader_;
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
