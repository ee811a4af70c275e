#include "ndx/search/leaf_match.h"

#include <algorithm>

#include "absl/strings/match.h"
#include "absl/strings/strip.h"
#include "leaf_words.h"

namespace ndx::search {
namespace {

using journal::v1::JournalLeaf;

bool MatchesReference(const journal::v1::KeyedReference& reference, const Condition& condition) {
  if (condition.comparator == Comparator::kIsSet) return !reference.hmac().empty();
  return std::find(condition.keys.begin(), condition.keys.end(), reference.hmac()) !=
         condition.keys.end();
}

bool MatchesPart(absl::string_view text, const Condition& condition) {
  return condition.prefix ? absl::StartsWith(text, condition.text) : text == condition.text;
}

bool MatchesRelay(const JournalLeaf& leaf, const Condition& condition) {
  return std::any_of(leaf.relay_path().begin(), leaf.relay_path().end(),
                     [&](const std::string& node) { return MatchesText(node, condition); });
}

bool MatchesNumberOf(const JournalLeaf& leaf, const Condition& condition) {
  switch (condition.field) {
    case FieldName::kTime:
      return MatchesNumber(leaf.time_unix_ns(), condition);
    case FieldName::kDuration:
      return MatchesNumber(static_cast<int64_t>(leaf.duration_us()), condition);
    case FieldName::kRequestSize:
      return MatchesNumber(static_cast<int64_t>(leaf.request().bytes()), condition);
    case FieldName::kResponseSize:
      return MatchesNumber(static_cast<int64_t>(leaf.response().bytes()), condition);
    default:
      return MatchesNumber(leaf.grpc_status(), condition);
  }
}

bool MatchesLeaf(const JournalLeaf& leaf, const Condition& condition, SubjectTest subject) {
  switch (condition.field) {
    case FieldName::kExchange:
      return leaf.exchange_id() == condition.text;
    case FieldName::kReplayOf:
      return leaf.replay_of() == condition.text;
    case FieldName::kReplayedAs:
      return std::find(condition.keys.begin(), condition.keys.end(), leaf.exchange_id()) !=
             condition.keys.end();
    case FieldName::kConsumer:
      return MatchesText(leaf.consumer(), condition);
    case FieldName::kProvider:
      return MatchesText(leaf.provider(), condition);
    case FieldName::kService:
    case FieldName::kMethod:
      return MatchesMethod(leaf.method(), condition);
    case FieldName::kOutcome:
      return OutcomeWord(leaf.event()) == condition.text;
    case FieldName::kEvent:
      return EventWord(leaf.event()) == condition.text;
    case FieldName::kReason:
      return MatchesText(leaf.error_reason(), condition);
    case FieldName::kCode:
      return MatchesText(leaf.business_code(), condition);
    case FieldName::kGrant:
      return MatchesText(leaf.decision().rule(), condition);
    case FieldName::kShadow:
      return MatchesText(leaf.decision().shadow_rule(), condition);
    case FieldName::kPurpose:
      return MatchesText(leaf.purpose(), condition);
    case FieldName::kProcedure:
      return MatchesText(leaf.procedure(), condition);
    case FieldName::kRelay:
      return MatchesRelay(leaf, condition);
    case FieldName::kDossier:
      return MatchesReference(leaf.dossier(), condition);
    case FieldName::kOfficer:
      return MatchesReference(leaf.officer(), condition);
    case FieldName::kSubject:
      return subject(condition);
    case FieldName::kOperator:
      return MatchesText(leaf.operator_name(), condition);
    case FieldName::kAction:
      return MatchesText(leaf.operator_action(), condition);
    default:
      return MatchesNumberOf(leaf, condition);
  }
}

}  // namespace

bool MatchesText(absl::string_view text, const Condition& condition) {
  if (condition.comparator == Comparator::kIsSet) return !text.empty();
  return MatchesPart(text, condition);
}

bool MatchesMethod(absl::string_view path, const Condition& condition) {
  if (MatchesText(path, condition)) return true;
  const absl::string_view name = absl::StripPrefix(path, "/");
  const size_t slash = name.rfind('/');
  if (slash == absl::string_view::npos) return false;
  const size_t dot = name.rfind('.', slash);
  const size_t begin = dot == absl::string_view::npos ? 0 : dot + 1;
  if (condition.field == FieldName::kService) {
    return MatchesPart(name.substr(0, slash), condition) ||
           MatchesPart(name.substr(begin, slash - begin), condition);
  }
  return MatchesPart(name, condition) || MatchesPart(name.substr(begin), condition) ||
         MatchesPart(name.substr(slash + 1), condition);
}

bool MatchesNumber(int64_t number, const Condition& condition) {
  switch (condition.comparator) {
    case Comparator::kLess:
      return number < condition.number;
    case Comparator::kLessOrEqual:
      return number <= condition.number;
    case Comparator::kGreater:
      return number > condition.number;
    case Comparator::kGreaterOrEqual:
      return number >= condition.number;
    default:
      return number == condition.number;
  }
}

bool Matches(const FilterNode& node, const JournalLeaf& leaf, SubjectTest subject) {
  const auto child_matches = [&](const FilterNode& child) { return Matches(child, leaf, subject); };
  switch (node.kind) {
    case FilterNode::Kind::kCondition:
      return MatchesLeaf(leaf, node.condition, subject);
    case FilterNode::Kind::kAnd:
      return std::all_of(node.children.begin(), node.children.end(), child_matches);
    case FilterNode::Kind::kOr:
      return std::any_of(node.children.begin(), node.children.end(), child_matches);
    case FilterNode::Kind::kNot:
      return !child_matches(node.children.front());
    default:
      return true;
  }
}

}  // namespace ndx::search
