#include "query_plan.h"

#include <algorithm>
#include <limits>
#include <utility>

#include "leaf_words.h"
#include "ndx/core/exchange_id.h"
#include "ndx/core/status_macros.h"
#include "ndx/search/leaf_match.h"

namespace ndx::search {
namespace {

// The dictionary field of a text.
bool FieldOfText(FieldName name, IndexField* field) {
  switch (name) {
    case FieldName::kConsumer:
      *field = IndexField::kConsumer;
      return true;
    case FieldName::kProvider:
      *field = IndexField::kProvider;
      return true;
    case FieldName::kService:
    case FieldName::kMethod:
      *field = IndexField::kMethod;
      return true;
    case FieldName::kReason:
      *field = IndexField::kReason;
      return true;
    case FieldName::kCode:
      *field = IndexField::kCode;
      return true;
    case FieldName::kGrant:
      *field = IndexField::kGrant;
      return true;
    case FieldName::kPurpose:
      *field = IndexField::kPurpose;
      return true;
    case FieldName::kProcedure:
      *field = IndexField::kProcedure;
      return true;
    case FieldName::kRelay:
      *field = IndexField::kRelay;
      return true;
    case FieldName::kOperator:
      *field = IndexField::kOperator;
      return true;
    case FieldName::kAction:
      *field = IndexField::kAction;
      return true;
    default:
      return false;
  }
}

IndexField FieldOfReference(FieldName name) {
  if (name == FieldName::kDossier) return IndexField::kDossier;
  return name == FieldName::kOfficer ? IndexField::kOfficer : IndexField::kSubject;
}

IndexField FieldOfNumber(FieldName name) {
  if (name == FieldName::kDuration) return IndexField::kDuration;
  return name == FieldName::kRequestSize ? IndexField::kRequestSize : IndexField::kResponseSize;
}

// The word under which leaves with this outcome are listed.
absl::string_view EventOfOutcome(absl::string_view outcome) {
  for (const Word& word : OutcomeWords()) {
    if (word.text == outcome) return EventWord(word.event);
  }
  return "";
}

}  // namespace

absl::StatusOr<QueryPlan> QueryPlanner::Plan(const Filter& filter) {
  NDX_ASSIGN_OR_RETURN(Source source, Of(filter.root()));
  if (source.candidates == nullptr) return QueryPlan();
  std::vector<std::unique_ptr<Candidates>> parts;
  parts.push_back(std::move(source.candidates));
  parts.push_back(NewTimeBlocks(store_, filter.time()));
  return QueryPlan{NewIntersection(std::move(parts), budget_)};
}

absl::StatusOr<QueryPlanner::Source> QueryPlanner::Of(const FilterNode& node) {
  switch (node.kind) {
    case FilterNode::Kind::kCondition:
      return OfCondition(node.condition);
    case FilterNode::Kind::kAnd:
      return OfAnd(node);
    case FilterNode::Kind::kOr:
      return OfOr(node);
    default:
      return Source();
  }
}

absl::StatusOr<QueryPlanner::Source> QueryPlanner::OfAnd(const FilterNode& node) {
  std::vector<Source> sources;
  for (const FilterNode& child : node.children) {
    NDX_ASSIGN_OR_RETURN(Source source, Of(child));
    if (source.candidates != nullptr) sources.push_back(std::move(source));
  }
  if (sources.empty()) return Source();
  std::sort(sources.begin(), sources.end(),
            [](const Source& a, const Source& b) { return a.estimate < b.estimate; });
  Source out{.estimate = sources.front().estimate};
  std::vector<std::unique_ptr<Candidates>> parts;
  for (Source& source : sources) {
    const bool dense = source.estimate > store_.watermark() / kDenseShare;
    if (parts.empty() || !dense) parts.push_back(std::move(source.candidates));
  }
  out.candidates = NewIntersection(std::move(parts), budget_);
  return out;
}

absl::StatusOr<QueryPlanner::Source> QueryPlanner::OfOr(const FilterNode& node) {
  Source out;
  std::vector<std::unique_ptr<Candidates>> parts;
  for (const FilterNode& child : node.children) {
    NDX_ASSIGN_OR_RETURN(Source source, Of(child));
    if (source.candidates == nullptr) return Source();
    out.estimate += source.estimate;
    parts.push_back(std::move(source.candidates));
  }
  out.candidates = NewUnion(std::move(parts));
  return out;
}

absl::StatusOr<QueryPlanner::Source> QueryPlanner::OfCondition(const Condition& condition) {
  IndexField field{};
  if (FieldOfText(condition.field, &field)) {
    if (condition.text.empty() && !condition.prefix) return Source();
    const bool method = field == IndexField::kMethod;
    return OfValues(field, [&](absl::string_view text) {
      return method ? MatchesMethod(text, condition) : MatchesText(text, condition);
    });
  }
  switch (condition.field) {
    case FieldName::kOutcome: {
      const absl::string_view event = EventOfOutcome(condition.text);
      const bool unsettled = condition.text == "OPEN" || condition.text == "IN_DOUBT";
      return OfValues(unsettled ? IndexField::kUnsettled : IndexField::kEvent,
                      [event](absl::string_view text) { return text == event; });
    }
    case FieldName::kEvent:
      return OfValues(IndexField::kEvent,
                      [&](absl::string_view text) { return text == condition.text; });
    case FieldName::kDossier:
    case FieldName::kOfficer:
    case FieldName::kSubject:
      if (condition.comparator == Comparator::kIsSet) return Source();
      return OfKeys(FieldOfReference(condition.field), condition.keys);
    case FieldName::kReplayOf:
      return OfKeys(IndexField::kReplayOf, {condition.text});
    case FieldName::kExchange:
      return OfExchanges({condition.text});
    case FieldName::kReplayedAs:
      return OfExchanges(condition.keys);
    case FieldName::kDuration:
    case FieldName::kRequestSize:
    case FieldName::kResponseSize:
      return OfRange(FieldOfNumber(condition.field), condition);
    default:
      return Source();
  }
}

absl::StatusOr<QueryPlanner::Source> QueryPlanner::OfExchanges(
    const std::vector<std::string>& ids) const {
  std::vector<uint64_t> leaves;
  for (const std::string& bytes : ids) {
    NDX_ASSIGN_OR_RETURN(const auto id, core::ExchangeId::FromBytes(bytes));
    const auto found = reader_.LeavesOf(id, "");
    if (absl::IsNotFound(found.status())) continue;
    NDX_RETURN_IF_ERROR(found.status());
    for (const journal::StoredLeaf& leaf : *found) leaves.push_back(leaf.index);
  }
  std::sort(leaves.begin(), leaves.end());
  return Source{.candidates = NewLeafList(std::move(leaves)), .estimate = ids.size()};
}

QueryPlanner::Source QueryPlanner::OfValues(IndexField field,
                                            absl::FunctionRef<bool(absl::string_view)> wanted) {
  std::vector<IndexedValue> values;
  if (!store_.FindValues(field, wanted, kValuesPerConditionMax, &values)) return Source();
  Source out;
  std::vector<std::unique_ptr<Candidates>> parts;
  for (IndexedValue& value : values) {
    out.estimate += value.postings;
    parts.push_back(NewPostingList(store_, std::move(value.prefix), budget_));
  }
  // Of those, what is settled again is gone from the list but not from its count.
  if (field == IndexField::kUnsettled) out.estimate = 0;
  out.candidates = NewUnion(std::move(parts));
  return out;
}

QueryPlanner::Source QueryPlanner::OfKeys(IndexField field, const std::vector<std::string>& keys) {
  Source out{.estimate = keys.size()};
  std::vector<std::unique_ptr<Candidates>> parts;
  parts.reserve(keys.size());
  for (const std::string& key : keys) {
    parts.push_back(NewPostingList(store_, PostingPrefix(field, key), budget_));
  }
  out.candidates = NewUnion(std::move(parts));
  return out;
}

QueryPlanner::Source QueryPlanner::OfRange(IndexField field, const Condition& condition) {
  const auto number = static_cast<uint64_t>(std::max<int64_t>(condition.number, 0));
  uint32_t low = BucketOf(number);
  uint32_t high = low;
  const bool below =
      condition.comparator == Comparator::kLess || condition.comparator == Comparator::kLessOrEqual;
  if (below) low = 0;
  if (!below && condition.comparator != Comparator::kEqual) high = kBuckets - 1;
  return OfValues(field, [&](absl::string_view text) {
    return text >= BucketText(low) && text <= BucketText(high);
  });
}

}  // namespace ndx::search
