// The search index of a journal: told of leaves in order by the journal's follower, behind the hot
// path, it keeps for each value of each field the leaves that have it. Everything in it can be read
// again from the journal: it may be deleted at any time, and Rebuild() does so.
//
// Thread-safety: thread-safe. Ownership: the reader outlives it. Errors: trouble never reaches an
// exchange: it is reported to on_trouble and in the figures, and the follower comes again; an index
// that cannot be read is built anew.
#pragma once

#include <atomic>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>

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
  size_t cache_bytes = size_t{32} << 20;
  size_t write_buffer_bytes = size_t{16} << 20;
  // Called when something goes wrong that did not before, on the thread that finds out.
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

  uint64_t NextLeaf() const override { return indexed(); }
  absl::Status Observe(absl::Span<const journal::FollowedLeaf> leaves) override;

  // Begins anew from the first leaf. Searches go on with what is indexed, and read the rest.
  absl::Status Rebuild();

  // Leaves before this are indexed, and how many are not.
  uint64_t indexed() const;
  uint64_t lag() const;
  // Why the index does not grow; OK if it does.
  absl::Status trouble() const;
  // CPU time that indexing took so far, for the figures.
  absl::Duration cpu_time() const { return absl::Nanoseconds(cpu_nanos_.load()); }
  // Bytes of memory that its database holds.
  uint64_t memory_bytes() const;

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
  void Report(const absl::Status& status);

  const SearchIndexOptions options_;
  const journal::JournalReader& reader_;
  std::atomic<int64_t> cpu_nanos_{0};
  // Held while the index is written or replaced.
  core::Mutex writing_;
  mutable core::Mutex mutex_ ABSL_ACQUIRED_AFTER(writing_);
  std::shared_ptr<Generation> generation_ ABSL_GUARDED_BY(mutex_);
  absl::Status trouble_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace ndx::search
