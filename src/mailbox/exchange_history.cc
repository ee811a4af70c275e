#include "ndx/mailbox/exchange_history.h"

#include <utility>

#include "absl/status/status.h"
#include "google/protobuf/util/time_util.h"
#include "ndx/core/exchange_id.h"
#include "ndx/core/not_now.h"
#include "ndx/core/status_macros.h"

namespace ndx::mailbox {
namespace {

using google::protobuf::util::TimeUtil;
using Standing = ExchangeHistory::Standing;

// How the exchange stands after this leaf; nothing if it changes nothing.
std::optional<Standing> StandingAfter(const journal::v1::JournalLeaf& leaf) {
  switch (leaf.event()) {
    case journal::v1::JOURNAL_EVENT_REQUEST_OPENED:
      return Standing::kOpen;
    case journal::v1::JOURNAL_EVENT_ANSWERED:
      return core::SaysNotNow(static_cast<int>(leaf.grpc_status())) ? Standing::kToBeSent
                                                                    : Standing::kAnswered;
    case journal::v1::JOURNAL_EVENT_FAILED:
      return Standing::kToBeSent;
    case journal::v1::JOURNAL_EVENT_IN_DOUBT:
      return Standing::kInDoubt;
    case journal::v1::JOURNAL_EVENT_RESOLVED:
      return leaf.grpc_status() == 0 ? Standing::kAnswered : Standing::kToBeSent;
    default:
      return std::nullopt;
  }
}

}  // namespace

exchange::v1::OutcomeState StateOf(ExchangeHistory::Standing standing) {
  switch (standing) {
    case Standing::kOpen:
      return exchange::v1::OUTCOME_STATE_DELIVERING;
    case Standing::kInDoubt:
      return exchange::v1::OUTCOME_STATE_IN_DOUBT;
    case Standing::kAnswered:
      return exchange::v1::OUTCOME_STATE_ANSWERED;
    case Standing::kDead:
      return exchange::v1::OUTCOME_STATE_DEAD;
    case Standing::kDiscarded:
      return exchange::v1::OUTCOME_STATE_CANCELLED;
    default:
      return exchange::v1::OUTCOME_STATE_KEPT;
  }
}

namespace {

absl::Status AddAnswer(const journal::StoredLeaf& leaf, const journal::JournalReader& reader,
                       exchange::v1::Outcome* outcome) {
  outcome->set_grpc_status(static_cast<int32_t>(leaf.leaf.grpc_status()));
  if (leaf.leaf.grpc_status() != 0) return absl::OkStatus();
  auto payload = reader.OpenPayload(leaf.index);
  if (!payload.ok() && !absl::IsNotFound(payload.status())) return payload.status();
  if (payload.ok() && payload->response_parts_erased == 0 && payload->response.size() == 1) {
    outcome->set_answer(std::move(payload->response.front()));
  } else {
    outcome->set_answer_missing(true);
  }
  return absl::OkStatus();
}

}  // namespace

absl::StatusOr<ExchangeHistory> ReadHistory(std::vector<journal::StoredLeaf> leaves) {
  ExchangeHistory history;
  bool submitted = false;
  bool dead = false;
  bool discarded = false;
  for (journal::StoredLeaf& stored : leaves) {
    const journal::v1::JournalEvent event = stored.leaf.event();
    if (event == journal::v1::JOURNAL_EVENT_SUBMITTED) {
      if (!submitted) history.submitted = stored;
      submitted = true;
    } else if (event == journal::v1::JOURNAL_EVENT_DELIVERY_DEAD) {
      dead = true;
    } else if (event == journal::v1::JOURNAL_EVENT_DELIVERY_RESUMED) {
      dead = false;
    } else if (event == journal::v1::JOURNAL_EVENT_DELIVERY_DISCARDED) {
      discarded = true;
    } else if (const auto after = StandingAfter(stored.leaf)) {
      history.standing = *after;
    } else {
      continue;
    }
    history.newest = std::move(stored);
  }
  if (history.standing == Standing::kAnswered) {
    // Asked for in a direct call.
    if (!submitted) history.submitted = history.newest;
    return history;
  }
  if (!submitted) return absl::NotFoundError("nothing was submitted under this exchange id");
  if (discarded) history.standing = Standing::kDiscarded;
  if (dead && !discarded) history.standing = Standing::kDead;
  return history;
}

absl::StatusOr<exchange::v1::Outcome> OutcomeOf(const ExchangeHistory& history,
                                                const journal::JournalReader& reader) {
  const journal::v1::JournalLeaf& submitted = history.submitted.leaf;
  exchange::v1::Outcome outcome;
  NDX_ASSIGN_OR_RETURN(const auto id, core::ExchangeId::FromBytes(submitted.exchange_id()));
  outcome.set_exchange_id(id.ToString());
  outcome.set_state(StateOf(history.standing));
  outcome.set_method(submitted.method());
  outcome.set_provider(submitted.provider());
  const int64_t expires = submitted.expires_unix_ns();
  if (expires != 0) *outcome.mutable_expires() = TimeUtil::NanosecondsToTimestamp(expires);
  if (history.newest.index != history.submitted.index) {
    outcome.set_attempts(history.newest.leaf.attempt());
    outcome.set_reason(history.newest.leaf.error_reason());
  }
  if (history.standing == Standing::kAnswered) {
    NDX_RETURN_IF_ERROR(AddAnswer(history.newest, reader, &outcome));
  }
  NDX_ASSIGN_OR_RETURN(std::string receipt, reader.Receipt(history.newest.index));
  outcome.mutable_receipt()->set_exchange_id(id.ToString());
  outcome.mutable_receipt()->set_tlog_proof(std::move(receipt));
  return outcome;
}

}  // namespace ndx::mailbox
