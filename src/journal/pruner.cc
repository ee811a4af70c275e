#include "pruner.h"

#include <algorithm>
#include <map>
#include <utility>

#include "absl/strings/str_cat.h"
#include "ndx/core/status_macros.h"
#include "pruned_leaves.h"
#include "store_layout.h"

namespace ndx::journal {
namespace {

constexpr absl::Duration kLookInterval = absl::Minutes(10);
// Entries without a payload that are passed over to find the oldest one with.
constexpr int kOldestLooksMax = 1000;

}  // namespace

Pruner::Pruner(Parts parts)
    : parts_(std::move(parts)),
      selector_(
          {.database = parts_.database, .reader = parts_.reader, .subjects = parts_.subjects}),
      reclaim_({.database = parts_.database,
                .segments = parts_.segments,
                .reader = parts_.reader,
                .on_failed_write = parts_.on_failed_write}),
      removal_({.database = parts_.database,
                .reader = parts_.reader,
                .subjects = parts_.subjects,
                .reclaim = reclaim_,
                .on_failed_write = parts_.on_failed_write}),
      // A process never writes to the files of another.
      complete_below_(parts_.segments.WrittenFrom()) {}

absl::Status Pruner::Wrote(absl::Status status) const {
  if (!status.ok()) parts_.on_failed_write(status);
  return status;
}

absl::StatusOr<v1::PruneState> Pruner::LoadState() const {
  v1::PruneState state;
  const auto bytes = parts_.database.Get(kMetaFamily, kPruneStateKey);
  if (absl::IsNotFound(bytes.status())) {
    NDX_ASSIGN_OR_RETURN(const absl::Time trusted, FirstTrusted());
    state.set_trusted_unix_ns(absl::ToUnixNanos(trusted));
    return state;
  }
  NDX_RETURN_IF_ERROR(bytes.status());
  if (!state.ParseFromString(*bytes)) {
    return absl::DataLossError("where the retention of payloads stands is unreadable");
  }
  return state;
}

// Where retention has never been counted: until when the node is known to have run.
absl::StatusOr<absl::Time> Pruner::FirstTrusted() const {
  const absl::Time now = parts_.clock.Now();
  if (parts_.leaves_before == 0) return now;
  NDX_ASSIGN_OR_RETURN(const StoredLeaf newest, parts_.reader.Leaf(parts_.leaves_before - 1));
  return std::min(now, absl::FromUnixNanos(newest.leaf.time_unix_ns()));
}

absl::Status Pruner::Start(RetentionRules rules, std::function<void(absl::string_view)> at_step) {
  rules_ = std::move(rules);
  at_step_ = std::move(at_step);
  NDX_ASSIGN_OR_RETURN(v1::PruneState state, LoadState());
  uint64_t kept_back = 0;
  const auto cursor = parts_.database.NewCursor(kMetaFamily);
  for (cursor->Seek(NumberedKey(kKeptBackPrefix, 0));
       NumberAt(kKeptBackPrefix, *cursor).has_value(); cursor->Next()) {
    ++kept_back;
  }
  NDX_RETURN_IF_ERROR(cursor->status());
  core::MutexLock lock(mutex_);
  clock_.emplace(absl::FromUnixNanos(state.trusted_unix_ns()), parts_.clock.MonotonicNanos());
  clock_->Look(parts_.clock.Now(), parts_.clock.MonotonicNanos());
  kept_back_ = kept_back;
  state_ = std::move(state);
  return absl::OkStatus();
}

absl::Status Pruner::Round(const std::vector<LegalHold>& holds) {
  const absl::Status status = RoundOf(holds);
  core::MutexLock lock(mutex_);
  trouble_ = status;
  return status;
}

bool Pruner::TimeToLook() {
  const int64_t monotonic = parts_.clock.MonotonicNanos();
  if (monotonic < next_look_nanos_ && !clock_accepted_.exchange(false)) return more_;
  next_look_nanos_ = monotonic + absl::ToInt64Nanoseconds(kLookInterval);
  core::MutexLock lock(mutex_);
  clock_->Look(parts_.clock.Now(), monotonic);
  return true;
}

absl::Status Pruner::RoundOf(const std::vector<LegalHold>& holds) {
  v1::PruneState state;
  {
    core::MutexLock lock(mutex_);
    state = state_;
    holds_ = holds;
  }
  NDX_RETURN_IF_ERROR(FinishLists(&state));
  if (!TimeToLook()) {
    NDX_RETURN_IF_ERROR(Reclaim(&state));
    return scrubbed_;
  }
  reclaim_.LookAgain();
  NDX_RETURN_IF_ERROR(ForgetOldRules(&state));
  if (rules_.AllDays().empty()) {
    // So that the clock is known when there are rules one day.
    NDX_RETURN_IF_ERROR(Save(&state, store::Batch()));
  } else {
    NDX_ASSIGN_OR_RETURN(const PruneSelection selection,
                         selector_.Select(QuestionOf(state, holds)));
    NDX_RETURN_IF_ERROR(Prune(selection, &state));
    more_ = selection.more;
    next_kept_back_ = selection.next_kept_back;
  }
  if (more_) return absl::OkStatus();
  scrubbed_ = ScrubIfDue(&state);
  NDX_RETURN_IF_ERROR(Reclaim(&state));
  return scrubbed_;
}

// Under other rules other exchanges are due: everything that is stored is looked at again.
absl::Status Pruner::ForgetOldRules(v1::PruneState* state) {
  if (state->rules_sha256() == rules_.Digest()) return absl::OkStatus();
  store::Batch batch;
  const auto cursor = parts_.database.NewCursor(kMetaFamily);
  for (cursor->Seek(NumberedKey(kKeptBackPrefix, 0));
       NumberAt(kKeptBackPrefix, *cursor).has_value(); cursor->Next()) {
    batch.Delete(kMetaFamily, cursor->key());
  }
  NDX_RETURN_IF_ERROR(cursor->status());
  state->clear_cursors();
  NDX_ASSIGN_OR_RETURN(const uint64_t first, selector_.FirstStored());
  for (const uint32_t keep_days : rules_.AllDays()) {
    v1::PruneCursor& at = *state->add_cursors();
    at.set_keep_days(keep_days);
    at.set_next_leaf(first);
  }
  state->set_rules_sha256(rules_.Digest());
  NDX_RETURN_IF_ERROR(Save(state, std::move(batch)));
  core::MutexLock lock(mutex_);
  kept_back_ = 0;
  return absl::OkStatus();
}

PruneSelector::Question Pruner::QuestionOf(const v1::PruneState& state,
                                           std::vector<LegalHold> holds) const {
  PruneSelector::Question question{.rules = rules_,
                                   .next_kept_back = next_kept_back_,
                                   .wall = parts_.clock.Now(),
                                   .holds = std::move(holds)};
  for (const v1::PruneCursor& at : state.cursors()) {
    question.cursors[at.keep_days()] = at.next_leaf();
  }
  core::MutexLock lock(mutex_);
  question.now = clock_->now();
  return question;
}

absl::Status Pruner::Prune(const PruneSelection& selection, v1::PruneState* state) {
  if (!selection.due.empty()) {
    PrunedListBuilder builder;
    std::map<uint64_t, uint64_t> segments;
    for (const DueExchange& exchange : selection.due) {
      builder.Add(exchange.keep_days, exchange.leaves, exchange.bytes);
      for (const auto& [segment, bytes] : exchange.segments) segments[segment] += bytes;
    }
    const v1::PrunedLeaves list = builder.Build();
    const std::string bytes = list.SerializeAsString();
    NDX_ASSIGN_OR_RETURN(const uint64_t complete_below, reclaim_.EndFile(segments));
    Step("before the retention's leaf");
    NDX_ASSIGN_OR_RETURN(const uint64_t leaf, parts_.append(RetentionLeaf(list, bytes), bytes));
    complete_below_ = complete_below;
    Step("the retention's leaf is written");
    NDX_RETURN_IF_ERROR(CarryOut(leaf, list, state));
  }
  store::Batch batch;
  for (const uint64_t leaf : selection.released) {
    batch.Delete(kMetaFamily, NumberedKey(kKeptBackPrefix, leaf));
  }
  for (const uint64_t leaf : selection.kept_back) {
    batch.Put(kMetaFamily, NumberedKey(kKeptBackPrefix, leaf), "");
  }
  state->clear_cursors();
  for (const auto& [keep_days, next_leaf] : selection.cursors) {
    v1::PruneCursor& at = *state->add_cursors();
    at.set_keep_days(keep_days);
    at.set_next_leaf(next_leaf);
  }
  NDX_RETURN_IF_ERROR(Save(state, std::move(batch)));
  core::MutexLock lock(mutex_);
  kept_back_ = kept_back_ + selection.kept_back.size() - selection.released.size();
  lag_ = selection.lag;
  return absl::OkStatus();
}

absl::Status Pruner::FinishLists(v1::PruneState* state) {
  NDX_ASSIGN_OR_RETURN(const auto lists,
                       PrunedListsFrom(parts_.database, state->carried_out_plus_one()));
  for (const StoredPrunedList& stored : lists) {
    NDX_RETURN_IF_ERROR(CarryOut(stored.leaf, stored.list, state));
  }
  return absl::OkStatus();
}

absl::Status Pruner::CarryOut(uint64_t leaf, const v1::PrunedLeaves& list, v1::PruneState* state) {
  NDX_ASSIGN_OR_RETURN(const LeafRun span, removal_.CarryOut(leaf, list, Steps()));
  for (const v1::PrunedGroup& group : list.groups()) {
    state->set_exchanges(state->exchanges() + group.exchanges());
    state->set_bytes(state->bytes() + group.bytes());
  }
  state->set_carried_out_plus_one(leaf + 1);
  const bool scrub_due = state->scrub_end() != 0;
  state->set_scrub_begin(scrub_due ? std::min(state->scrub_begin(), span.begin) : span.begin);
  state->set_scrub_end(std::max(state->scrub_end(), span.end));
  NDX_RETURN_IF_ERROR(Save(state, store::Batch()));
  Step("the removal is noted");
  return absl::OkStatus();
}

absl::Status Pruner::Save(v1::PruneState* state, store::Batch batch) {
  // Held over the disk: AcceptClock() writes the same record.
  core::MutexLock lock(mutex_);
  state->set_trusted_unix_ns(absl::ToUnixNanos(clock_->trusted()));
  batch.Put(kMetaFamily, kPruneStateKey, state->SerializeAsString());
  NDX_RETURN_IF_ERROR(Wrote(parts_.database.WriteSynced(batch)));
  state_ = *state;
  return absl::OkStatus();
}

absl::Status Pruner::ScrubIfDue(v1::PruneState* state) {
  if (state->scrub_end() == 0) return absl::OkStatus();
  const std::string begin = LeafKey(state->scrub_begin());
  const std::string end = LeafKey(state->scrub_end());
  NDX_RETURN_IF_ERROR(parts_.subjects.database().ScrubRange(kMovedKeyFamily, begin, end));
  // Wraps of exchange keys from which the parts' keys could be derived again.
  NDX_RETURN_IF_ERROR(parts_.database.Scrub({kKeyFamily}));
  NDX_RETURN_IF_ERROR(parts_.database.ScrubRange(kPayloadFamily, begin, end));
  Step("removed keys are scrubbed");
  state->set_scrub_begin(0);
  state->set_scrub_end(0);
  return Save(state, store::Batch());
}

absl::Status Pruner::Reclaim(v1::PruneState* state) {
  NDX_ASSIGN_OR_RETURN(const uint64_t freed,
                       reclaim_.ReclaimOne(complete_below_, parts_.has_space(), Steps()));
  if (freed == 0) return absl::OkStatus();
  state->set_segment_bytes(state->segment_bytes() + freed);
  return Save(state, store::Batch());
}

RetentionStatus Pruner::status() const {
  RetentionStatus out;
  const auto cursor = parts_.database.NewCursor(kPayloadFamily);
  cursor->SeekToFirst();
  for (int look = 0; cursor->Valid() && look < kOldestLooksMax; ++look, cursor->Next()) {
    const auto payloads = parts_.reader.PayloadsOf(LeafIndexOf(cursor->key()));
    const bool stored = payloads.ok() && payloads->has_value() &&
                        ((*payloads)->has_request() || (*payloads)->has_response());
    if (!stored && look + 1 < kOldestLooksMax) continue;
    const auto leaf = parts_.reader.Leaf(LeafIndexOf(cursor->key()));
    if (leaf.ok()) out.oldest_kept = absl::FromUnixNanos(leaf->leaf.time_unix_ns());
    break;
  }
  core::MutexLock lock(mutex_);
  if (!clock_.has_value()) {
    out.trouble = absl::FailedPreconditionError("the journal is not followed");
    return out;
  }
  out.counted_by = clock_->now();
  out.clock_ahead = clock_->behind();
  out.clock_held = clock_->held();
  out.lag = lag_;
  out.kept_back = kept_back_;
  out.exchanges_pruned = state_.exchanges();
  out.bytes_pruned = state_.bytes();
  out.segment_bytes_freed = state_.segment_bytes();
  if (state_.carried_out_plus_one() > 0) out.last_leaf = state_.carried_out_plus_one() - 1;
  out.trouble = trouble_;
  return out;
}

absl::StatusOr<PruneForecast> Pruner::Forecast() const {
  v1::PruneState state;
  std::vector<LegalHold> holds;
  {
    core::MutexLock lock(mutex_);
    if (!clock_.has_value()) return absl::FailedPreconditionError("the journal is not followed");
    state = state_;
    holds = holds_;
  }
  PruneSelector::Question question = QuestionOf(state, std::move(holds));
  question.limits = {.leaves = kForecastLeavesMax,
                     .exchanges = kForecastExchangesMax,
                     .kept_back = kForecastExchangesMax};
  question.next_kept_back = 0;
  NDX_ASSIGN_OR_RETURN(const PruneSelection selection, selector_.Select(question));
  std::map<std::string, DuePayloads> by_method;
  for (const DueExchange& exchange : selection.due) {
    DuePayloads& due = by_method[exchange.method];
    due.method = exchange.method;
    due.keep_days = exchange.keep_days;
    ++due.exchanges;
    due.bytes += exchange.bytes;
  }
  PruneForecast out{.complete = !selection.more && selection.next_kept_back == 0};
  for (auto& [method, due] : by_method) out.due.push_back(std::move(due));
  return out;
}

absl::StatusOr<std::vector<PruneRecord>> Pruner::History(uint64_t before_leaf, size_t limit) const {
  std::vector<PruneRecord> records;
  const auto cursor = parts_.database.NewCursor(kMetaFamily);
  if (before_leaf == 0) return records;
  for (cursor->SeekForPrev(NumberedKey(kPrunedListPrefix, before_leaf - 1));
       records.size() < limit && NumberAt(kPrunedListPrefix, *cursor).has_value(); cursor->Prev()) {
    PruneRecord record{.leaf_index = *NumberAt(kPrunedListPrefix, *cursor)};
    NDX_ASSIGN_OR_RETURN(const auto stored, PrunedListOf(parts_.database, record.leaf_index));
    record.time = stored.time;
    for (const v1::PrunedGroup& group : stored.list.groups()) {
      record.groups.push_back(
          {.keep_days = group.keep_days(), .exchanges = group.exchanges(), .bytes = group.bytes()});
    }
    records.push_back(std::move(record));
  }
  NDX_RETURN_IF_ERROR(cursor->status());
  return records;
}

absl::Status Pruner::AcceptClock() {
  core::MutexLock lock(mutex_);
  if (!clock_.has_value()) return absl::FailedPreconditionError("the journal is not followed");
  const absl::Time now = parts_.clock.Now();
  v1::PruneState state = state_;
  state.set_trusted_unix_ns(absl::ToUnixNanos(now));
  store::Batch batch;
  batch.Put(kMetaFamily, kPruneStateKey, state.SerializeAsString());
  NDX_RETURN_IF_ERROR(Wrote(parts_.database.WriteSynced(batch)));
  state_ = std::move(state);
  clock_->Accept(now);
  clock_accepted_ = true;  // what is due is not to wait for the next look
  return absl::OkStatus();
}

}  // namespace ndx::journal
