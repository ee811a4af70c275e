#include "ndx/console/journal_pages.h"

#include <set>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "ndx/console/refusal_status.h"
#include "ndx/core/status_macros.h"
#include "ndx/journal/retention_expiry.h"

namespace ndx::console {
namespace {

using journal::StoredLeaf;

std::set<std::string> ConsumersOf(const std::vector<StoredLeaf>& leaves) {
  std::set<std::string> consumers;
  for (const StoredLeaf& leaf : leaves) {
    if (IsOfExchange(leaf.leaf)) consumers.insert(leaf.leaf.consumer());
  }
  return consumers;
}

bool HasPayload(const journal::v1::PayloadCommitment& commitment) {
  return commitment.messages() > 0;
}

// What one leaf has of a direction, unless a newer leaf had something of it.
void TakeMessages(std::vector<std::string>& messages, std::vector<std::string>& elements,
                  uint32_t parts_erased, v1::Payload& payload) {
  if (payload.messages_size() > 0 || payload.parts_erased() > 0) return;
  for (std::string& message : messages) payload.add_messages(std::move(message));
  for (std::string& element : elements) payload.add_elements(std::move(element));
  payload.set_parts_erased(parts_erased);
}

// Says that a direction had messages and none could be opened.
void MarkUnreadable(bool stored, const absl::Status& why, v1::Payload& payload) {
  if (!stored || payload.messages_size() > 0) return;
  if (payload.parts_erased() > 0) {
    payload.set_unreadable("erased");
    return;
  }
  payload.set_unreadable(why.ok() ? "not kept" : std::string(why.message()));
  if (const auto kept_until = journal::RetentionExpiry(why); kept_until.has_value()) {
    *payload.mutable_retention_expired() = ToTimestamp(*kept_until);
  }
}

}  // namespace

absl::StatusOr<bool> JournalPages::IsNewest(const StoredLeaf& stored) const {
  const auto event = stored.leaf.event();
  // The first two may be followed by another leaf of the exchange; the third may be a refusal to
  // answer again for an exchange that has another leaf to stand for it.
  if (event != journal::v1::JOURNAL_EVENT_REQUEST_OPENED &&
      event != journal::v1::JOURNAL_EVENT_IN_DOUBT && event != journal::v1::JOURNAL_EVENT_REFUSED) {
    return true;
  }
  NDX_ASSIGN_OR_RETURN(const auto id, core::ExchangeId::FromBytes(stored.leaf.exchange_id()));
  NDX_ASSIGN_OR_RETURN(const auto leaves, reader_.LeavesOf(id, stored.leaf.consumer()));
  const auto summary = SummariseHistory(leaves);
  return summary.has_value() && summary->leaf_index() == stored.index;
}

v1::GetExchangeResponse ToResponse(const ExchangeHistory& history) {
  v1::GetExchangeResponse response;
  *response.mutable_summary() = history.summary;
  for (const journal::StoredLeaf& stored : history.leaves) {
    v1::RecordedLeaf& leaf = *response.add_leaves();
    leaf.set_index(stored.index);
    *leaf.mutable_leaf() = stored.leaf;
  }
  return response;
}

absl::StatusOr<ExchangeHistory> JournalPages::Find(const std::string& exchange_id,
                                                   const std::string& consumer) const {
  NDX_ASSIGN_OR_RETURN(const auto id, core::ExchangeId::Parse(exchange_id));
  auto leaves = reader_.LeavesOf(id, consumer);
  const core::Refusal unknown{.reason = exchange::v1::ERROR_REASON_EXCHANGE_UNKNOWN};
  if (absl::IsNotFound(leaves.status())) return RefusalStatus(unknown);
  NDX_RETURN_IF_ERROR(leaves.status());
  const std::set<std::string> consumers = ConsumersOf(*leaves);
  if (consumers.size() > 1) {
    return absl::InvalidArgumentError(absl::StrCat(
        "several systems used this exchange id; name one of: ", absl::StrJoin(consumers, ", ")));
  }
  auto summary = SummariseHistory(*leaves);
  if (!summary.has_value()) return RefusalStatus(unknown);
  return ExchangeHistory{.summary = *std::move(summary), .leaves = *std::move(leaves)};
}

JournalPages::Opened JournalPages::OpenPayload(const ExchangeHistory& history) const {
  Opened opened;
  bool request_stored = false;
  bool response_stored = false;
  absl::Status why;
  // From the newest back: a leaf opens with the one it continues, but RESOLVED stands two away from
  // the request.
  for (auto leaf = history.leaves.rbegin(); leaf != history.leaves.rend(); ++leaf) {
    if (!IsOfExchange(leaf->leaf)) continue;
    request_stored |= HasPayload(leaf->leaf.request());
    response_stored |= HasPayload(leaf->leaf.response());
    auto payload = reader_.OpenPayload(leaf->index);
    if (!payload.ok()) {
      why = payload.status();
      continue;
    }
    if (opened.consumer_signature.empty()) {
      opened.consumer_signature = std::move(payload->consumer_signature);
    }
    TakeMessages(payload->request, payload->request_elements, payload->request_parts_erased,
                 opened.request);
    TakeMessages(payload->response, payload->response_elements, payload->response_parts_erased,
                 opened.response);
  }
  MarkUnreadable(request_stored, why, opened.request);
  MarkUnreadable(response_stored, why, opened.response);
  return opened;
}

}  // namespace ndx::console
