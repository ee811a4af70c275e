#include "ndx/broker/node_service.h"

#include <string>
#include <utility>

#include "ndx/core/exchange_id.h"
#include "ndx/exchange/v1/exchange_service.pb.h"
#include "ndx/registry/service_config.h"

namespace ndx::broker {
namespace {

constexpr char kGetReceipt[] = "/ndx.exchange.v1.ExchangeService/GetReceipt";
constexpr char kGetServiceConfig[] = "/ndx.exchange.v1.ExchangeService/GetServiceConfig";

}  // namespace

NodeService::NodeService(journal::Journal& journal, const registry::Registry& registry)
    : journal_(journal), registry_(registry) {
  descriptor_.name = "node";
  descriptor_.services = {"ndx.exchange.v1.ExchangeService"};
}

void NodeService::Begin(sdk::AdapterCall call, std::shared_ptr<sdk::AdapterReply> reply) {
  if (call.method == kGetReceipt) return GetReceipt(call, std::move(reply));
  if (call.method != kGetServiceConfig) {
    return reply->Finish(absl::UnimplementedError("no such method of the node"));
  }
  exchange::v1::GetServiceConfigResponse answer;
  answer.set_json(
      registry::ServiceConfigFor(*registry_.Current(), call.Metadata(sdk::kConsumerKey)));
  reply->SendMessage(std::make_shared<const std::string>(answer.SerializeAsString()));
  reply->Finish(absl::OkStatus());
}

void NodeService::GetReceipt(const sdk::AdapterCall& call,
                             std::shared_ptr<sdk::AdapterReply> reply) {
  exchange::v1::GetReceiptRequest request;
  if (!request.ParseFromString(*call.request)) {
    return reply->Finish(absl::InvalidArgumentError("the request is no GetReceiptRequest"));
  }
  const auto id = core::ExchangeId::Parse(request.exchange_id());
  if (!id.ok()) return reply->Finish(id.status());
  journal_.GetReceipt(
      std::string(call.Metadata(sdk::kConsumerKey)), *id,
      [reply = std::move(reply), id = *id](absl::StatusOr<std::string> receipt) {
        if (!receipt.ok()) return reply->Finish(receipt.status());
        exchange::v1::GetReceiptResponse answer;
        answer.mutable_receipt()->set_exchange_id(id.ToString());
        answer.mutable_receipt()->set_tlog_proof(*std::move(receipt));
        reply->SendMessage(std::make_shared<const std::string>(answer.SerializeAsString()));
        reply->Finish(absl::OkStatus());
      });
}

}  // namespace ndx::broker
