#include "ndx/console/exchange_view.h"

namespace ndx::console {
namespace {

using journal::v1::JournalLeaf;

std::string IdText(const std::string& bytes) {
  const auto id = core::ExchangeId::FromBytes(bytes);
  return id.ok() ? id->ToString() : std::string();
}

// What an older leaf of the same exchange knows and the newest does not repeat.
void FillGaps(const JournalLeaf& older, v1::ExchangeSummary& summary) {
  if (summary.consumer().empty()) summary.set_consumer(older.consumer());
  if (summary.provider().empty()) summary.set_provider(older.provider());
  if (summary.method().empty()) summary.set_method(older.method());
  if (summary.purpose().empty()) summary.set_purpose(older.purpose());
  if (summary.procedure().empty()) summary.set_procedure(older.procedure());
  if (summary.request_bytes() == 0) summary.set_request_bytes(older.request().bytes());
  if (summary.response_bytes() == 0) summary.set_response_bytes(older.response().bytes());
  if (summary.replay_of().empty()) summary.set_replay_of(IdText(older.replay_of()));
}

}  // namespace

v1::ExchangeState StateAfter(journal::v1::JournalEvent event) {
  switch (event) {
    case journal::v1::JOURNAL_EVENT_REQUEST_OPENED:
      return v1::EXCHANGE_STATE_OPEN;
    case journal::v1::JOURNAL_EVENT_ANSWERED:
      return v1::EXCHANGE_STATE_ANSWERED;
    case journal::v1::JOURNAL_EVENT_FAILED:
      return v1::EXCHANGE_STATE_FAILED;
    case journal::v1::JOURNAL_EVENT_REFUSED:
      return v1::EXCHANGE_STATE_REFUSED;
    case journal::v1::JOURNAL_EVENT_IN_DOUBT:
      return v1::EXCHANGE_STATE_IN_DOUBT;
    case journal::v1::JOURNAL_EVENT_RESOLVED:
      return v1::EXCHANGE_STATE_RESOLVED;
    default:
      return v1::EXCHANGE_STATE_UNSPECIFIED;
  }
}

bool IsOfExchange(const JournalLeaf& leaf) {
  return StateAfter(leaf.event()) != v1::EXCHANGE_STATE_UNSPECIFIED;
}

v1::ExchangeSummary Summarise(const journal::StoredLeaf& stored) {
  const JournalLeaf& leaf = stored.leaf;
  v1::ExchangeSummary summary;
  summary.set_exchange_id(IdText(leaf.exchange_id()));
  *summary.mutable_time() = ToTimestamp(absl::FromUnixNanos(leaf.time_unix_ns()));
  summary.set_state(StateAfter(leaf.event()));
  summary.set_grpc_status(leaf.grpc_status());
  summary.set_error_reason(leaf.error_reason());
  summary.set_business_code(leaf.business_code());
  summary.set_duration_us(leaf.duration_us());
  summary.set_leaf_index(stored.index);
  FillGaps(leaf, summary);
  return summary;
}

std::optional<v1::ExchangeSummary> SummariseHistory(
    const std::vector<journal::StoredLeaf>& leaves) {
  const journal::StoredLeaf* newest = nullptr;
  for (const journal::StoredLeaf& leaf : leaves) {
    if (!IsOfExchange(leaf.leaf)) continue;
    // Asking again under the same id may be refused; that changes nothing for the exchange itself.
    const bool asked_again = newest != nullptr &&
                             newest->leaf.event() != journal::v1::JOURNAL_EVENT_REFUSED &&
                             leaf.leaf.event() == journal::v1::JOURNAL_EVENT_REFUSED;
    if (!asked_again) newest = &leaf;
  }
  if (newest == nullptr) return std::nullopt;
  v1::ExchangeSummary summary = Summarise(*newest);
  for (auto leaf = leaves.rbegin(); leaf != leaves.rend(); ++leaf) {
    if (IsOfExchange(leaf->leaf)) FillGaps(leaf->leaf, summary);
  }
  return summary;
}

google::protobuf::Timestamp ToTimestamp(absl::Time time) {
  google::protobuf::Timestamp timestamp;
  const int64_t seconds = absl::ToUnixSeconds(time);
  timestamp.set_seconds(seconds);
  timestamp.set_nanos(
      static_cast<int32_t>(absl::ToInt64Nanoseconds(time - absl::FromUnixSeconds(seconds))));
  return timestamp;
}

absl::Time FromTimestamp(const google::protobuf::Timestamp& timestamp) {
  return absl::FromUnixSeconds(timestamp.seconds()) + absl::Nanoseconds(timestamp.nanos());
}

}  // namespace ndx::console
