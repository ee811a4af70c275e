#include "ndx/broker/stages/recall_stage.h"

#include <utility>

#include "ndx/broker/error_answer.h"
#include "ndx/core/not_now.h"
#include "ndx/dispatch/failure_reason.h"

namespace ndx::broker {
namespace {

using exchange::v1::ErrorReason;
using journal::RecallVerdict;

constexpr absl::Duration kRunningPause = absl::Seconds(1);

core::Refusal StillRunning() {
  return {.reason = exchange::v1::ERROR_REASON_EXCHANGE_IN_PROGRESS,
          .parameters = {{"retry_after", dispatch::ShortDuration(kRunningPause)}},
          .retry_after = kRunningPause};
}

bool IsResolved(const journal::v1::JournalLeaf& leaf) {
  return leaf.event() == journal::v1::JOURNAL_EVENT_RESOLVED;
}

// A failure before the provider saw anything, or of a read, or a change that is known not to have
// been made: carrying it out again harms nobody.
bool MayBeCarriedOutAgain(const Exchange& x, const journal::v1::JournalLeaf& leaf) {
  if (!x.changes() || IsResolved(leaf)) return true;
  return SaysNothingWasSent(core::ReasonFromName(leaf.error_reason()));
}

// The provider said "not now", and whoever asks again, a caller's gRPC library or a node that keeps
// the request, wants to know whether it is now. A change goes there again only where the provider
// knows it by its id: some libraries say the same of a call that they broke off.
bool MayBeDoneNow(const Exchange& x, const journal::v1::JournalLeaf& leaf) {
  return !IsResolved(leaf) && core::SaysNotNow(static_cast<int>(leaf.grpc_status())) &&
         (!x.changes() || x.route.method->rules.idempotent());
}

// Whether a submission goes on to be kept, or to be told where it stands, whatever became of its id
// before: the mailbox knows those that it has. An answer that was recorded is one to be asked for.
bool IsToBeKept(const Exchange& x, const journal::Recalled& recalled) {
  switch (recalled.verdict) {
    case RecallVerdict::kSubmitted:
    case RecallVerdict::kInDoubt:
    case RecallVerdict::kAnswered:
      return true;
    case RecallVerdict::kFailed:
      return recalled.leaf.submitted_plus_one() != 0 || MayBeCarriedOutAgain(x, recalled.leaf);
    case RecallVerdict::kAnswerNotKept:
      return recalled.leaf.submitted_plus_one() != 0;
    case RecallVerdict::kInProgress:
      return recalled.leaf.submitted_plus_one() != 0;
    default:
      return false;
  }
}

// The peer that answered has the answer by the same id, and sees whether the request is the same.
// A change goes there only where its provider, too, knows it by its id: the peer may have lost its
// memory, or be another node under the same name.
bool HasItElsewhere(const Exchange& x) {
  return x.via() != nullptr && (!x.changes() || x.route.method->rules.idempotent());
}

// The recorded reason in today's words.
core::Refusal RecordedFailure(const Exchange& x, const journal::v1::JournalLeaf& leaf,
                              const std::string& node_contact) {
  core::Refusal refusal{.reason = core::ReasonFromName(leaf.error_reason())};
  if (refusal.reason == exchange::v1::ERROR_REASON_UNSPECIFIED) {
    refusal.reason = exchange::v1::ERROR_REASON_ANSWER_NOT_KEPT;
  }
  const registry::SystemEntry& provider = *x.route.provider->system;
  refusal.parameters = {
      {"provider", provider.id.text()},
      {"owner", provider.member->OwnerText()},
      {"node", node_contact},
      {"elapsed",
       dispatch::ShortDuration(absl::Microseconds(static_cast<int64_t>(leaf.duration_us())))}};
  return refusal;
}

}  // namespace

Flow RecallStage::Enter(Exchange& x) {
  if (!x.context.exchange_id.has_value()) return Flow::kNext;
  x.holds_id = admission_.TryTakeId(x.principal->system, x.id);
  // A submission may be told where it stands while it is being delivered.
  if (!x.holds_id && !x.submission.has_value()) {
    x.Refuse(StillRunning());
    return Flow::kNext;
  }
  // What is delivered was looked up in the journal before.
  if (x.delivery.has_value()) return Flow::kNext;
  journal::RecallQuery query{.consumer = x.principal->system.text(),
                             .exchange_id = x.id,
                             .method = x.path,
                             .request = {x.request}};
  journal_.Recall(std::move(query),
                  pipeline_.OnLoop<journal::Recalled>(x, [this](Exchange& alive, auto recalled) {
                    Apply(alive, std::move(recalled));
                    pipeline_.Next(alive);
                  }));
  return Flow::kWait;
}

void RecallStage::Apply(Exchange& x, absl::StatusOr<journal::Recalled> recalled) {
  if (!recalled.ok()) {
    return x.Refuse({.reason = exchange::v1::ERROR_REASON_JOURNAL_UNAVAILABLE,
                     .parameters = {{"node", node_contact_}}});
  }
  if (x.submission.has_value() && IsToBeKept(x, *recalled)) {
    x.submission->id_used_before = true;
    return;
  }
  switch (recalled->verdict) {
    case RecallVerdict::kUnknown:
      if (!x.holds_id) x.Refuse(StillRunning());
      return;
    case RecallVerdict::kSubmitted:
      return x.Refuse({.reason = exchange::v1::ERROR_REASON_EXCHANGE_KEPT});
    case RecallVerdict::kInProgress:
      return x.Refuse(StillRunning());
    case RecallVerdict::kDifferent:
      return x.Refuse({.reason = exchange::v1::ERROR_REASON_EXCHANGE_ID_REUSED});
    case RecallVerdict::kInDoubt:
      // The provider knows an idempotent change by its id: whoever asks again finds out.
      x.doubted = x.changes();
      if (!x.doubted || x.route.method->rules.idempotent()) return;
      return x.Refuse({.reason = exchange::v1::ERROR_REASON_OUTCOME_UNKNOWN});
    case RecallVerdict::kAnswerNotKept:
      if (HasItElsewhere(x)) return;
      return x.Refuse({.reason = exchange::v1::ERROR_REASON_ANSWER_NOT_KEPT});
    case RecallVerdict::kFailed:
      if (recalled->leaf.submitted_plus_one() != 0) {
        return x.Refuse({.reason = exchange::v1::ERROR_REASON_EXCHANGE_KEPT});
      }
      if (MayBeCarriedOutAgain(x, recalled->leaf)) return;
      x.outcome = Outcome::kFailed;
      x.refusal = RecordedFailure(x, recalled->leaf, node_contact_);
      break;
    case RecallVerdict::kAnswered:
      if (MayBeDoneNow(x, recalled->leaf)) {
        x.doubted = x.changes();
        return;
      }
      if (!TakeAnswer(x, *recalled)) return;
      break;
  }
  x.recalled = true;
  x.receipt = std::move(recalled->receipt);
}

bool RecallStage::TakeAnswer(Exchange& x, journal::Recalled& recalled) {
  const bool ok = recalled.leaf.grpc_status() == 0;
  // A change that was found to have been made after all: its answer was never seen.
  const bool missing =
      ok && recalled.response.empty() && (!x.streams() || IsResolved(recalled.leaf));
  if (missing) {
    x.Refuse({.reason = exchange::v1::ERROR_REASON_ANSWER_NOT_KEPT});
    return false;
  }
  uint64_t bytes = 0;
  for (const std::string& message : recalled.response) bytes += message.size();
  if (!admission_.TryTakeMemory(x.principal->system, bytes)) {
    x.Refuse(NodeOverloaded(kRunningPause));
    return false;
  }
  x.memory_taken += bytes;
  x.outcome = Outcome::kAnswered;
  x.status.code = static_cast<int>(recalled.leaf.grpc_status());
  for (std::string& message : recalled.response) {
    x.answer.push_back(transport::MakeMessage(std::move(message)));
  }
  return true;
}

}  // namespace ndx::broker
