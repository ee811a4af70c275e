#include "ndx/replay/recorded_exchange.h"

#include <utility>

namespace ndx::replay {
namespace {

// Refusals of a later use of the id, resolutions and operators' acts know no request, nor on which
// ground it was made.
bool KnowsRequest(journal::v1::JournalEvent event) {
  switch (event) {
    case journal::v1::JOURNAL_EVENT_REQUEST_OPENED:
    case journal::v1::JOURNAL_EVENT_ANSWERED:
    case journal::v1::JOURNAL_EVENT_FAILED:
    case journal::v1::JOURNAL_EVENT_IN_DOUBT:
      return true;
    default:
      return false;
  }
}

}  // namespace

std::variant<RecordedExchange, core::Refusal> ReadRecorded(const journal::JournalReader& reader,
                                                           core::ExchangeId exchange_id,
                                                           const std::string& consumer) {
  auto leaves = reader.LeavesOf(exchange_id, consumer);
  if (!leaves.ok()) {
    return core::Refusal{.reason = absl::IsNotFound(leaves.status())
                                       ? exchange::v1::ERROR_REASON_EXCHANGE_UNKNOWN
                                       : exchange::v1::ERROR_REASON_INTERNAL};
  }
  auto sending = SendingOf(*leaves);
  if (!sending.has_value()) {
    return core::Refusal{.reason = exchange::v1::ERROR_REASON_EXCHANGE_UNKNOWN};
  }
  core::Refusal refusal{.reason = exchange::v1::ERROR_REASON_PAYLOAD_NOT_KEPT};
  for (auto leaf = leaves->rbegin(); leaf != leaves->rend(); ++leaf) {
    if (!KnowsRequest(leaf->leaf.event())) continue;
    auto payload = reader.OpenPayload(leaf->index);
    if (!payload.ok()) continue;
    if (payload->request_parts_erased > 0) {
      refusal.reason = exchange::v1::ERROR_REASON_REPLAY_REQUEST_ERASED;
    } else if (!payload->request.empty()) {
      journal::StoredLeaf closing = *leaf;
      return RecordedExchange{.leaves = *std::move(leaves),
                              .closing = std::move(closing),
                              .payload = *std::move(payload),
                              .sending = *std::move(sending)};
    }
  }
  return refusal;
}

}  // namespace ndx::replay
