#include "ndx/broker/grpc_face.h"

#include <utility>

#include "absl/strings/str_cat.h"
#include "ndx/broker/error_answer.h"
#include "ndx/broker/stages/dispatch_stage.h"
#include "ndx/core/status_macros.h"

namespace ndx::broker {
namespace {

using transport::Message;
using transport::Metadata;

// What the transport found wrong with a body, as the one table has it; the code is the protocol's.
core::Refusal FaultOf(const absl::Status& status, size_t limit) {
  core::Refusal refusal;
  refusal.grpc_code = static_cast<int>(status.code());
  refusal.parameters["rule"] = std::string(status.message());
  refusal.parameters["limit"] = absl::StrCat(limit);
  refusal.parameters["key"] = "-bin";
  switch (status.code()) {
    case absl::StatusCode::kResourceExhausted:
      refusal.reason = exchange::v1::ERROR_REASON_MESSAGE_TOO_LARGE;
      break;
    case absl::StatusCode::kInvalidArgument:
      refusal.reason = exchange::v1::ERROR_REASON_METADATA_INVALID;
      break;
    default:
      refusal.reason = exchange::v1::ERROR_REASON_MESSAGE_MALFORMED;
  }
  return refusal;
}

// One call: the transport's observer, and the caller of its exchange.
class GrpcCall final : public transport::ServerCallObserver, public Caller {
 public:
  GrpcCall(transport::ServerCall& call, Pipeline& pipeline, Admission& admission)
      : call_(call), pipeline_(pipeline), admission_(admission) {}

  ~GrpcCall() override {
    call_.loop().Cancel(body_timer_);
    if (sent_memory_ > 0) {
      admission_.ReleaseMemory(exchange_->principal->system, sent_memory_);
    }
    if (exchange_ != nullptr) exchange_->caller = nullptr;
  }

  void Begin(bool share_taken) {
    const transport::RequestHead& head = call_.head();
    exchange_ = std::make_shared<Exchange>(call_.loop(), *this);
    exchange_->peer = call_.peer();
    exchange_->path = head.path;
    exchange_->metadata = head.metadata;
    exchange_->caller_deadline_nanos = head.deadline_nanos;
    exchange_->received_nanos = head.received_nanos;
    exchange_->share_taken = share_taken;
    pipeline_.Start(*exchange_);
    if (exchange_->outcome == Outcome::kUndecided) AwaitBody();
  }

  // ServerCallObserver.
  void OnMessage(Message message) override {
    // From here on the node's memory budget bounds it, not the stream's window.
    call_.ReleaseReceived(message->size());
    if (exchange_->outcome != Outcome::kUndecided) return;
    const uint64_t bytes = kMemoryCopies * message->size();
    if (!admission_.TryTakeMemory(exchange_->principal->system, bytes)) {
      return RefuseBody(NodeOverloaded(absl::Seconds(1)));
    }
    exchange_->memory_taken += bytes;
    exchange_->request = std::move(message);
  }

  void OnRequestEnd() override {
    if (exchange_->outcome != Outcome::kUndecided || exchange_->request_complete) return;
    call_.loop().Cancel(body_timer_);
    exchange_->request_complete = true;
    pipeline_.Resume(*exchange_);
  }

  void OnRequestMalformed(absl::Status status) override { RefuseBody(FaultOf(status, limit_)); }

  void OnCancelled(transport::CancelCause) override {
    exchange_->caller_gone = true;
    if (exchange_->outcome != Outcome::kUndecided) return;
    if (!exchange_->request_complete) {
      RefuseBody({.reason = exchange::v1::ERROR_REASON_CANCELLED});
    } else if (exchange_->call != nullptr && !exchange_->changes()) {
      exchange_->call->Cancel();
    }
  }

  void OnSendable() override { ReleaseStreamed(*exchange_, admission_); }

  // Caller.
  void SendInitialMetadata(Metadata metadata) override {
    call_.SendInitialMetadata(std::move(metadata));
  }
  void SendMessage(Message message) override { call_.SendMessage(std::move(message)); }
  void Finish(transport::GrpcStatus status, Metadata trailers) override {
    // What was sent is in the node until the caller has taken it, which is when this call ends.
    sent_memory_ = std::exchange(exchange_->memory_taken, 0);
    call_.Finish(std::move(status), std::move(trailers));
  }
  size_t pending_send_bytes() const override { return call_.pending_send_bytes(); }

 private:
  // The exchange waits for its body: within the method's limit, and no longer than it has time.
  void AwaitBody() {
    limit_ = exchange_->route.method->rules.message_bytes_max();
    call_.SetMessageBytesMax(limit_);
    call_.ExpectOneMessage();
    const int64_t deadline = ProviderDeadline(*exchange_, exchange_->received_nanos);
    body_timer_ = call_.loop().RunAt(deadline, [this] {
      RefuseBody({.reason = exchange::v1::ERROR_REASON_DEADLINE_BEFORE_SENDING});
    });
  }

  void RefuseBody(core::Refusal why) {
    if (exchange_->outcome != Outcome::kUndecided || exchange_->request_complete) return;
    call_.loop().Cancel(body_timer_);
    exchange_->request_fault = std::move(why);
    pipeline_.Resume(*exchange_);
  }

  transport::ServerCall& call_;
  Pipeline& pipeline_;
  Admission& admission_;
  size_t limit_ = core::kMessageBytesDefault;
  transport::EventLoop::TimerId body_timer_;
  uint64_t sent_memory_ = 0;
  // Shared: see exchange.h.
  std::shared_ptr<Exchange> exchange_;
};

// One that was answered at the door.
class RefusedCall final : public transport::ServerCallObserver {
 public:
  void OnMessage(Message) override {}
  void OnRequestEnd() override {}
  void OnRequestMalformed(absl::Status) override {}
  void OnCancelled(transport::CancelCause) override {}
};

}  // namespace

std::unique_ptr<transport::ServerCallObserver> GrpcFace::OnCall(transport::ServerCall& call) {
  const auto found = lanes_.find(&call.loop());
  NDX_CHECK(found != lanes_.end());
  const Lane& lane = found->second;
  const EarlyRefusal::Verdict verdict = lane.door->Decide(call);
  if (verdict == EarlyRefusal::Verdict::kRefused) return std::make_unique<RefusedCall>();
  auto observer = std::make_unique<GrpcCall>(call, *lane.pipeline, admission_);
  observer->Begin(verdict == EarlyRefusal::Verdict::kLetIn);
  return observer;
}

}  // namespace ndx::broker
