#include "ndx/anchors/anchors.h"

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "ndx/core/status_macros.h"
#include "ndx/journal/checkpoint.h"
#include "ndx/registry/calendar.h"

namespace ndx::anchors {
namespace {

constexpr char kWitness[] = "witness";
constexpr char kTimeStamp[] = "time_stamp";

journal::WitnessPolicy PolicyOf(const AnchorOptions& options) {
  journal::WitnessPolicy policy{.required = options.witnesses_required};
  for (const WitnessPeer& peer : options.witnesses) policy.witnesses.push_back(peer.verifier);
  return policy;
}

// The stored token's time, if it is good.
std::optional<absl::Time> TimeOfToken(const StoredAnchor& anchor,
                                      const TimeStampAuthority& authority) {
  const auto found = anchor.tokens.find(authority.name);
  if (found == anchor.tokens.end()) return std::nullopt;
  const auto stamp = crypto::VerifyTimeStampAnswer(
      found->second, crypto::Sha256Of({anchor.checkpoint}), std::nullopt, authority.trust);
  if (!stamp.ok()) return std::nullopt;
  return stamp->time;
}

}  // namespace

Anchors::Anchors(AnchorOptions options, AnchorParts parts)
    : options_(std::move(options)),
      parts_(parts),
      policy_(PolicyOf(options_)),
      failures_(parts.metrics.AddCounters(
          {.name = "ndx_anchor_failures_total",
           .help = "Witnesses and time-stamp authorities that did not give what was asked.",
           .label_names = {"kind", "who"}})),
      stopped_gauge_(parts.metrics.AddGauge(
          "ndx_anchor_stopped", "1 while no exchanges are taken for want of anchors.")) {
  for (const WitnessPeer& peer : options_.witnesses) {
    clients_.emplace_back(peer, parts.poster, parts.reader);
  }
  auto& seconds = parts.metrics.AddGauges(
      {.name = "ndx_anchor_unanchored_seconds",
       .help = "Age of the oldest leaf that no sufficient anchor of this kind covers.",
       .label_names = {"kind"}});
  auto& covered = parts.metrics.AddGauges({.name = "ndx_anchor_covered_leaves",
                                           .help = "Leaves that a sufficient anchor covers.",
                                           .label_names = {"kind"}});
  auto& overdue = parts.metrics.AddGauges({.name = "ndx_anchor_overdue",
                                           .help = "1 while anchors are overdue.",
                                           .label_names = {"kind"}});
  for (auto& [kind, name] : {std::pair<Kind*, const char*>{&witnesses_, kWitness},
                             std::pair<Kind*, const char*>{&time_stamps_, kTimeStamp}}) {
    kind->unanchored_seconds = &seconds.With({name});
    kind->covered = &covered.With({name});
    kind->overdue = &overdue.With({name});
  }
  witnesses_.interval = options_.witness_interval;
  witnesses_.state.required = options_.witnesses_required;
  witnesses_.state.configured = options_.witnesses.size();
  time_stamps_.interval = options_.time_stamp_interval;
  time_stamps_.state.required = options_.time_stamps_required;
  time_stamps_.state.configured = options_.authorities.size();
}

void Anchors::RunDue() {
  if (!std::exchange(recalled_, true)) RecallCovered();
  const int64_t now = parts_.clock.MonotonicNanos();
  RunWitnesses(now);
  RunTimeStamps(now);
  Assess();
  Publish();
}

absl::StatusOr<Anchors::SignedHead> Anchors::NewestCheckpoint() const {
  SignedHead newest{.note = parts_.reader.Checkpoint()};
  NDX_ASSIGN_OR_RETURN(const journal::Note note, journal::ParseNote(newest.note));
  NDX_ASSIGN_OR_RETURN(const journal::Checkpoint checkpoint, journal::ParseCheckpoint(note.text));
  newest.head = checkpoint.head;
  return newest;
}

// What earlier runs left behind counts, as far as it verifies.
void Anchors::RecallCovered() {
  auto sizes = parts_.store.Sizes();
  if (!sizes.ok()) return Failed(time_stamps_, kTimeStamp, "store", sizes.status());
  const uint64_t tree_size = parts_.reader.size();
  for (auto size = sizes->rbegin(); size != sizes->rend(); ++size) {
    if (*size > tree_size) continue;
    const auto anchor = parts_.store.Read(*size);
    if (!anchor.ok()) continue;
    if (witnesses_.state.covered == 0 && !anchor->cosigned.empty()) {
      const auto verdict = journal::JudgeCosignatures(anchor->cosigned, policy_);
      if (verdict.ok() && verdict->satisfied) witnesses_.state.covered = *size;
    }
    size_t good = 0;
    for (const TimeStampAuthority& authority : options_.authorities) {
      const std::optional<absl::Time> time = TimeOfToken(*anchor, authority);
      if (!time.has_value()) continue;
      ++good;
      day_ = std::max(day_, registry::VietnamDay(*time));
    }
    if (good > 0 && good >= options_.time_stamps_required) {
      time_stamps_.state.covered = *size;
      break;
    }
  }
}

void Anchors::RunWitnesses(int64_t now) {
  if (clients_.empty() || now < witnesses_.due_nanos) return;
  const auto newest = NewestCheckpoint();
  absl::Status status = newest.status();
  if (newest.ok() && newest->head.size > witnesses_.state.covered) status = Cosign(*newest);
  const absl::Duration pause =
      status.ok() ? witnesses_.interval : std::min(options_.retry_interval, witnesses_.interval);
  witnesses_.due_nanos = now + absl::ToInt64Nanoseconds(pause);
}

absl::Status Anchors::Cosign(const SignedHead& newest) {
  std::vector<journal::NoteSignature> signatures;
  for (WitnessClient& client : clients_) {
    const std::string& name = client.peer().verifier.name();
    auto signature = client.Cosign(newest.note, newest.head);
    if (signature.ok()) {
      contradictions_.erase(name);
      witnesses_.state.failures.erase(name);
      signatures.push_back(*std::move(signature));
      continue;
    }
    if (absl::IsDataLoss(signature.status())) {
      const std::string text = absl::StrCat(name, ": ", signature.status().message());
      const bool known = !contradictions_.emplace(name, text).second;
      if (!known) {
        parts_.log.Write(telemetry::LogEvent::kAnchorContradicted,
                         {{"witness", name}, {"reason", signature.status().message()}});
      }
    }
    Failed(witnesses_, kWitness, name, signature.status());
  }
  if (signatures.empty()) return absl::UnavailableError("no witness cosigned");
  NDX_ASSIGN_OR_RETURN(journal::Note note, journal::ParseNote(newest.note));
  note.signatures.insert(note.signatures.end(), signatures.begin(), signatures.end());
  const std::string cosigned = journal::FormatNote(note);
  absl::Status kept = parts_.store.PutCheckpoint(newest.head.size, newest.note);
  if (kept.ok()) kept = parts_.store.PutCosigned(newest.head.size, cosigned);
  if (kept.ok()) kept = parts_.store.Thin(newest.head.size);
  if (!kept.ok()) {
    Failed(witnesses_, kWitness, "store", kept);
    return kept;
  }
  witnesses_.state.failures.erase("store");
  NDX_ASSIGN_OR_RETURN(const auto verdict, journal::JudgeCosignatures(cosigned, policy_));
  if (!verdict.satisfied) return absl::UnavailableError("too few witnesses cosigned");
  witnesses_.state.covered = newest.head.size;
  witnesses_.state.newest = parts_.clock.Now();
  parts_.log.Write(telemetry::LogEvent::kAnchored,
                   {{"kind", kWitness}, {"leaves", newest.head.size}});
  return absl::OkStatus();
}

bool Anchors::DayHasClosed() const { return registry::VietnamDay(parts_.clock.Now()) > day_; }

void Anchors::RunTimeStamps(int64_t now) {
  if (options_.authorities.empty()) return;
  const bool day_closed = DayHasClosed();
  if (now < time_stamps_.due_nanos && !day_closed) return;
  const int64_t interval = absl::ToInt64Nanoseconds(time_stamps_.interval);
  const int64_t retry = std::min(absl::ToInt64Nanoseconds(options_.retry_interval), interval);
  if (!pending_.has_value() || day_closed || now - pending_->begun_nanos >= interval) {
    pending_.reset();
    const auto newest = NewestCheckpoint();
    time_stamps_.due_nanos = now + retry;
    if (!newest.ok()) return Failed(time_stamps_, kTimeStamp, "store", newest.status());
    day_ = registry::VietnamDay(parts_.clock.Now());
    time_stamps_.due_nanos = now + interval;
    if (newest->head.size <= time_stamps_.state.covered) return;  // nothing new to vouch for
    pending_ =
        Pending{.tree_size = newest->head.size, .checkpoint = newest->note, .begun_nanos = now};
  }
  const absl::Status stamped = Stamp();
  time_stamps_.due_nanos = stamped.ok() ? pending_->begun_nanos + interval : now + retry;
  if (stamped.ok()) pending_.reset();
}

// OK once every authority has stamped the pending checkpoint.
absl::Status Anchors::Stamp() {
  absl::Status kept = parts_.store.PutCheckpoint(pending_->tree_size, pending_->checkpoint);
  absl::Status missing = kept;
  for (const TimeStampAuthority& authority : options_.authorities) {
    if (!kept.ok()) break;
    if (pending_->done[authority.name]) continue;
    auto answer = AskTimeStamp(authority, pending_->checkpoint, parts_.poster, parts_.random,
                               parts_.clock, options_.clock_difference_max);
    if (!answer.ok()) {
      missing.Update(answer.status());
      Failed(time_stamps_, kTimeStamp, authority.name, answer.status());
      continue;
    }
    kept = parts_.store.PutToken(pending_->tree_size, authority.name, answer->der);
    if (!kept.ok()) break;
    pending_->done[authority.name] = true;
    time_stamps_.state.failures.erase(authority.name);
    parts_.log.Write(
        telemetry::LogEvent::kAnchored,
        {{"kind", kTimeStamp}, {"who", authority.name}, {"leaves", pending_->tree_size}});
  }
  if (kept.ok()) {
    time_stamps_.state.failures.erase("store");
  } else {
    Failed(time_stamps_, kTimeStamp, "store", kept);
    missing.Update(kept);
  }
  const auto done =
      static_cast<size_t>(std::count_if(pending_->done.begin(), pending_->done.end(),
                                        [](const auto& authority) { return authority.second; }));
  if (done >= std::max<size_t>(options_.time_stamps_required, 1)) {
    time_stamps_.state.covered = std::max(time_stamps_.state.covered, pending_->tree_size);
    time_stamps_.state.newest = parts_.clock.Now();
  }
  return missing;
}

void Anchors::Assess() {
  AssessKind(witnesses_, !contradictions_.empty());
  AssessKind(time_stamps_, false);
  bool stop = false;
  if (options_.stop_after.has_value()) {
    stop = !contradictions_.empty();
    for (const Kind* kind : {&witnesses_, &time_stamps_}) {
      const auto& since = kind->state.unanchored_since;
      stop = stop || (since.has_value() &&
                      parts_.clock.Now() - *since > kind->interval + *options_.stop_after);
    }
  }
  if (stop != stopped_.exchange(stop)) {
    parts_.log.Write(
        stop ? telemetry::LogEvent::kAnchorStopped : telemetry::LogEvent::kAnchorRecovered,
        {{"kind", "policy"}});
  }
  stopped_gauge_.Set(stop ? 1 : 0);
}

void Anchors::AssessKind(Kind& kind, bool contradicted) {
  AnchorState& state = kind.state;
  state.unanchored_since.reset();
  absl::Duration age;
  if (state.required > 0 && parts_.reader.size() > state.covered) {
    const auto leaf = parts_.reader.Leaf(state.covered);
    // A leaf that cannot be read is no anchor's fault; since when is then not known.
    state.unanchored_since =
        leaf.ok() ? absl::FromUnixNanos(leaf->leaf.time_unix_ns()) : parts_.clock.Now();
    age = std::max(parts_.clock.Now() - *state.unanchored_since, absl::ZeroDuration());
  }
  const bool overdue = contradicted || age > kind.interval + options_.alarm_after;
  if (overdue != std::exchange(state.overdue, overdue)) {
    const char* const name = &kind == &witnesses_ ? kWitness : kTimeStamp;
    parts_.log.Write(
        overdue ? telemetry::LogEvent::kAnchorOverdue : telemetry::LogEvent::kAnchorRecovered,
        {{"kind", name},
         {"since", state.unanchored_since.has_value()
                       ? absl::FormatTime(absl::RFC3339_sec, *state.unanchored_since,
                                          registry::VietnamTimeZone())
                       : ""},
         {"covered", state.covered}});
  }
  kind.unanchored_seconds->Set(absl::ToInt64Seconds(age));
  kind.covered->Set(static_cast<int64_t>(state.covered));
  kind.overdue->Set(overdue ? 1 : 0);
}

void Anchors::Failed(Kind& kind, const char* what, const std::string& who,
                     const absl::Status& status) {
  // Once for each new reason: the same one again every few seconds would hide everything else.
  std::string& last = kind.state.failures[who];
  std::string text(status.message());
  if (last != text) {
    parts_.log.Write(telemetry::LogEvent::kAnchorFailed,
                     {{"kind", what}, {"who", who}, {"error", status}});
  }
  last = std::move(text);
  failures_.With({what, who}).Add();
}

void Anchors::Publish() {
  AnchorStatus status{
      .witnesses = witnesses_.state,
      .time_stamps = time_stamps_.state,
      .contradiction = absl::StrJoin(contradictions_, "; ",
                                     [](std::string* out, const auto& one) { *out += one.second; }),
      .stopped = stopped_.load()};
  const core::MutexLock lock(mutex_);
  published_ = std::move(status);
}

AnchorStatus Anchors::status() const {
  const core::MutexLock lock(mutex_);
  return published_;
}

absl::Status Anchors::AcceptsNewExchanges() const {
  if (!stopped_.load(std::memory_order_relaxed)) return absl::OkStatus();
  return absl::UnavailableError("the journal has been without its anchors for too long");
}

}  // namespace ndx::anchors
