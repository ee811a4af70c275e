#include "ndx/console/journal_pages.h"

#include <limits>
#include <set>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "ndx/console/refusal_status.h"
#include "ndx/core/status_macros.h"

namespace ndx::console {
namespace {

using journal::StoredLeaf;

// Where a page begins and ends, from the fields that both lists share.
struct PageBounds {
  journal::ScanRange range;
  size_t rows = 0;
};

template <typename Bounds>
absl::StatusOr<PageBounds> BoundsOf(const Bounds& times, uint32_t page_size,
                                    const std::string& cursor) {
  if (page_size > kPageSizeMax) {
    return absl::InvalidArgumentError(absl::StrCat("page_size is at most ", kPageSizeMax));
  }
  PageBounds bounds{.rows = page_size == 0 ? kPageSizeDefault : page_size};
  bounds.range.direction = journal::ScanDirection::kBackward;
  bounds.range.from_index = std::numeric_limits<uint64_t>::max();
  if (!cursor.empty() && !absl::SimpleAtoi(cursor, &bounds.range.from_index)) {
    return absl::InvalidArgumentError("cursor must be the next_cursor of a page before");
  }
  if (times.has_from()) bounds.range.not_before = FromTimestamp(times.from());
  // The scan's bound is inclusive, the filter's is not.
  if (times.has_to()) bounds.range.not_after = FromTimestamp(times.to()) - absl::Nanoseconds(1);
  return bounds;
}

// Reads leaves backward until accept says that the page is full, or the limit is reached.
struct PageWalk {
  uint64_t leaves_read = 0;
  std::string next_cursor;
};

absl::StatusOr<PageWalk> Walk(
    const journal::JournalReader& reader, const journal::ScanRange& range, uint64_t leaves_max,
    absl::FunctionRef<absl::StatusOr<bool>(const StoredLeaf&)> full_after) {
  PageWalk walk;
  absl::Status failed;
  const absl::Status scanned = reader.Scan(range, [&](const StoredLeaf& leaf) {
    ++walk.leaves_read;
    const absl::StatusOr<bool> full = full_after(leaf);
    if (!full.ok()) {
      failed = full.status();
      return false;
    }
    if (*full || walk.leaves_read >= leaves_max) {
      if (leaf.index > 0) walk.next_cursor = absl::StrCat(leaf.index - 1);
      return false;
    }
    return true;
  });
  NDX_RETURN_IF_ERROR(scanned);
  NDX_RETURN_IF_ERROR(failed);
  return walk;
}

v1::RecordedLeaf ToRecordedLeaf(const StoredLeaf& stored) {
  v1::RecordedLeaf record;
  record.set_index(stored.index);
  *record.mutable_leaf() = stored.leaf;
  return record;
}

std::set<std::string> ConsumersOf(const std::vector<StoredLeaf>& leaves) {
  std::set<std::string> consumers;
  for (const StoredLeaf& leaf : leaves) {
    if (IsOfExchange(leaf.leaf)) consumers.insert(leaf.leaf.consumer());
  }
  return consumers;
}

bool HasPayload(const journal::v1::PayloadCommitment& commitment) {
  return commitment.messages() > 0;
}

void TakeMessages(std::vector<std::string>& messages, v1::Payload& payload) {
  if (payload.messages_size() > 0) return;
  for (std::string& message : messages) payload.add_messages(std::move(message));
}

// Says that a direction had messages and none could be opened.
void MarkUnreadable(bool stored, const absl::Status& why, v1::Payload& payload) {
  if (!stored || payload.messages_size() > 0) return;
  payload.set_unreadable(why.ok() ? "not kept" : std::string(why.message()));
}

}  // namespace

absl::StatusOr<bool> JournalPages::IsNewest(const StoredLeaf& stored) const {
  const auto event = stored.leaf.event();
  // The first two may be followed by another leaf of the exchange; the third may be a refusal to
  // answer again for an exchange that has another leaf to stand for it.
  if (event != journal::v1::JOURNAL_EVENT_REQUEST_OPENED &&
      event != journal::v1::JOURNAL_EVENT_IN_DOUBT && event != journal::v1::JOURNAL_EVENT_REFUSED) {
    return true;
  }
  NDX_ASSIGN_OR_RETURN(const auto id, core::ExchangeId::FromBytes(stored.leaf.exchange_id()));
  NDX_ASSIGN_OR_RETURN(const auto leaves, reader_.LeavesOf(id, stored.leaf.consumer()));
  const auto summary = SummariseHistory(leaves);
  return summary.has_value() && summary->leaf_index() == stored.index;
}

absl::StatusOr<v1::ListExchangesResponse> JournalPages::ListExchanges(
    const v1::ListExchangesRequest& request) const {
  NDX_ASSIGN_OR_RETURN(const auto bounds,
                       BoundsOf(request.filter(), request.page_size(), request.cursor()));
  NDX_ASSIGN_OR_RETURN(const auto matcher, ExchangeMatcher::Build(request.filter()));
  v1::ListExchangesResponse response;
  response.set_tree_size(reader_.size());
  const auto take = [&](const StoredLeaf& leaf) -> absl::StatusOr<bool> {
    if (!IsOfExchange(leaf.leaf)) return false;
    v1::ExchangeSummary summary = Summarise(leaf);
    if (!matcher.Matches(summary)) return false;
    NDX_ASSIGN_OR_RETURN(const bool newest, IsNewest(leaf));
    if (newest) *response.add_exchanges() = std::move(summary);
    return static_cast<size_t>(response.exchanges_size()) >= bounds.rows;
  };
  NDX_ASSIGN_OR_RETURN(auto walk, Walk(reader_, bounds.range, leaves_read_max_, take));
  response.set_leaves_read(walk.leaves_read);
  response.set_next_cursor(std::move(walk.next_cursor));
  return response;
}

absl::StatusOr<v1::ListRecordsResponse> JournalPages::ListRecords(
    const v1::ListRecordsRequest& request) const {
  NDX_ASSIGN_OR_RETURN(const auto bounds, BoundsOf(request, request.page_size(), request.cursor()));
  const std::set<int> events(request.events().begin(), request.events().end());
  v1::ListRecordsResponse response;
  response.set_tree_size(reader_.size());
  const auto take = [&](const StoredLeaf& leaf) -> absl::StatusOr<bool> {
    const bool event = events.empty() || events.count(leaf.leaf.event()) > 0;
    if (event && MatchesPattern(leaf.leaf.operator_name(), request.operator_name())) {
      *response.add_records() = ToRecordedLeaf(leaf);
    }
    return static_cast<size_t>(response.records_size()) >= bounds.rows;
  };
  NDX_ASSIGN_OR_RETURN(auto walk, Walk(reader_, bounds.range, leaves_read_max_, take));
  response.set_leaves_read(walk.leaves_read);
  response.set_next_cursor(std::move(walk.next_cursor));
  return response;
}

absl::StatusOr<ExchangeHistory> JournalPages::Find(const std::string& exchange_id,
                                                   const std::string& consumer) const {
  NDX_ASSIGN_OR_RETURN(const auto id, core::ExchangeId::Parse(exchange_id));
  auto leaves = reader_.LeavesOf(id, consumer);
  const core::Refusal unknown{.reason = exchange::v1::ERROR_REASON_EXCHANGE_UNKNOWN};
  if (absl::IsNotFound(leaves.status())) return RefusalStatus(unknown);
  NDX_RETURN_IF_ERROR(leaves.status());
  const std::set<std::string> consumers = ConsumersOf(*leaves);
  if (consumers.size() > 1) {
    return absl::InvalidArgumentError(absl::StrCat(
        "several systems used this exchange id; name one of: ", absl::StrJoin(consumers, ", ")));
  }
  auto summary = SummariseHistory(*leaves);
  if (!summary.has_value()) return RefusalStatus(unknown);
  return ExchangeHistory{.summary = *std::move(summary), .leaves = *std::move(leaves)};
}

JournalPages::Opened JournalPages::OpenPayload(const ExchangeHistory& history) const {
  Opened opened;
  bool request_stored = false;
  bool response_stored = false;
  absl::Status why;
  // From the newest back: a leaf opens with the one it continues, but RESOLVED stands two away from
  // the request.
  for (auto leaf = history.leaves.rbegin(); leaf != history.leaves.rend(); ++leaf) {
    if (!IsOfExchange(leaf->leaf)) continue;
    request_stored |= HasPayload(leaf->leaf.request());
    response_stored |= HasPayload(leaf->leaf.response());
    auto payload = reader_.OpenPayload(leaf->index);
    if (!payload.ok()) {
      why = payload.status();
      continue;
    }
    TakeMessages(payload->request, opened.request);
    TakeMessages(payload->response, opened.response);
  }
  MarkUnreadable(request_stored, why, opened.request);
  MarkUnreadable(response_stored, why, opened.response);
  return opened;
}

}  // namespace ndx::console
