#include "ndx/console/journal_search.h"

#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "ndx/core/status_macros.h"
#include "ndx/search/filter_text.h"

namespace ndx::console {
namespace {

using search::Condition;
using search::FieldName;

constexpr absl::string_view kExchangeRows = "exchanges";
constexpr absl::string_view kRecordRows = "records";
// Leaves of one group may be out of order by this much.
constexpr absl::Duration kClockSlack = absl::Seconds(10);

template <typename Times>
void AddTimes(const Times& times, search::FilterText& text) {
  if (times.has_from()) text.AddFrom(FromTimestamp(times.from()));
  if (times.has_to()) text.AddBefore(FromTimestamp(times.to()));
}

// An expression alone stays as it is, so that a fault's place is that of the operator's own text.
std::string Joined(search::FilterText text, const std::string& expression) {
  if (text.str().empty()) return expression;
  return text.AddExpression(expression).str();
}

std::vector<std::string> WordsOf(const google::protobuf::RepeatedField<int>& states) {
  constexpr absl::string_view kPrefix = "EXCHANGE_STATE_";
  std::vector<std::string> words;
  for (const int state : states) {
    words.push_back(
        v1::ExchangeState_Name(static_cast<v1::ExchangeState>(state)).substr(kPrefix.size()));
  }
  return words;
}

journal::ReferenceKind KindOf(FieldName field) {
  if (field == FieldName::kDossier) return journal::ReferenceKind::kDossier;
  return field == FieldName::kOfficer ? journal::ReferenceKind::kOfficer
                                      : journal::ReferenceKind::kSubject;
}

// The exchange that this one executed again: empty if it is unknown or executed none again.
absl::StatusOr<std::vector<std::string>> ReplayedBy(const journal::JournalReader& reader,
                                                    const std::string& id_bytes) {
  NDX_ASSIGN_OR_RETURN(const auto id, core::ExchangeId::FromBytes(id_bytes));
  const auto leaves = reader.LeavesOf(id, "");
  if (absl::IsNotFound(leaves.status())) return std::vector<std::string>();
  NDX_RETURN_IF_ERROR(leaves.status());
  for (const journal::StoredLeaf& leaf : *leaves) {
    if (!leaf.leaf.replay_of().empty()) return std::vector<std::string>{leaf.leaf.replay_of()};
  }
  return std::vector<std::string>();
}

template <typename Request>
absl::StatusOr<search::SearchRequest> PageOf(const Request& request, absl::string_view rows,
                                             search::Filter filter) {
  if (request.page_size() > kPageSizeMax) {
    return absl::InvalidArgumentError(absl::StrCat("page_size is at most ", kPageSizeMax));
  }
  return search::SearchRequest{
      .filter = std::move(filter),
      .rows = rows,
      .page_rows = request.page_size() == 0 ? kPageSizeDefault : request.page_size(),
      .page_token = request.cursor()};
}

// What every list says of its page.
template <typename Response>
void Describe(const search::SearchPage& page, uint64_t tree_size, Response& response) {
  response.set_next_cursor(page.next_token);
  response.set_tree_size(tree_size);
  response.set_leaves_read(page.leaves_read);
  v1::SearchExtent& extent = *response.mutable_extent();
  *extent.mutable_from() = ToTimestamp(page.time.from);
  if (page.time.to != absl::InfiniteFuture()) *extent.mutable_to() = ToTimestamp(page.time.to);
  extent.set_from_by_default(page.time.by_default);
  *extent.mutable_scanned_to() = ToTimestamp(page.scanned_to);
  extent.set_partial(page.partial);
  extent.set_subjects_to(page.subjects_to);
}

}  // namespace

std::string ExpressionOf(const v1::ExchangeFilter& filter) {
  search::FilterText text;
  AddTimes(filter, text);
  text.Add("consumer", filter.consumer())
      .Add("provider", filter.provider())
      .Add("method", filter.method())
      .Add("reason", filter.error_reason())
      .AddAny("outcome", WordsOf(filter.states()));
  return Joined(std::move(text), filter.expression());
}

std::string ExpressionOf(const v1::ListRecordsRequest& request) {
  constexpr absl::string_view kPrefix = "JOURNAL_EVENT_";
  std::vector<std::string> events;
  for (const int event : request.events()) {
    events.push_back(journal::v1::JournalEvent_Name(static_cast<journal::v1::JournalEvent>(event))
                         .substr(kPrefix.size()));
  }
  search::FilterText text;
  AddTimes(request, text);
  text.Add("operator", request.operator_name()).AddAny("event", events);
  return Joined(std::move(text), request.filter());
}

JournalSearch::JournalSearch(Parts parts)
    : parts_(std::move(parts)), searcher_(parts_.reader, parts_.index, parts_.clock) {}

absl::StatusOr<search::Filter> JournalSearch::Read(const std::string& expression) const {
  return search::Filter::Parse(expression, parts_.clock.Now());
}

void JournalSearch::BeginWithJournal(search::Filter* filter) const {
  search::TimeBound time = filter->time();
  if (!time.by_default) return;
  const auto first = parts_.reader.Leaf(0);
  time.from = first.ok() ? absl::FromUnixNanos(first->leaf.time_unix_ns()) - kClockSlack
                         : absl::UnixEpoch();
  time.by_default = false;
  filter->SetTime(time);
}

absl::Status JournalSearch::Resolve(search::Filter* filter) const {
  const search::TimeBound bound = filter->time();
  return filter->Resolve([&](Condition& condition) -> absl::Status {
    if (condition.field == FieldName::kReplayedAs) {
      NDX_ASSIGN_OR_RETURN(condition.keys, ReplayedBy(parts_.reader, condition.text));
      return absl::OkStatus();
    }
    NDX_ASSIGN_OR_RETURN(condition.keys,
                         parts_.references(KindOf(condition.field), condition.text, bound));
    return absl::OkStatus();
  });
}

absl::StatusOr<v1::ListExchangesResponse> JournalSearch::ListExchanges(
    const v1::ListExchangesRequest& request, search::Filter filter) const {
  const uint64_t tree_size = parts_.reader.size();
  NDX_ASSIGN_OR_RETURN(auto page_request, PageOf(request, kExchangeRows, std::move(filter)));
  const JournalPages pages(parts_.reader);
  const auto is_row = [&](const journal::StoredLeaf& leaf) -> absl::StatusOr<bool> {
    if (!IsOfExchange(leaf.leaf)) return false;
    return pages.IsNewest(leaf);
  };
  NDX_ASSIGN_OR_RETURN(const auto page, searcher_.Search(std::move(page_request), is_row));
  v1::ListExchangesResponse response;
  for (const journal::StoredLeaf& leaf : page.leaves) *response.add_exchanges() = Summarise(leaf);
  Describe(page, tree_size, response);
  return response;
}

absl::StatusOr<v1::ListRecordsResponse> JournalSearch::ListRecords(
    const v1::ListRecordsRequest& request, search::Filter filter) const {
  const uint64_t tree_size = parts_.reader.size();
  NDX_ASSIGN_OR_RETURN(auto page_request, PageOf(request, kRecordRows, std::move(filter)));
  NDX_ASSIGN_OR_RETURN(
      const auto page,
      searcher_.Search(std::move(page_request), [](const journal::StoredLeaf&) { return true; }));
  v1::ListRecordsResponse response;
  for (const journal::StoredLeaf& leaf : page.leaves) {
    v1::RecordedLeaf& record = *response.add_records();
    record.set_index(leaf.index);
    // As it was written, without what a search fills in.
    if (!record.mutable_leaf()->ParseFromString(leaf.bytes)) {
      return absl::DataLossError(absl::StrCat("leaf ", leaf.index, " is unreadable"));
    }
  }
  Describe(page, tree_size, response);
  return response;
}

}  // namespace ndx::console
