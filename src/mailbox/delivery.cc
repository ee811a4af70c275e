#include "ndx/mailbox/delivery.h"

#include <utility>

#include "ndx/core/status_macros.h"
#include "ndx/journal/v1/journal_store.pb.h"

namespace ndx::mailbox {
namespace {

void AddGiven(absl::string_view key, const std::string& value, transport::Metadata& metadata) {
  if (!value.empty()) metadata.Add(key, value);
}

// As the caller sent them, less what was verified then.
transport::Metadata MetadataOf(const journal::v1::JournalLeaf& submitted,
                               const core::ExchangeId& id,
                               const journal::v1::SubmittedContext& context) {
  transport::Metadata metadata;
  for (const auto& entry : context.metadata()) metadata.Add(entry.key(), entry.value());
  metadata.Add("ndx-exchange-id", id.ToString());
  AddGiven("ndx-provider", submitted.provider(), metadata);
  AddGiven("ndx-purpose", submitted.purpose(), metadata);
  AddGiven("ndx-procedure", submitted.procedure(), metadata);
  AddGiven("ndx-dossier", context.dossier(), metadata);
  AddGiven("ndx-officer", context.officer(), metadata);
  return metadata;
}

}  // namespace

void DeliveryCaller::Finish(transport::GrpcStatus status, transport::Metadata) {
  const std::shared_ptr<DeliveryCaller> self = shared_from_this();
  const std::shared_ptr<broker::Exchange> exchange = std::move(exchange_);
  DeliveryEnd end{.outcome = exchange->outcome, .grpc_status = status.code};
  if (exchange->refusal.has_value()) {
    end.reason = exchange->refusal->reason;
    end.retry_after = exchange->refusal->retry_after;
  } else if (!status.ok()) {
    end.reason = exchange::v1::ERROR_REASON_PROVIDER_ERROR;
  }
  done_(end);
}

absl::StatusOr<std::shared_ptr<broker::Exchange>> MakeDelivery(const journal::StoredLeaf& submitted,
                                                               uint32_t attempts_before,
                                                               const journal::JournalReader& reader,
                                                               transport::EventLoop& loop,
                                                               broker::Caller& caller) {
  NDX_ASSIGN_OR_RETURN(auto payload, reader.OpenPayload(submitted.index));
  journal::v1::SubmittedContext context;
  if (payload.request_parts_erased != 0 || payload.request.size() != 1 ||
      !context.ParseFromString(payload.consumer_signature)) {
    return absl::NotFoundError("the request can no longer be read whole");
  }
  const journal::v1::JournalLeaf& leaf = submitted.leaf;
  NDX_ASSIGN_OR_RETURN(const auto id, core::ExchangeId::FromBytes(leaf.exchange_id()));
  auto exchange = std::make_shared<broker::Exchange>(loop, caller);
  NDX_ASSIGN_OR_RETURN(auto consumer, core::SystemId::Parse(leaf.consumer()));
  exchange->delivery = broker::DeliveryOrigin{.consumer = std::move(consumer),
                                              .submitted_leaf = submitted.index,
                                              .attempts_before = attempts_before,
                                              .request_signed = !leaf.signature_key_id().empty(),
                                              .officer_proved = leaf.officer().proved()};
  exchange->officer_proved = leaf.officer().proved();
  exchange->face = leaf.face();
  exchange->path = leaf.method();
  exchange->metadata = MetadataOf(leaf, id, context);
  exchange->request = transport::MakeMessage(std::move(payload.request.front()));
  exchange->request_complete = true;
  return exchange;
}

}  // namespace ndx::mailbox
