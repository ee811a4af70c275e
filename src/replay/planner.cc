#include "ndx/replay/planner.h"

#include <algorithm>
#include <map>
#include <optional>
#include <set>
#include <utility>

#include "absl/strings/str_cat.h"
#include "ndx/core/status_macros.h"
#include "ndx/journal/payload_subjects.h"
#include "ndx/replay/earlier_replays.h"
#include "ndx/replay/plan_digest.h"
#include "ndx/replay/recorded_exchange.h"
#include "ndx/replay/replay_rules.h"
#include "ndx/routing/router.h"

namespace ndx::replay {
namespace {

using exchange::v1::ErrorReason;

constexpr size_t kSelectionPageRows = 1000;
constexpr size_t kItemsAWrite = 500;
constexpr absl::string_view kSelectionRows = "replay";

core::Refusal PlanInvalid(absl::string_view vi, absl::string_view en) {
  return {.reason = exchange::v1::ERROR_REASON_REPLAY_PLAN_INVALID,
          .parameters = {{"fault_vi", std::string(vi)}, {"fault_en", std::string(en)}}};
}

bool IsCourse(const journal::v1::JournalLeaf& leaf) {
  return SendingOf({journal::StoredLeaf{.leaf = leaf}}).has_value();
}

// Looks at one exchange after another and says what becomes of each.
class ItemJudge {
 public:
  // replayed: ids of what has been executed again well already.
  ItemJudge(const Planner::Parts& parts, const PlanWish& wish, std::set<std::string> replayed)
      : parts_(parts),
        wish_(wish),
        replayed_(std::move(replayed)),
        registry_(parts.registry.Current()) {}

  absl::StatusOr<v1::ReplayItem> Judge(const journal::StoredLeaf& stored, uint32_t number) {
    const journal::v1::JournalLeaf& leaf = stored.leaf;
    v1::ReplayItem item;
    item.set_number(number);
    item.set_exchange_id(leaf.exchange_id());
    item.set_consumer(leaf.consumer());
    item.set_provider(leaf.provider());
    item.set_method(leaf.method());
    item.set_leaf_index(stored.index);
    item.set_order_group(number);
    NDX_ASSIGN_OR_RETURN(const auto reason, ReasonAgainst(leaf, item));
    item.set_state(reason.has_value() ? v1::REPLAY_ITEM_STATE_EXCLUDED
                                      : v1::REPLAY_ITEM_STATE_WAITING);
    if (reason.has_value()) item.set_reason(core::ReasonName(*reason));
    return item;
  }

  bool needs_approval() const { return needs_approval_; }
  // Of the grants concerned; 0: none has a quota a second.
  uint32_t smallest_quota() const { return smallest_quota_; }

 private:
  absl::StatusOr<std::optional<ErrorReason>> ReasonAgainst(const journal::v1::JournalLeaf& leaf,
                                                           v1::ReplayItem& item) {
    const auto reason = [](ErrorReason why) { return std::optional<ErrorReason>(why); };
    NDX_ASSIGN_OR_RETURN(const auto id, core::ExchangeId::FromBytes(leaf.exchange_id()));
    auto read = ReadRecorded(parts_.reader, id, leaf.consumer());
    const auto* const refusal = std::get_if<core::Refusal>(&read);
    const auto sending = SendingOf({journal::StoredLeaf{.leaf = leaf}});
    if (sending.has_value()) item.set_recorded(sending->outcome);
    if (!leaf.replay_of().empty()) return reason(exchange::v1::ERROR_REASON_REPLAY_OF_REPLAY);
    const auto resolved =
        routing::Router::Resolve(*registry_, leaf.method(), leaf.provider(), parts_.clock.Now());
    const auto* const route = std::get_if<routing::Route>(&resolved);
    if (route == nullptr) return reason(std::get<core::Refusal>(resolved).reason);
    // Before what is missing: a payment is not to be looked for.
    if (const auto why = ReasonAgainstMethod(*route->method, wish_.mode)) return why;
    if (refusal != nullptr) return reason(refusal->reason);
    const auto& recorded = std::get<RecordedExchange>(read);
    item.set_recorded(recorded.sending.outcome);
    const auto history =
        ReasonAgainstHistory(*route->method, recorded.sending, wish_.mode, wish_.include_answered);
    if (history.has_value()) return history;
    if (wish_.mode == v1::REPLAY_MODE_VERIFY && recorded.payload.response_parts_erased > 0) {
      return reason(exchange::v1::ERROR_REASON_PAYLOAD_NOT_KEPT);
    }
    if (route->method->changes() && replayed_.count(leaf.exchange_id()) > 0) {
      return reason(exchange::v1::ERROR_REASON_REPLAY_ALREADY_ANSWERED);
    }
    needs_approval_ = needs_approval_ || NeedsApproval(*route->method, wish_.mode);
    NoteQuota(leaf.consumer(), *route->method);
    NDX_RETURN_IF_ERROR(FindGroup(*route->method, recorded, item));
    return std::optional<ErrorReason>();
  }

  void NoteQuota(const std::string& consumer, const registry::MethodEntry& method) {
    if (!seen_.emplace(consumer, method.path).second) return;
    for (const registry::MethodGrant* grant : registry_->GrantsOf(consumer, method)) {
      const uint32_t quota = grant->grant->quota_per_second;
      if (quota == 0) continue;
      smallest_quota_ = smallest_quota_ == 0 ? quota : std::min(smallest_quota_, quota);
    }
  }

  // By dossier, else by whom the request names. The keys are forgotten with the judge.
  absl::Status FindGroup(const registry::MethodEntry& method, const RecordedExchange& recorded,
                         v1::ReplayItem& item) {
    std::set<std::string> keys;
    for (const journal::StoredLeaf& stored : recorded.leaves) {
      if (!stored.leaf.dossier().hmac().empty()) keys = {stored.leaf.dossier().hmac()};
    }
    if (keys.empty()) {
      const journal::Part whole;
      for (const auto& named : journal::SubjectsOfMessage(
               method.input, recorded.payload.request.front(), {&whole, 1})) {
        for (const std::string& subject : named) {
          NDX_ASSIGN_OR_RETURN(const auto reference,
                               parts_.journal.Reference(journal::ReferenceKind::kSubject, subject));
          keys.insert(reference.hmac());
        }
      }
    }
    for (const std::string& key : keys) {
      const uint32_t first = groups_.emplace(key, item.order_group()).first->second;
      item.set_order_group(std::min(item.order_group(), first));
    }
    return absl::OkStatus();
  }

  const Planner::Parts& parts_;
  const PlanWish& wish_;
  const std::set<std::string> replayed_;
  const std::shared_ptr<const registry::RegistrySnapshot> registry_;
  std::map<std::string, uint32_t> groups_;
  std::set<std::pair<std::string, std::string>> seen_;
  bool needs_approval_ = false;
  uint32_t smallest_quota_ = 0;
};

}  // namespace

std::variant<v1::ReplayTask, core::Refusal> Planner::Plan(const PlanWish& wish) {
  if (ModeWord(wish.mode)[0] == '\0') {
    return PlanInvalid("thiếu chế độ (dry-run, verify, execute)", "its mode is missing");
  }
  if (wish.pace_per_minute > options_.pace_per_minute_max) {
    const auto most = absl::StrCat(options_.pace_per_minute_max);
    return PlanInvalid(absl::StrCat("nhanh hơn ", most, " giao dịch mỗi phút"),
                       absl::StrCat("it is faster than ", most, " exchanges a minute"));
  }
  if (wish.stop_after > kStopAfterMax) {
    return PlanInvalid(absl::StrCat("số lỗi liên tiếp quá ", kStopAfterMax),
                       absl::StrCat("it stops after more than ", kStopAfterMax, " failures"));
  }
  const core::Refusal internal{.reason = exchange::v1::ERROR_REASON_INTERNAL};
  auto selection = Select(wish);
  if (absl::IsNotFound(selection.status())) {
    return core::Refusal{.reason = exchange::v1::ERROR_REASON_REPLAY_TASK_UNKNOWN,
                         .parameters = {{"number", absl::StrCat(wish.items_of)}}};
  }
  if (!selection.ok()) return internal;
  if (selection->empty()) {
    return PlanInvalid("không có giao dịch nào được chọn; hãy xem bộ lọc và khoảng thời gian",
                       "no exchange is selected; look at the filter and its time bound");
  }
  if (selection->size() > options_.items_max) {
    const auto most = absl::StrCat(options_.items_max);
    return PlanInvalid(absl::StrCat("bộ lọc chọn hơn ", most, " giao dịch; hãy chia nhỏ"),
                       absl::StrCat("more than ", most, " exchanges are selected; divide them"));
  }
  v1::ReplayTask task;
  task.set_number(wish.number);
  if (!SortByBeginning(*selection).ok() || !KeepItems(wish, *selection, task).ok()) {
    return internal;
  }
  return task;
}

absl::StatusOr<Planner::Selection> Planner::Select(const PlanWish& wish) const {
  if (wish.items_of == 0) return SelectByFilter(wish.filter);
  NDX_RETURN_IF_ERROR(parts_.store.Task(wish.items_of).status());
  Selection selection;
  NDX_RETURN_IF_ERROR(parts_.store.ForEachItem(wish.items_of, 0, [&](const v1::ReplayItem& item) {
    selection.push_back(item.leaf_index());
    return selection.size() <= options_.items_max;
  }));
  return selection;
}

absl::StatusOr<Planner::Selection> Planner::SelectByFilter(const search::Filter& filter) const {
  const auto is_row = [this](const journal::StoredLeaf& stored) -> absl::StatusOr<bool> {
    if (!IsCourse(stored.leaf)) return false;
    NDX_ASSIGN_OR_RETURN(const auto id, core::ExchangeId::FromBytes(stored.leaf.exchange_id()));
    NDX_ASSIGN_OR_RETURN(const auto leaves, parts_.reader.LeavesOf(id, stored.leaf.consumer()));
    // The newest leaf of its course stands for the exchange; a refusal of asking again does not.
    uint64_t newest = stored.index;
    bool refused_only = true;
    for (const journal::StoredLeaf& leaf : leaves) {
      const bool refused = leaf.leaf.event() == journal::v1::JOURNAL_EVENT_REFUSED;
      if (!IsCourse(leaf.leaf) || (refused && !refused_only)) continue;
      refused_only = refused;
      newest = leaf.index;
    }
    return newest == stored.index;
  };
  search::SearchRequest request{
      .filter = filter, .rows = kSelectionRows, .page_rows = kSelectionPageRows};
  Selection selection;
  do {
    NDX_ASSIGN_OR_RETURN(auto page, searcher_.Search(request, is_row));
    for (const journal::StoredLeaf& leaf : page.leaves) selection.push_back(leaf.index);
    request.page_token = std::move(page.next_token);
  } while (!request.page_token.empty() && selection.size() <= options_.items_max);
  return selection;
}

absl::Status Planner::SortByBeginning(Selection& selection) const {
  std::vector<std::pair<uint64_t, uint64_t>> begun;
  begun.reserve(selection.size());
  for (const uint64_t index : selection) {
    NDX_ASSIGN_OR_RETURN(journal::StoredLeaf leaf, parts_.reader.Leaf(index));
    const std::string id = leaf.leaf.exchange_id();
    uint64_t first = index;
    while (leaf.leaf.caused_by_plus_one() > 0 && leaf.leaf.caused_by_plus_one() <= leaf.index) {
      NDX_ASSIGN_OR_RETURN(leaf, parts_.reader.Leaf(leaf.leaf.caused_by_plus_one() - 1));
      if (leaf.leaf.exchange_id() != id) break;
      first = leaf.index;
    }
    begun.emplace_back(first, index);
  }
  std::sort(begun.begin(), begun.end());
  std::transform(begun.begin(), begun.end(), selection.begin(),
                 [](const auto& pair) { return pair.second; });
  return absl::OkStatus();
}

absl::Status Planner::KeepItems(const PlanWish& wish, const Selection& selection,
                                v1::ReplayTask& task) {
  NDX_RETURN_IF_ERROR(parts_.store.ClearItems(wish.number));
  v1::ReplayPlan& plan = *task.mutable_plan();
  plan.set_tree_size(parts_.reader.size());
  std::set<std::string> replayed;
  if (wish.mode == v1::REPLAY_MODE_EXECUTE && !wish.include_answered) {
    constexpr absl::Duration kClockSlack = absl::Seconds(10);
    NDX_ASSIGN_OR_RETURN(const auto first, parts_.reader.Leaf(selection.front()));
    NDX_ASSIGN_OR_RETURN(
        replayed,
        FindReplayedWell(searcher_, absl::FromUnixNanos(first.leaf.time_unix_ns()) - kClockSlack));
  }
  ItemJudge judge(parts_, wish, std::move(replayed));
  ItemsDigest digest;
  std::vector<v1::ReplayItem> items;
  uint32_t number = 0;
  for (const uint64_t index : selection) {
    NDX_ASSIGN_OR_RETURN(const auto leaf, parts_.reader.Leaf(index));
    NDX_ASSIGN_OR_RETURN(items.emplace_back(), judge.Judge(leaf, ++number));
    digest.Add(items.back());
    v1::ReplayCounts& counts = *task.mutable_counts();
    const bool excluded = items.back().state() == v1::REPLAY_ITEM_STATE_EXCLUDED;
    excluded ? counts.set_excluded(counts.excluded() + 1)
             : counts.set_waiting(counts.waiting() + 1);
    if (items.size() < kItemsAWrite) continue;
    NDX_RETURN_IF_ERROR(parts_.store.PutItems(wish.number, items));
    items.clear();
  }
  NDX_RETURN_IF_ERROR(parts_.store.PutItems(wish.number, items));
  const uint32_t by_quota =
      judge.smallest_quota() == 0
          ? options_.pace_per_minute
          : std::max<uint32_t>(judge.smallest_quota() * 60 * options_.quota_percent / 100, 1);
  plan.set_mode(wish.mode);
  plan.set_filter(wish.filter_text);
  plan.set_items_of(wish.items_of);
  if (wish.items_of == 0) {
    const search::TimeBound& time = wish.filter.time();
    if (time.from != absl::InfinitePast()) plan.set_from_unix_ns(absl::ToUnixNanos(time.from));
    if (time.to != absl::InfiniteFuture()) plan.set_to_unix_ns(absl::ToUnixNanos(time.to));
  }
  plan.set_reason(wish.reason);
  plan.set_pace_per_minute(wish.pace_per_minute > 0
                               ? wish.pace_per_minute
                               : std::min(by_quota, options_.pace_per_minute_max));
  plan.set_stop_after(wish.stop_after > 0 ? wish.stop_after : options_.stop_after);
  plan.set_include_answered(wish.include_answered);
  plan.set_items(number);
  plan.set_items_sha256(digest.Finish());
  plan.set_planned_by(wish.planned_by);
  plan.set_planned_unix_ns(absl::ToUnixNanos(parts_.clock.Now()));
  plan.set_needs_approval(judge.needs_approval());
  task.set_plan_sha256(PlanDigest(plan));
  task.set_state(v1::REPLAY_TASK_STATE_PLANNED);
  task.set_next_item(1);
  return absl::OkStatus();
}

}  // namespace ndx::replay
