#include "ndx/search/search_index.h"

#include <sys/resource.h>

#include <algorithm>
#include <filesystem>
#include <system_error>
#include <utility>
#include <vector>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "index_store.h"
#include "leaf_postings.h"
#include "ndx/core/status_macros.h"
#include "ndx/crypto/digest.h"

namespace ndx::search {
namespace {

namespace fs = std::filesystem;

std::string GenerationDirectory(const std::string& directory, uint64_t number) {
  return absl::StrFormat("%s/%04d", directory, number);
}

std::vector<uint64_t> GenerationsIn(const std::string& directory) {
  std::vector<uint64_t> numbers;
  std::error_code error;
  for (const auto& entry : fs::directory_iterator(directory, error)) {
    uint64_t number = 0;
    if (absl::SimpleAtoi(entry.path().filename().string(), &number)) numbers.push_back(number);
  }
  std::sort(numbers.begin(), numbers.end());
  return numbers;
}

int64_t ThreadCpuNanos() {
  rusage usage{};
  (void)getrusage(RUSAGE_THREAD, &usage);
  const auto nanos = [](const timeval& time) {
    return int64_t{time.tv_sec} * 1'000'000'000 + int64_t{time.tv_usec} * 1000;
  };
  return nanos(usage.ru_utime) + nanos(usage.ru_stime);
}

}  // namespace

// One database; its directory goes when nobody reads it any more and it was given up.
class SearchIndex::Generation {
 public:
  Generation(uint64_t number, std::string directory, std::unique_ptr<IndexStore> store)
      : number_(number), directory_(std::move(directory)), store_(std::move(store)) {}
  ~Generation() {
    store_.reset();
    std::error_code ignored;
    if (given_up_) fs::remove_all(directory_, ignored);
  }

  uint64_t number() const { return number_; }
  IndexStore& store() { return *store_; }
  void GiveUp() { given_up_ = true; }

 private:
  const uint64_t number_;
  const std::string directory_;
  std::unique_ptr<IndexStore> store_;
  std::atomic<bool> given_up_{false};
};

SearchIndex::SearchIndex(SearchIndexOptions options, const journal::JournalReader& reader)
    : options_(std::move(options)), reader_(reader) {}

SearchIndex::~SearchIndex() = default;

absl::StatusOr<std::unique_ptr<SearchIndex>> SearchIndex::Open(
    SearchIndexOptions options, const journal::JournalReader& reader) {
  std::unique_ptr<SearchIndex> index(new SearchIndex(std::move(options), reader));
  NDX_RETURN_IF_ERROR(index->OpenNewest());
  return index;
}

absl::Status SearchIndex::OpenNewest() {
  std::error_code error;
  fs::create_directory(options_.directory, error);
  if (error) {
    return absl::UnavailableError(absl::StrCat(options_.directory, ": ", error.message()));
  }
  const std::vector<uint64_t> numbers = GenerationsIn(options_.directory);
  const uint64_t newest = numbers.empty() ? 1 : numbers.back();
  for (const uint64_t number : numbers) {
    if (number == newest) continue;
    fs::remove_all(GenerationDirectory(options_.directory, number), error);
  }
  absl::Status opened = OpenGeneration(newest);
  if (opened.ok() || absl::IsFailedPrecondition(opened)) return opened;
  Report(opened);
  fs::remove_all(GenerationDirectory(options_.directory, newest), error);
  return OpenGeneration(newest + 1);
}

absl::Status SearchIndex::OpenGeneration(uint64_t number) {
  const std::string directory = GenerationDirectory(options_.directory, number);
  NDX_ASSIGN_OR_RETURN(
      auto store, IndexStore::Open(directory, options_.cache_bytes, options_.write_buffer_bytes));
  NDX_RETURN_IF_ERROR(CheckAgainstJournal(*store));
  auto generation = std::make_shared<Generation>(number, directory, std::move(store));
  const core::MutexLock lock(mutex_);
  if (generation_ != nullptr) generation_->GiveUp();
  generation_ = std::move(generation);
  return absl::OkStatus();
}

// A journal restored from an older copy, or another one, must not be searched by this index.
absl::Status SearchIndex::CheckAgainstJournal(const IndexStore& store) const {
  if (store.watermark() == 0) return absl::OkStatus();
  const auto last = reader_.Leaf(store.watermark() - 1);
  if (absl::IsNotFound(last.status())) {
    return absl::DataLossError("the search index holds more leaves than the journal");
  }
  NDX_RETURN_IF_ERROR(last.status());
  const crypto::Digest digest = crypto::Sha256Of({last->bytes});
  if (crypto::AsBytes(digest) == store.last_hash()) return absl::OkStatus();
  return absl::DataLossError("the search index is of another journal");
}

absl::Status SearchIndex::Rebuild() {
  const core::MutexLock writing(writing_);
  uint64_t number = 0;
  {
    const core::MutexLock lock(mutex_);
    number = generation_->number();
  }
  return OpenGeneration(number + 1);
}

absl::Status SearchIndex::Write(absl::Span<const journal::FollowedLeaf> leaves) {
  const int64_t began = ThreadCpuNanos();
  std::shared_ptr<Generation> generation;
  {
    const core::MutexLock lock(mutex_);
    generation = generation_;
  }
  PostingBatch batch;
  uint64_t next = generation->store().watermark();
  std::vector<std::string> subjects;
  for (const journal::FollowedLeaf& followed : leaves) {
    const journal::StoredLeaf& stored = followed.leaf;
    // Begun anew since the follower asked where to begin: it will ask again.
    if (stored.index != next) return absl::AbortedError("the search index was begun anew");
    journal::v1::JournalLeaf filled;
    NDX_ASSIGN_OR_RETURN(const auto* leaf, CompleteLeaf(reader_, stored.leaf, &filled));
    subjects.clear();
    for (const auto& subject : followed.subjects) subjects.push_back(subject.hmac());
    generation->store().Collect(stored.index, stored.bytes, *leaf, subjects, &batch);
    ++next;
  }
  const absl::Status written = generation->store().Apply(&batch);
  cpu_nanos_ += ThreadCpuNanos() - began;
  if (written.ok()) return absl::OkStatus();
  // The engine takes no more writes after a failed one.
  NDX_RETURN_IF_ERROR(OpenGeneration(generation->number() + 1));
  return written;
}

absl::Status SearchIndex::Observe(absl::Span<const journal::FollowedLeaf> leaves) {
  const core::MutexLock writing(writing_);
  absl::Status written = Write(leaves);
  Report(absl::IsAborted(written) ? absl::OkStatus() : written);
  return written;
}

void SearchIndex::Report(const absl::Status& status) {
  bool fresh = false;
  {
    const core::MutexLock lock(mutex_);
    fresh = status != trouble_;
    trouble_ = status;
  }
  if (fresh && !status.ok() && options_.on_trouble) options_.on_trouble(status);
}

uint64_t SearchIndex::indexed() const { return store()->watermark(); }

uint64_t SearchIndex::lag() const {
  const uint64_t indexed = store()->watermark();
  return std::max(reader_.size(), indexed) - indexed;
}

uint64_t SearchIndex::memory_bytes() const { return store()->memory().total(); }

absl::Status SearchIndex::trouble() const {
  const core::MutexLock lock(mutex_);
  return trouble_;
}

std::shared_ptr<const IndexStore> SearchIndex::store() const {
  const core::MutexLock lock(mutex_);
  return {generation_, &generation_->store()};
}

}  // namespace ndx::search
