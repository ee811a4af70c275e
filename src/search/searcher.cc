#include "ndx/search/searcher.h"

#include <algorithm>
#include <memory>
#include <optional>
#include <utility>

#include "candidates.h"
#include "index_store.h"
#include "leaf_postings.h"
#include "ndx/core/status_macros.h"
#include "ndx/search/leaf_match.h"
#include "page_token.h"
#include "query_plan.h"

namespace ndx::search {
namespace {

using journal::StoredLeaf;

// Leaves not indexed yet that are read one by one, whatever their times. Of more, those in the time
// bound are found by the journal's own search, which trusts the clock to some seconds.
constexpr uint64_t kWholeScanMax = 65'536;

bool InTime(const journal::v1::JournalLeaf& leaf, const TimeBound& bound) {
  const absl::Time time = absl::FromUnixNanos(leaf.time_unix_ns());
  return time >= bound.from && time < bound.to;
}

// One search under way.
class Search {
 public:
  Search(const journal::JournalReader& reader, std::shared_ptr<const IndexStore> store,
         const core::Clock& clock, const SearchRequest& request, RowTest accept)
      : reader_(reader),
        store_(std::move(store)),
        request_(request),
        accept_(accept),
        budget_(clock, request.budget),
        indexed_(store_ == nullptr ? 0 : store_->watermark()) {}

  absl::StatusOr<SearchPage> Run(std::optional<uint64_t> from);

 private:
  // Looks at one leaf; true when the page is full.
  absl::StatusOr<bool> Look(const StoredLeaf& stored);
  // Reads leaves from next_ back to the first of them, each of them.
  absl::Status Scan(uint64_t first);
  // The same for what is indexed, block by block.
  absl::Status ScanBlocks();
  absl::Status Follow(Candidates& candidates);
  bool Concerns(const Condition& condition, uint64_t leaf);
  absl::Time OldestSearched() const;
  bool AtEnd() const { return full_ || budget_.spent(); }

  const journal::JournalReader& reader_;
  const std::shared_ptr<const IndexStore> store_;
  const SearchRequest& request_;
  const RowTest accept_;
  TimeBudget budget_;
  const uint64_t indexed_;
  SearchPage page_;
  // Leaves before this one are still to be looked at.
  uint64_t before_ = 0;
  bool full_ = false;
};

bool Search::Concerns(const Condition& condition, uint64_t leaf) {
  if (store_ == nullptr || condition.comparator != Comparator::kEqual) return false;
  for (const std::string& key : condition.keys) {
    const auto list = NewPostingList(*store_, PostingPrefix(IndexField::kSubject, key), budget_);
    uint64_t found = 0;
    if (list->SeekAtMost(leaf, &found) && found == leaf) return true;
  }
  return false;
}

absl::StatusOr<bool> Search::Look(const StoredLeaf& stored) {
  ++page_.leaves_read;
  before_ = stored.index;
  if (!InTime(stored.leaf, request_.filter.time())) return false;
  journal::v1::JournalLeaf filled;
  NDX_ASSIGN_OR_RETURN(const auto* leaf, CompleteLeaf(reader_, stored.leaf, &filled));
  const auto concerns = [&](const Condition& condition) {
    return Concerns(condition, stored.index);
  };
  if (!Matches(request_.filter.root(), *leaf, concerns)) return false;
  NDX_ASSIGN_OR_RETURN(const bool row, accept_(stored));
  if (row) page_.leaves.push_back({stored.index, stored.bytes, *leaf});
  full_ = page_.leaves.size() >= request_.page_rows;
  return full_;
}

absl::Status Search::Scan(uint64_t first) {
  if (before_ <= first) return absl::OkStatus();
  journal::ScanRange range{.from_index = before_ - 1,
                           .direction = journal::ScanDirection::kBackward};
  if (before_ - first > kWholeScanMax) {
    range.not_before = request_.filter.time().from;
    range.not_after = request_.filter.time().to;
  }
  absl::Status failed;
  bool stopped = false;
  NDX_RETURN_IF_ERROR(reader_.Scan(range, [&](const StoredLeaf& stored) {
    if (stored.index < first) return false;
    const absl::StatusOr<bool> full = Look(stored);
    failed.Update(full.status());
    stopped = !failed.ok() || *full || budget_.Spend();
    return !stopped;
  }));
  NDX_RETURN_IF_ERROR(failed);
  if (!stopped) before_ = first;
  return absl::OkStatus();
}

absl::Status Search::ScanBlocks() {
  uint64_t block = 0;
  while (!AtEnd() && before_ > 0) {
    if (!store_->NewestBlock((before_ - 1) / kBlockLeaves, request_.filter.time(), &block)) {
      before_ = 0;
      break;
    }
    before_ = std::min(before_, (block + 1) * kBlockLeaves);
    NDX_RETURN_IF_ERROR(Scan(block * kBlockLeaves));
  }
  return absl::OkStatus();
}

absl::Status Search::Follow(Candidates& candidates) {
  uint64_t leaf = 0;
  while (!AtEnd() && before_ > 0) {
    if (!candidates.SeekAtMost(before_ - 1, &leaf)) {
      NDX_RETURN_IF_ERROR(candidates.status());
      before_ = 0;
      break;
    }
    NDX_ASSIGN_OR_RETURN(const StoredLeaf stored, reader_.Leaf(leaf));
    NDX_RETURN_IF_ERROR(Look(stored).status());
    (void)budget_.Spend();
  }
  return absl::OkStatus();
}

absl::Time Search::OldestSearched() const {
  if (before_ == 0) return request_.filter.time().from;
  const auto oldest = reader_.Leaf(before_);
  // Nothing has been looked at: the journal is searched to its end only.
  if (!oldest.ok()) return request_.filter.time().to;
  return std::max(absl::FromUnixNanos(oldest->leaf.time_unix_ns()), request_.filter.time().from);
}

absl::StatusOr<SearchPage> Search::Run(std::optional<uint64_t> from) {
  const bool of_persons = request_.filter.Mentions(FieldName::kSubject);
  // Of a leaf not indexed yet nobody can say whom it concerns.
  const uint64_t size = of_persons ? indexed_ : reader_.size();
  before_ = from.has_value() ? std::min(*from, size) : size;
  page_.time = request_.filter.time();
  page_.subjects_to = indexed_;
  NDX_RETURN_IF_ERROR(Scan(indexed_));
  if (!AtEnd() && store_ != nullptr && before_ > 0) {
    before_ = std::min(before_, indexed_);
    NDX_ASSIGN_OR_RETURN(const QueryPlan plan,
                         QueryPlanner(*store_, reader_, budget_).Plan(request_.filter));
    NDX_RETURN_IF_ERROR(plan.candidates == nullptr ? ScanBlocks() : Follow(*plan.candidates));
  }
  page_.partial = !full_ && before_ > 0;
  if (before_ > 0) {
    page_.next_token =
        EncodePageToken({.next_leaf = before_, .time = page_.time}, request_.rows, request_.filter);
  }
  page_.scanned_to = OldestSearched();
  return std::move(page_);
}

}  // namespace

absl::StatusOr<SearchPage> Searcher::Search(SearchRequest request, RowTest accept) const {
  std::optional<uint64_t> from;
  if (!request.page_token.empty()) {
    NDX_ASSIGN_OR_RETURN(const PageToken token,
                         DecodePageToken(request.page_token, request.rows, request.filter));
    from = token.next_leaf;
    request.filter.SetTime(token.time);
  }
  const auto store = index_ == nullptr ? nullptr : index_->store();
  return search::Search(reader_, store, clock_, request, accept).Run(from);
}

absl::StatusOr<bool> Searcher::Passes(const Filter& filter, const StoredLeaf& stored) const {
  journal::v1::JournalLeaf filled;
  NDX_ASSIGN_OR_RETURN(const auto* leaf, CompleteLeaf(reader_, stored.leaf, &filled));
  return Matches(filter.root(), *leaf, [](const Condition&) { return false; });
}

}  // namespace ndx::search
