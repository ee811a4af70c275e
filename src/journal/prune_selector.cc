#include "prune_selector.h"

#include <algorithm>

#include "ndx/core/status_macros.h"
#include "store_layout.h"

namespace ndx::journal {
namespace {

// A wall clock is set by small steps, too.
constexpr absl::Duration kClockSlack = absl::Seconds(10);

bool Closes(v1::JournalEvent event) {
  return event == v1::JOURNAL_EVENT_ANSWERED || event == v1::JOURNAL_EVENT_FAILED ||
         event == v1::JOURNAL_EVENT_RESOLVED || event == v1::JOURNAL_EVENT_DELIVERY_DEAD ||
         event == v1::JOURNAL_EVENT_DELIVERY_DISCARDED;
}

absl::Time TimeOf(const StoredLeaf& leaf) { return absl::FromUnixNanos(leaf.leaf.time_unix_ns()); }

absl::Duration Days(uint32_t days) { return days * absl::Hours(24); }

bool Covers(const v1::MovedKeys& keys, const std::string& subject_id) {
  return std::any_of(keys.subjects().begin(), keys.subjects().end(),
                     [&](const auto& subject) { return subject.id() == subject_id; });
}

}  // namespace

absl::StatusOr<uint64_t> PruneSelector::FirstStored() const {
  const auto cursor = parts_.database.NewCursor(kPayloadFamily);
  cursor->SeekToFirst();
  NDX_RETURN_IF_ERROR(cursor->status());
  return cursor->Valid() ? LeafIndexOf(cursor->key()) : parts_.subjects.next_leaf();
}

absl::Status PruneSelector::AddLeaf(uint64_t leaf, DueExchange* exchange) const {
  NDX_ASSIGN_OR_RETURN(const auto payloads, parts_.reader.PayloadsOf(leaf));
  if (!payloads.has_value()) return absl::OkStatus();
  if (!payloads->has_request() && !payloads->has_response()) return absl::OkStatus();
  exchange->leaves.push_back(leaf);
  for (const auto* direction : {&payloads->request(), &payloads->response()}) {
    exchange->bytes += direction->inline_bytes().size();
    for (const v1::SegmentPiece& piece : direction->pieces()) {
      exchange->bytes += piece.length();
      exchange->segments[piece.segment()] += store::kSegmentRecordHeaderBytes + piece.length();
    }
  }
  return absl::OkStatus();
}

absl::StatusOr<bool> PruneSelector::IsHeld(const std::vector<LegalHold>& holds,
                                           const StoredLeaf& closing,
                                           const DueExchange& exchange) const {
  for (const LegalHold& hold : holds) {
    if (!hold.exchange_id.empty() && hold.exchange_id == closing.leaf.exchange_id()) return true;
    if (hold.subject_id.empty()) continue;
    for (const uint64_t leaf : exchange.leaves) {
      const auto moved = parts_.subjects.Moved(leaf);
      // Nobody can say whom it concerns: it may be whom the hold is about.
      if (absl::IsNotFound(moved.status())) return true;
      NDX_RETURN_IF_ERROR(moved.status());
      if (Covers(*moved, hold.subject_id)) return true;
    }
  }
  return false;
}

absl::StatusOr<PruneSelector::Verdict> PruneSelector::Judge(const Question& question,
                                                            const StoredLeaf& closing,
                                                            DueExchange* exchange) const {
  exchange->closing_leaf = closing.index;
  exchange->method = closing.leaf.method();
  const std::optional<uint32_t> keep_days = question.rules.DaysOf(closing.leaf);
  exchange->keep_days = keep_days.value_or(0);
  StoredLeaf leaf = closing;
  NDX_RETURN_IF_ERROR(AddLeaf(leaf.index, exchange));
  while (leaf.leaf.caused_by_plus_one() != 0 && leaf.leaf.caused_by_plus_one() - 1 < leaf.index) {
    NDX_ASSIGN_OR_RETURN(leaf, parts_.reader.Leaf(leaf.leaf.caused_by_plus_one() - 1));
    if (leaf.leaf.exchange_id() != closing.leaf.exchange_id()) break;
    NDX_RETURN_IF_ERROR(AddLeaf(leaf.index, exchange));
  }
  if (const uint64_t kept = closing.leaf.submitted_plus_one(); kept != 0 && kept < closing.index) {
    NDX_RETURN_IF_ERROR(AddLeaf(kept - 1, exchange));
  }
  if (exchange->leaves.empty() || !keep_days.has_value()) return Verdict::kNothingStored;
  if (TimeOf(closing) > question.wall + kClockSlack) return Verdict::kKeptBack;
  if (question.now - TimeOf(closing) <= Days(exchange->keep_days)) return Verdict::kNotYet;
  NDX_ASSIGN_OR_RETURN(const bool held, IsHeld(question.holds, closing, *exchange));
  return held ? Verdict::kKeptBack : Verdict::kDue;
}

absl::Status PruneSelector::LookAgain(const Question& question, PruneSelection* out) const {
  uint64_t looked_at = 0;
  const auto cursor = parts_.database.NewCursor(kMetaFamily);
  out->next_kept_back = 0;  // from the beginning, unless a limit ends it
  for (cursor->Seek(NumberedKey(kKeptBackPrefix, question.next_kept_back));
       NumberAt(kKeptBackPrefix, *cursor).has_value(); cursor->Next()) {
    const uint64_t index = *NumberAt(kKeptBackPrefix, *cursor);
    if (looked_at++ >= question.limits.kept_back || out->due.size() >= question.limits.exchanges) {
      out->next_kept_back = index;
      break;
    }
    NDX_ASSIGN_OR_RETURN(const StoredLeaf closing, parts_.reader.Leaf(index));
    DueExchange exchange;
    NDX_ASSIGN_OR_RETURN(const Verdict verdict, Judge(question, closing, &exchange));
    // What bore a time to come, and has come to it, is now only not due yet.
    if (verdict == Verdict::kKeptBack || verdict == Verdict::kNotYet) continue;
    out->released.push_back(index);
    if (verdict == Verdict::kDue) out->due.push_back(std::move(exchange));
  }
  return cursor->status();
}

absl::Status PruneSelector::Walk(const Question& question, uint32_t keep_days,
                                 PruneSelection* out) const {
  uint64_t& next = out->cursors[keep_days];
  const uint64_t end = parts_.subjects.next_leaf();
  uint64_t looked_at = 0;
  absl::Status status;
  const auto see = [&](const StoredLeaf& leaf) {
    if (leaf.index >= end) return false;
    const bool full = out->due.size() >= question.limits.exchanges;
    if (full || looked_at++ >= question.limits.leaves) {
      out->more = true;
      out->lag = std::max(out->lag, question.now - TimeOf(leaf) - Days(keep_days));
      return false;
    }
    if (Closes(leaf.leaf.event()) && question.rules.DaysOf(leaf.leaf) == keep_days) {
      DueExchange exchange;
      const auto verdict = Judge(question, leaf, &exchange);
      status = verdict.status();
      if (!status.ok() || *verdict == Verdict::kNotYet) return false;
      if (*verdict == Verdict::kKeptBack) out->kept_back.push_back(leaf.index);
      if (*verdict == Verdict::kDue) out->due.push_back(std::move(exchange));
    }
    next = leaf.index + 1;
    return true;
  };
  NDX_RETURN_IF_ERROR(parts_.reader.Scan({.from_index = next}, see));
  return status;
}

absl::StatusOr<PruneSelection> PruneSelector::Select(const Question& question) const {
  PruneSelection out{.cursors = question.cursors};
  NDX_RETURN_IF_ERROR(LookAgain(question, &out));
  for (const uint32_t keep_days : question.rules.AllDays()) {
    NDX_RETURN_IF_ERROR(Walk(question, keep_days, &out));
  }
  return out;
}

}  // namespace ndx::journal
