#include "ndx/search/filter.h"

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "filter_parser.h"
#include "ndx/core/big_endian.h"
#include "ndx/core/status_macros.h"

namespace ndx::search {
namespace {

// Narrows the bound by a comparison that every match has to pass.
void Narrow(const Condition& condition, TimeBound* bound) {
  if (condition.field != FieldName::kTime) return;
  const absl::Time time = absl::FromUnixNanos(condition.number);
  const absl::Duration tick = absl::Nanoseconds(1);
  switch (condition.comparator) {
    case Comparator::kLess:
      bound->to = std::min(bound->to, time);
      break;
    case Comparator::kLessOrEqual:
      bound->to = std::min(bound->to, time + tick);
      break;
    case Comparator::kGreater:
      bound->from = std::max(bound->from, time + tick);
      break;
    case Comparator::kGreaterOrEqual:
      bound->from = std::max(bound->from, time);
      break;
    default:
      bound->from = std::max(bound->from, time);
      bound->to = std::min(bound->to, time + tick);
      break;
  }
}

void NarrowAll(const FilterNode& node, TimeBound* bound) {
  if (node.kind == FilterNode::Kind::kCondition) Narrow(node.condition, bound);
  if (node.kind != FilterNode::Kind::kAnd) return;
  for (const FilterNode& child : node.children) NarrowAll(child, bound);
}

template <typename Node, typename See>
void ForEachCondition(Node& node, See see) {
  if (node.kind == FilterNode::Kind::kCondition) see(node.condition);
  for (auto& child : node.children) ForEachCondition(child, see);
}

void AppendText(absl::string_view text, std::string* out) {
  core::AppendBigEndian(static_cast<uint32_t>(text.size()), out);
  absl::StrAppend(out, text);
}

void AppendNode(const FilterNode& node, std::string* out) {
  out->push_back(static_cast<char>(node.kind));
  if (node.kind == FilterNode::Kind::kCondition) {
    const Condition& condition = node.condition;
    out->push_back(static_cast<char>(condition.field));
    out->push_back(static_cast<char>(condition.comparator));
    out->push_back(condition.prefix ? '*' : '=');
    // A time may be written as "2h ago", and is kept in the bound.
    if (condition.field != FieldName::kTime) {
      core::AppendBigEndian(static_cast<uint64_t>(condition.number), out);
    }
    AppendText(condition.text, out);
    for (const std::string& key : condition.keys) AppendText(key, out);
  }
  core::AppendBigEndian(static_cast<uint32_t>(node.children.size()), out);
  for (const FilterNode& child : node.children) AppendNode(child, out);
}

}  // namespace

absl::StatusOr<Filter> Filter::Parse(absl::string_view text, absl::Time now, FilterFault* fault) {
  FilterFault own;
  if (fault == nullptr) fault = &own;
  Filter filter;
  bool good = text.size() <= kFilterBytesMax;
  if (good) {
    good = FilterParser(text, now, fault).Parse(&filter.root_);
  } else {
    fault->position = kFilterBytesMax;
    fault->english = absl::StrCat("a filter has at most ", kFilterBytesMax, " bytes");
    fault->vietnamese = absl::StrCat("bộ lọc dài tối đa ", kFilterBytesMax, " byte");
  }
  if (!good) {
    return absl::InvalidArgumentError(absl::StrCat("filter, character ", fault->position + 1, ": ",
                                                   fault->english, " / ", fault->vietnamese));
  }
  NarrowAll(filter.root_, &filter.time_);
  if (filter.time_.from == absl::InfinitePast()) {
    filter.time_.by_default = true;
    filter.time_.from = std::min(now, filter.time_.to) - kTimeBoundDefault;
  }
  return filter;
}

bool Filter::Mentions(FieldName field) const {
  bool mentioned = false;
  ForEachCondition(root_, [&](const Condition& c) { mentioned |= c.field == field; });
  return mentioned;
}

absl::Status Filter::Resolve(absl::FunctionRef<absl::Status(Condition&)> resolve) {
  absl::Status status;
  ForEachCondition(root_, [&](Condition& condition) {
    const bool reference = FieldOf(condition.field).kind == FieldKind::kReference;
    if (!reference && condition.field != FieldName::kReplayedAs) return;
    if (condition.comparator != Comparator::kEqual || condition.text.empty()) return;
    status.Update(resolve(condition));
    condition.text.clear();
  });
  return status;
}

std::string Filter::Canonical() const {
  std::string out;
  AppendNode(root_, &out);
  return out;
}

}  // namespace ndx::search
