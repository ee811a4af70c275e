#include "ndx/broker/feed_question.h"

#include <optional>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/synchronization/notification.h"
#include "ndx/broker/node_service.h"
#include "ndx/broker/relay_answer.h"
#include "ndx/core/status_macros.h"
#include "ndx/dispatch/dispatcher.h"
#include "ndx/journal/receipt.h"
#include "ndx/registry/service_feed.h"

namespace ndx::broker {
namespace {

using exchange::v1::GetServiceFeedResponse;

// What the peer did and why it is of no use, for operators.
absl::Status FaultOf(const dispatch::DispatchEnd& end) {
  if (end.refusal.has_value()) {
    return absl::UnavailableError(
        absl::StrCat("it was not answered: ", core::ReasonName(end.refusal->reason)));
  }
  return absl::Status(static_cast<absl::StatusCode>(end.call.status.code),
                      absl::StrCat("it refused: ", end.call.status.message));
}

// One question on one loop; lives until the thread that waits for it has its answer.
class FeedCall final : public dispatch::DispatchObserver {
 public:
  void Begin(dispatch::Dispatcher& dispatcher, dispatch::DispatchRequest request) {
    call_ = dispatcher.Start(std::move(request), this);
  }
  absl::StatusOr<FeedAnswer> Await() {
    ended_.WaitForNotification();
    return std::move(result_);
  }

  void OnInitialMetadata(transport::Metadata) override {}
  void OnMessage(transport::Message message) override { answer_.answer = *message; }
  void OnEnd(dispatch::DispatchEnd end) override {
    const auto ended = std::move(call_);
    if (end.delivery != transport::Delivery::kAnswered || !end.call.status.ok()) {
      result_ = FaultOf(end);
    } else {
      answer_.receipt = ReceiptIn(end.call.trailers);
      result_ = std::move(answer_);
    }
    ended_.Notify();
  }

 private:
  std::unique_ptr<dispatch::DispatchCall> call_;
  FeedAnswer answer_;
  absl::StatusOr<FeedAnswer> result_ = absl::UnavailableError("not asked");
  absl::Notification ended_;
};

// What the record says that this answer's must not; empty where it fits.
absl::string_view UnfitFeedPart(const journal::v1::JournalLeaf& leaf,
                                const registry::PeerEntry& peer, absl::string_view node) {
  if (leaf.event() != journal::v1::JOURNAL_EVENT_ANSWERED) return "event";
  if (leaf.method() != kGetServiceFeedMethod) return "method";
  if (leaf.consumer() != node) return "consumer";
  if (leaf.provider() != peer.system->id.text()) return "provider";
  return "";
}

}  // namespace

absl::StatusOr<VerifiedFeed> AskForFeed(
    Broker& broker, transport::EventLoopGroup& loops, const core::Clock& clock,
    const std::shared_ptr<const registry::RegistrySnapshot>& snapshot,
    const registry::PeerEntry& peer, absl::string_view node, const std::string& since_version) {
  exchange::v1::GetServiceFeedRequest request;
  request.set_since_version(since_version);
  const registry::MethodEntry* const method = snapshot->FindMethod(kGetServiceFeedMethod);
  // As services of the registry have a provider behind a peer.
  registry::ProviderEntry provider = method->service->providers.front();
  provider.system = peer.system;
  provider.endpoint = *peer.endpoint;
  provider.connect_timeout = kFeedDeadline;
  FeedCall call;
  transport::EventLoop& loop = loops.Next();
  loop.Post([&] {
    transport::Metadata metadata;
    metadata.Add("ndx-provider", peer.system->id.text());
    call.Begin(
        broker.DispatcherOf(loop),
        {.method = method,
         .provider = &provider,
         .message = transport::MakeMessage(request.SerializeAsString()),
         .metadata = std::move(metadata),
         .deadline_nanos = clock.MonotonicNanos() + absl::ToInt64Nanoseconds(kFeedDeadline)});
  });
  NDX_ASSIGN_OR_RETURN(FeedAnswer answer, call.Await());
  NDX_ASSIGN_OR_RETURN(auto feed, VerifyFeed(answer, peer, node));
  return VerifiedFeed{.answer = std::move(answer), .feed = std::move(feed)};
}

absl::StatusOr<GetServiceFeedResponse> VerifyFeed(const FeedAnswer& answer,
                                                  const registry::PeerEntry& peer,
                                                  absl::string_view node) {
  if (answer.receipt.empty()) {
    return absl::DataLossError("the answer came without a receipt, which is its signature");
  }
  journal::ReceiptChecks checks;
  checks.response.emplace(journal::ReceiptMessages{
      .messages = {answer.answer}, .descriptor = GetServiceFeedResponse::descriptor()});
  const auto verified = VerifyPeersReceipt(peer, answer.receipt, std::move(checks));
  NDX_RETURN_IF_ERROR(verified.status());
  const absl::string_view unfit = UnfitFeedPart(verified->leaf, peer, node);
  if (!unfit.empty()) {
    return absl::DataLossError(absl::StrCat("the receipt is of another exchange: ", unfit));
  }
  GetServiceFeedResponse feed;
  if (!feed.ParseFromString(answer.answer)) {
    return absl::InvalidArgumentError("the answer is no GetServiceFeedResponse");
  }
  if (!feed.unchanged()) NDX_RETURN_IF_ERROR(registry::CheckFeed(feed));
  return feed;
}

}  // namespace ndx::broker
