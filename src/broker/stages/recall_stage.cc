#include "ndx/broker/stages/recall_stage.h"

#include <utility>

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

// A failure before the provider saw anything, or of a read: carrying it out again harms nobody.
bool MayBeCarriedOutAgain(const Exchange& x, const journal::v1::JournalLeaf& leaf) {
  if (!x.changes()) return true;
  switch (core::ReasonFromName(leaf.error_reason())) {
    case exchange::v1::ERROR_REASON_PROVIDER_DOWN:
    case exchange::v1::ERROR_REASON_PROVIDER_BUSY:
    case exchange::v1::ERROR_REASON_DEADLINE_BEFORE_SENDING:
      return true;
    default:
      return false;
  }
}

}  // namespace

Flow RecallStage::Enter(Exchange& x) {
  if (!x.context.exchange_id.has_value()) return Flow::kNext;
  if (!admission_.TryTakeId(x.principal->system, x.id)) {
    x.Refuse(StillRunning());
    return Flow::kNext;
  }
  x.holds_id = true;
  journal::RecallQuery query{.consumer = x.principal->system.text(),
                             .exchange_id = x.id,
                             .method = x.path,
                             .request = {x.request}};
  journal_.Recall(std::move(query), [this, alive = x.shared_from_this()](
                                        absl::StatusOr<journal::Recalled> recalled) mutable {
    transport::EventLoop& loop = alive->loop;
    loop.Post([this, alive = std::move(alive), recalled = std::move(recalled)]() mutable {
      Apply(*alive, std::move(recalled));
      pipeline_.Next(*alive);
    });
  });
  return Flow::kWait;
}

void RecallStage::Apply(Exchange& x, absl::StatusOr<journal::Recalled> recalled) {
  if (!recalled.ok()) {
    return x.Refuse({.reason = exchange::v1::ERROR_REASON_JOURNAL_UNAVAILABLE,
                     .parameters = {{"node", node_contact_}}});
  }
  switch (recalled->verdict) {
    case RecallVerdict::kUnknown:
      return;
    case RecallVerdict::kInProgress:
      return x.Refuse(StillRunning());
    case RecallVerdict::kDifferent:
      return x.Refuse({.reason = exchange::v1::ERROR_REASON_EXCHANGE_ID_REUSED});
    case RecallVerdict::kInDoubt:
      if (!x.changes()) return;
      return x.Refuse({.reason = exchange::v1::ERROR_REASON_OUTCOME_UNKNOWN});
    case RecallVerdict::kAnswerNotKept:
      return x.Refuse({.reason = exchange::v1::ERROR_REASON_ANSWER_NOT_KEPT});
    case RecallVerdict::kFailed:
      if (MayBeCarriedOutAgain(x, recalled->leaf)) return;
      x.outcome = Outcome::kFailed;
      x.refusal = core::Refusal{.reason = core::ReasonFromName(recalled->leaf.error_reason())};
      if (x.refusal->reason == exchange::v1::ERROR_REASON_UNSPECIFIED) {
        x.refusal->reason = exchange::v1::ERROR_REASON_ANSWER_NOT_KEPT;
      }
      break;
    case RecallVerdict::kAnswered:
      x.outcome = Outcome::kAnswered;
      x.status.code = static_cast<int>(recalled->leaf.grpc_status());
      for (std::string& message : recalled->response) {
        x.answer.push_back(transport::MakeMessage(std::move(message)));
      }
      break;
  }
  x.recalled = true;
  x.receipt = std::move(recalled->receipt);
}

}  // namespace ndx::broker
