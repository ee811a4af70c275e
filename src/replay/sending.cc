#include "ndx/replay/sending.h"

#include "ndx/broker/error_answer.h"
#include "ndx/core/refusal.h"

namespace ndx::replay {
namespace {

using journal::v1::JournalLeaf;

v1::SendingOutcome OutcomeAfter(const JournalLeaf& leaf) {
  switch (leaf.event()) {
    case journal::v1::JOURNAL_EVENT_ANSWERED:
      return v1::SENDING_OUTCOME_ANSWERED;
    case journal::v1::JOURNAL_EVENT_FAILED:
      return broker::SaysNothingWasSent(core::ReasonFromName(leaf.error_reason()))
                 ? v1::SENDING_OUTCOME_NOT_SENT
                 : v1::SENDING_OUTCOME_ANSWER_UNKNOWN;
    case journal::v1::JOURNAL_EVENT_RESOLVED:
      return leaf.grpc_status() == 0 ? v1::SENDING_OUTCOME_ANSWERED : v1::SENDING_OUTCOME_NOT_SENT;
    case journal::v1::JOURNAL_EVENT_REFUSED:
      return v1::SENDING_OUTCOME_NOT_SENT;
    case journal::v1::JOURNAL_EVENT_REQUEST_OPENED:
    case journal::v1::JOURNAL_EVENT_IN_DOUBT:
      return v1::SENDING_OUTCOME_ANSWER_UNKNOWN;
    default:
      return v1::SENDING_OUTCOME_UNSPECIFIED;
  }
}

}  // namespace

std::optional<Sending> SendingOf(const std::vector<journal::StoredLeaf>& leaves) {
  std::optional<Sending> sending;
  bool refused_only = true;
  for (const journal::StoredLeaf& stored : leaves) {
    const JournalLeaf& leaf = stored.leaf;
    const auto outcome = OutcomeAfter(leaf);
    if (outcome == v1::SENDING_OUTCOME_UNSPECIFIED) continue;
    const bool refused = leaf.event() == journal::v1::JOURNAL_EVENT_REFUSED;
    if (refused && !refused_only) continue;
    refused_only = refused;
    const bool resolved = leaf.event() == journal::v1::JOURNAL_EVENT_RESOLVED;
    sending = Sending{.outcome = outcome,
                      .open = leaf.event() == journal::v1::JOURNAL_EVENT_REQUEST_OPENED,
                      .in_doubt = leaf.event() == journal::v1::JOURNAL_EVENT_IN_DOUBT,
                      .resolved_done = resolved && leaf.grpc_status() == 0,
                      .grpc_status = leaf.grpc_status(),
                      .error_reason = leaf.error_reason()};
  }
  return sending;
}

}  // namespace ndx::replay
