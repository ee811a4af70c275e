#include "ndx/broker/stages/next_receipt_stage.h"

#include <string>

#include "ndx/broker/node_service.h"
#include "ndx/exchange/v1/exchange_service.pb.h"

namespace ndx::broker {
// One call for a receipt.
class NextReceiptStage::Question final : public dispatch::DispatchObserver {
 public:
  Question(NextReceiptStage& stage, std::shared_ptr<Exchange> x)
      : stage_(stage), x_(std::move(x)) {}

  void Begin(dispatch::DispatchRequest request) {
    call_ = stage_.dispatcher_.Start(std::move(request), this);
  }

  void OnInitialMetadata(transport::Metadata) override {}
  void OnMessage(transport::Message message) override { answer_ = std::move(message); }
  void OnEnd(dispatch::DispatchEnd end) override {
    exchange::v1::GetReceiptResponse response;
    const bool answered = end.delivery == transport::Delivery::kAnswered && end.call.status.ok();
    if (answered && answer_ != nullptr && response.ParseFromString(*answer_)) {
      x_->next_receipt = std::move(*response.mutable_receipt()->mutable_tlog_proof());
    }
    NextReceiptStage& stage = stage_;
    const std::shared_ptr<Exchange> x = x_;
    const auto self = stage.running_.extract(x.get());  // ends with its call
    stage.pipeline_.Next(*x);
  }

 private:
  NextReceiptStage& stage_;
  const std::shared_ptr<Exchange> x_;
  transport::Message answer_;
  std::unique_ptr<dispatch::DispatchCall> call_;
};

NextReceiptStage::NextReceiptStage(Pipeline& pipeline, const core::Clock& clock,
                                   core::Random& random, dispatch::Dispatcher& dispatcher,
                                   RelaySigner sign_relay)
    : pipeline_(pipeline),
      clock_(clock),
      random_(random),
      dispatcher_(dispatcher),
      sign_relay_(std::move(sign_relay)) {}

NextReceiptStage::~NextReceiptStage() = default;

Flow NextReceiptStage::Enter(Exchange& x) {
  const bool wanted = x.answered_by_peer && !x.recalled && x.status.ok() && x.next_receipt.empty();
  const registry::MethodEntry* const method =
      wanted ? x.registry->FindMethod(kGetReceiptMethod) : nullptr;
  if (method == nullptr) return Flow::kNext;
  exchange::v1::GetReceiptRequest request;
  request.set_exchange_id(IdAtPeer(x).ToString());
  transport::Message message = transport::MakeMessage(request.SerializeAsString());
  transport::Metadata metadata =
      ReceiptMetadata(x, kGetReceiptMethod, *message, core::ExchangeId::Generate(clock_, random_),
                      sign_relay_, clock_.Now());
  auto question = std::make_unique<Question>(*this, x.shared_from_this());
  Question& begun = *question;
  running_[&x] = std::move(question);
  begun.Begin({.method = method,
               .provider = x.route.provider,
               .registry = x.registry,
               .message = std::move(message),
               .metadata = std::move(metadata),
               .deadline_nanos = x.deadline_nanos});
  return Flow::kWait;
}

}  // namespace ndx::broker
