#include "exchange_transition.h"

namespace ndx::journal {
namespace {

v1::ExchangePhase PhaseAfter(const PendingRecord& record, v1::ExchangePhase before) {
  switch (record.event) {
    case v1::JOURNAL_EVENT_REQUEST_OPENED:
      return v1::EXCHANGE_PHASE_OPENED;
    case v1::JOURNAL_EVENT_ANSWERED:
      return v1::EXCHANGE_PHASE_ANSWERED;
    case v1::JOURNAL_EVENT_FAILED:
      return v1::EXCHANGE_PHASE_FAILED;
    case v1::JOURNAL_EVENT_IN_DOUBT:
      return v1::EXCHANGE_PHASE_IN_DOUBT;
    case v1::JOURNAL_EVENT_RESOLVED:
      return record.grpc_status == 0 ? v1::EXCHANGE_PHASE_ANSWERED : v1::EXCHANGE_PHASE_FAILED;
    case v1::JOURNAL_EVENT_REFUSED:
      return before == v1::EXCHANGE_PHASE_UNSPECIFIED ? v1::EXCHANGE_PHASE_REFUSED : before;
    case v1::JOURNAL_EVENT_SUBMITTED:
      return before == v1::EXCHANGE_PHASE_UNSPECIFIED || before == v1::EXCHANGE_PHASE_REFUSED
                 ? v1::EXCHANGE_PHASE_SUBMITTED
                 : before;
    default:
      return before;
  }
}

bool IsClosing(v1::JournalEvent event) {
  return event == v1::JOURNAL_EVENT_ANSWERED || event == v1::JOURNAL_EVENT_FAILED ||
         event == v1::JOURNAL_EVENT_IN_DOUBT || event == v1::JOURNAL_EVENT_RESOLVED;
}

}  // namespace

void ApplyRecord(const PendingRecord& record, uint64_t index, v1::ExchangeState* state) {
  const bool closes = IsClosing(record.event);
  const v1::ExchangePhase after = PhaseAfter(record, state->phase());
  const bool begins =
      record.event == v1::JOURNAL_EVENT_REQUEST_OPENED || (closes && record.open == nullptr) ||
      (record.event == v1::JOURNAL_EVENT_SUBMITTED && after == v1::EXCHANGE_PHASE_SUBMITTED);
  state->set_phase(after);
  state->add_leaves(index);
  if (state->consumer().empty()) state->set_consumer(record.consumer);
  if (state->method().empty() || begins) state->set_method(record.method);
  if (begins) {
    state->set_request_leaf_plus_one(index + 1);
    state->set_key_leaf_plus_one(record.wrapped_key.has_value() ? index + 1 : 0);
    state->set_request_hmac(record.request_mac);
    state->set_intake_hour(record.intake_hour);
    state->set_closing_leaf_plus_one(0);
  }
  if (closes) state->set_closing_leaf_plus_one(index + 1);
}

bool NeedsEarlierState(const PendingRecord& record) {
  if (record.recallable || record.open != nullptr) {
    return true;
  }
  // The node has just made the id of these itself.
  return record.event != v1::JOURNAL_EVENT_REQUEST_OPENED &&
         record.event != v1::JOURNAL_EVENT_REFUSED && record.event != v1::JOURNAL_EVENT_ANSWERED &&
         record.event != v1::JOURNAL_EVENT_FAILED && record.event != v1::JOURNAL_EVENT_IN_DOUBT;
}

}  // namespace ndx::journal
