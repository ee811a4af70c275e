#include "ndx/broker/node_service.h"

#include <algorithm>
#include <string>
#include <utility>

#include "absl/strings/str_cat.h"
#include "ndx/core/exchange_id.h"
#include "ndx/registry/service_config.h"
#include "ndx/registry/service_feed.h"

namespace ndx::broker {
namespace {

constexpr char kGetServiceConfig[] = "/ndx.exchange.v1.ExchangeService/GetServiceConfig";
constexpr char kGetOutcome[] = "/ndx.exchange.v1.ExchangeService/GetOutcome";
constexpr char kWaitOutcome[] = "/ndx.exchange.v1.ExchangeService/WaitOutcome";

// Of the deadline so much is kept for the way back.
constexpr int64_t kAnswerNanos = 200'000'000;

absl::Status Malformed(absl::string_view type) {
  return absl::InvalidArgumentError(absl::StrCat("the request is no ", type));
}

}  // namespace

bool AnswersFromRecord(absl::string_view method) {
  return method == kGetOutcome || method == kWaitOutcome;
}

NodeService::NodeService(journal::Journal& journal, const registry::Registry& registry,
                         KeptRequests* kept, const core::Clock& clock)
    : journal_(journal), registry_(registry), kept_(kept), clock_(clock) {
  descriptor_.name = "node";
  descriptor_.services = {"ndx.exchange.v1.ExchangeService"};
}

void NodeService::Begin(sdk::AdapterCall call, std::shared_ptr<sdk::AdapterReply> reply) {
  if (call.method == kGetReceiptMethod) return GetReceipt(call, std::move(reply));
  if (call.method == kGetServiceConfig) return GetServiceConfig(call, *reply);
  if (call.method == kGetServiceFeedMethod) return GetServiceFeed(call, *reply);
  if (call.method == kGetOutcome) return GetOutcome(call, std::move(reply));
  if (call.method == kWaitOutcome) return WaitOutcome(call, std::move(reply));
  reply->Finish(absl::UnimplementedError("no such method of the node"));
}

void NodeService::GetServiceConfig(const sdk::AdapterCall& call, sdk::AdapterReply& reply) const {
  exchange::v1::GetServiceConfigResponse answer;
  answer.set_json(
      registry::ServiceConfigFor(*registry_.Current(), call.Metadata(sdk::kConsumerKey)));
  reply.SendMessage(std::make_shared<const std::string>(answer.SerializeAsString()));
  reply.Finish(absl::OkStatus());
}

void NodeService::GetServiceFeed(const sdk::AdapterCall& call, sdk::AdapterReply& reply) {
  exchange::v1::GetServiceFeedRequest request;
  if (!request.ParseFromString(*call.request)) {
    return reply.Finish(Malformed("GetServiceFeedRequest"));
  }
  const auto snapshot = registry_.Current();
  const registry::SystemEntry* const caller =
      snapshot->FindSystem(call.Metadata(sdk::kConsumerKey));
  const registry::PeerEntry* const peer = caller == nullptr ? nullptr : snapshot->FindPeer(*caller);
  if (peer == nullptr || peer->assertion_keys.empty()) {
    return reply.Finish(absl::PermissionDeniedError(
        "the services of this node are told to nodes that may relay to it; the caller is none of "
        "its registry's peers"));
  }
  const auto feed = FeedFor(snapshot, *peer);
  exchange::v1::GetServiceFeedResponse unchanged;
  unchanged.set_version(feed->version());
  unchanged.set_unchanged(true);
  const auto& answer = request.since_version() == feed->version() ? unchanged : *feed;
  reply.SendMessage(std::make_shared<const std::string>(answer.SerializeAsString()));
  reply.Finish(absl::OkStatus());
}

std::shared_ptr<const exchange::v1::GetServiceFeedResponse> NodeService::FeedFor(
    const std::shared_ptr<const registry::RegistrySnapshot>& snapshot,
    const registry::PeerEntry& peer) {
  const core::MutexLock lock(feeds_mutex_);
  if (feeds_of_.lock() != snapshot) {
    feeds_.clear();
    feeds_of_ = snapshot;
  }
  auto& feed = feeds_[peer.system->id.text()];
  if (feed == nullptr) {
    feed = std::make_shared<const exchange::v1::GetServiceFeedResponse>(
        registry::ServiceFeedOf(*snapshot, peer));
  }
  return feed;
}

void NodeService::GetReceipt(const sdk::AdapterCall& call,
                             std::shared_ptr<sdk::AdapterReply> reply) {
  exchange::v1::GetReceiptRequest request;
  if (!request.ParseFromString(*call.request)) return reply->Finish(Malformed("GetReceiptRequest"));
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

void NodeService::GetOutcome(const sdk::AdapterCall& call,
                             std::shared_ptr<sdk::AdapterReply> reply) {
  exchange::v1::GetOutcomeRequest request;
  if (!request.ParseFromString(*call.request)) return reply->Finish(Malformed("GetOutcomeRequest"));
  Answer<exchange::v1::GetOutcomeResponse>(call, request.exchange_id(), 0, std::move(reply));
}

void NodeService::WaitOutcome(const sdk::AdapterCall& call,
                              std::shared_ptr<sdk::AdapterReply> reply) {
  exchange::v1::WaitOutcomeRequest request;
  if (!request.ParseFromString(*call.request)) {
    return reply->Finish(Malformed("WaitOutcomeRequest"));
  }
  const absl::Duration asked = request.has_up_to() ? absl::Seconds(request.up_to().seconds()) +
                                                         absl::Nanoseconds(request.up_to().nanos())
                                                   : kOutcomeWaitDefault;
  const absl::Duration wait = std::clamp(asked, absl::ZeroDuration(), kOutcomeWaitMost);
  const int64_t until = std::min(clock_.MonotonicNanos() + absl::ToInt64Nanoseconds(wait),
                                 call.deadline_nanos - kAnswerNanos);
  Answer<exchange::v1::WaitOutcomeResponse>(call, request.exchange_id(),
                                            std::max<int64_t>(until, 0), std::move(reply));
}

template <typename Response>
void NodeService::Answer(const sdk::AdapterCall& call, const std::string& exchange_id,
                         int64_t until_nanos, std::shared_ptr<sdk::AdapterReply> reply) {
  const auto id = core::ExchangeId::Parse(exchange_id);
  if (!id.ok()) return reply->Finish(id.status());
  if (kept_ == nullptr) {
    return reply->Finish(absl::NotFoundError("this node keeps no requests for later delivery"));
  }
  kept_->AwaitOutcome(
      {.consumer = std::string(call.Metadata(sdk::kConsumerKey)), .exchange_id = *id}, until_nanos,
      [reply = std::move(reply)](absl::StatusOr<exchange::v1::Outcome> outcome) {
        if (!outcome.ok()) return reply->Finish(outcome.status());
        Response answer;
        *answer.mutable_outcome() = *std::move(outcome);
        reply->SendMessage(std::make_shared<const std::string>(answer.SerializeAsString()));
        reply->Finish(absl::OkStatus());
      });
}

}  // namespace ndx::broker
