#include "embedded_upstream.h"

#include <algorithm>
#include <utility>

#include "ndx/adapters/sdk/adapter_call.h"
#include "ndx/adapters/sdk/adapter_reply.h"
#include "ndx/adapters/sdk/error_details.h"

namespace ndx::dispatch {
namespace {

using transport::CallEnd;
using transport::Delivery;
using transport::EndCause;

class EmbeddedCall;

// Where the adapter's answer lands; outlives the call when the caller gives up first.
class LoopReply final : public sdk::AdapterReply, public std::enable_shared_from_this<LoopReply> {
 public:
  LoopReply(transport::EventLoop& loop, EmbeddedCall* call) : loop_(loop), call_(call) {}

  // On the loop: the call is no more.
  void Detach() { call_ = nullptr; }
  bool attached() const { return call_ != nullptr; }

 private:
  void DeliverMessage(sdk::MessageBytes message) override;
  void DeliverFinish(absl::Status status) override;

  transport::EventLoop& loop_;
  EmbeddedCall* call_;  // only on the loop
};

class EmbeddedCall final : public transport::ClientCall {
 public:
  EmbeddedCall(transport::EventLoop& loop, const transport::CallHead& head,
               transport::ClientCallObserver* observer)
      : loop_(loop),
        observer_(observer),
        bytes_max_(head.message_bytes_max.value_or(core::kMessageBytesDefault)),
        one_message_(head.expect_one_message),
        reply_(std::make_shared<LoopReply>(loop, this)) {
    if (head.deadline_nanos.has_value()) {
      timer_ = loop_.RunAt(*head.deadline_nanos, [this] {
        timer_ = {};
        EndBecause(EndCause::kDeadline, Delivery::kSentAnswerUnknown,
                   absl::StatusCode::kDeadlineExceeded);
      });
    }
  }

  ~EmbeddedCall() override {
    loop_.Cancel(timer_);
    loop_.Cancel(cancel_timer_);
    reply_->Detach();
    reply_->Cancel();
  }

  const std::shared_ptr<LoopReply>& reply() const { return reply_; }

  void SendMessage(transport::Message) override {}  // the request went with Start
  void HalfClose() override {}
  void Cancel() override {
    if (observer_ == nullptr || std::exchange(cancelled_, true)) return;
    cancel_timer_ = loop_.RunAfter(absl::ZeroDuration(), [this] {
      cancel_timer_ = {};
      EndBecause(EndCause::kCancelled, Delivery::kSentAnswerUnknown, absl::StatusCode::kCancelled);
    });
  }
  void ReleaseReceived(size_t bytes) override {
    unreleased_ -= std::min(bytes, unreleased_);
    if (unreleased_ <= kStreamBytesMax) reply_->SetSendable(true);
  }
  size_t pending_send_bytes() const override { return 0; }
  bool sent() const override { return true; }
  std::shared_ptr<const transport::PeerIdentity> peer() const override { return nullptr; }

  void Message(transport::Message message) {
    if (observer_ == nullptr) return;
    if (++messages_ > 1 && one_message_) return EndMalformed();
    if (message->size() > bytes_max_) {
      return EndBecause(EndCause::kAnswerTooLarge, Delivery::kSentAnswerUnknown,
                        absl::StatusCode::kResourceExhausted);
    }
    if (one_message_) {
      first_message_ = std::move(message);
      return;
    }
    unreleased_ += message->size();
    reply_->SetSendable(unreleased_ <= kStreamBytesMax);
    observer_->OnMessage(std::move(message));
  }

  void Finish(const absl::Status& status, const std::string& signature) {
    if (observer_ == nullptr) return;
    if (status.ok() && one_message_) {
      if (first_message_ == nullptr) return EndMalformed();
      const std::shared_ptr<LoopReply> reply = reply_;
      observer_->OnMessage(std::move(first_message_));
      if (!reply->attached()) return;  // the observer destroyed this call
    }
    CallEnd end{
        .status = ToWire(status), .delivery = Delivery::kAnswered, .cause = EndCause::kAnswered};
    if (!signature.empty()) end.trailers.Add(std::string(sdk::kSignatureKey), signature);
    End(std::move(end));
  }

 private:
  // An adapter's stream waits while this much is not yet taken.
  static constexpr size_t kStreamBytesMax = size_t{1} << 20;

  static transport::GrpcStatus ToWire(const absl::Status& status) {
    transport::GrpcStatus wire = transport::ToGrpcStatus(status);
    wire.details_bin = sdk::StatusDetails(status);
    return wire;
  }

  // As a channel has it for a wrong number of messages.
  void EndMalformed() {
    EndBecause(EndCause::kMalformedAnswer, Delivery::kSentAnswerUnknown,
               absl::StatusCode::kUnimplemented);
  }

  void EndBecause(EndCause cause, Delivery delivery, absl::StatusCode code) {
    CallEnd end{
        .status = transport::MakeGrpcStatus(code, ""), .delivery = delivery, .cause = cause};
    reply_->Cancel();
    End(std::move(end));
  }

  // The observer may destroy this call.
  void End(CallEnd end) {
    if (observer_ == nullptr) return;
    loop_.Cancel(timer_);
    std::exchange(observer_, nullptr)->OnEnd(std::move(end));
  }

  transport::EventLoop& loop_;
  transport::ClientCallObserver* observer_;  // null after OnEnd
  const size_t bytes_max_;
  const bool one_message_;
  const std::shared_ptr<LoopReply> reply_;
  transport::EventLoop::TimerId timer_;
  transport::EventLoop::TimerId cancel_timer_;
  size_t unreleased_ = 0;
  // Of a unary answer: delivered once the status says that it is one, as a channel does.
  transport::Message first_message_;
  uint64_t messages_ = 0;
  bool cancelled_ = false;
};

void LoopReply::DeliverMessage(sdk::MessageBytes message) {
  // A stream's next message waits until this one has reached the loop: what is posted has no bound.
  SetSendable(false);
  loop_.Post([self = shared_from_this(), message = std::move(message)]() mutable {
    if (self->call_ != nullptr) self->call_->Message(std::move(message));
  });
}

void LoopReply::DeliverFinish(absl::Status status) {
  loop_.Post([self = shared_from_this(), status = std::move(status)] {
    if (self->call_ != nullptr) self->call_->Finish(status, self->signature());
  });
}

class EmbeddedUpstream final : public Upstream {
 public:
  EmbeddedUpstream(transport::EventLoop& loop, std::shared_ptr<sdk::Adapter> adapter)
      : loop_(loop), adapter_(std::move(adapter)) {}

  std::unique_ptr<transport::ClientCall> Start(transport::CallHead head, transport::Message request,
                                               transport::ClientCallObserver* observer) override {
    auto call = std::make_unique<EmbeddedCall>(loop_, head, observer);
    sdk::AdapterCall begun{.method = std::move(head.path), .request = std::move(request)};
    begun.deadline_nanos = head.deadline_nanos.value_or(sdk::kNoDeadline);
    for (const auto& entry : head.metadata.entries()) {
      if (entry.key == sdk::kExchangeIdKey) begun.exchange_id = entry.value;
      if (entry.key == sdk::kIdempotencyKey) begun.idempotency_key = entry.value;
      begun.metadata.emplace_back(entry.key, entry.value);
    }
    adapter_->Begin(std::move(begun), call->reply());
    return call;
  }

 private:
  transport::EventLoop& loop_;
  const std::shared_ptr<sdk::Adapter> adapter_;
};

}  // namespace

std::unique_ptr<Upstream> MakeEmbeddedUpstream(transport::EventLoop& loop,
                                               std::shared_ptr<sdk::Adapter> adapter) {
  return std::make_unique<EmbeddedUpstream>(loop, std::move(adapter));
}

}  // namespace ndx::dispatch
