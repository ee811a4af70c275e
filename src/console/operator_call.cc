#include "ndx/console/operator_call.h"

#include <utility>

#include "ndx/console/refusal_status.h"

namespace ndx::console {

OperatorCall::OperatorCall(transport::ServerCall& call, OperatorIdentity who,
                           const OperatorMethod& method, WorkerPool& workers)
    : who_(std::move(who)),
      method_(method),
      workers_(workers),
      reply_(std::make_shared<GrpcReply>(call)) {
  call.ExpectOneMessage();
}

OperatorCall::~OperatorCall() { reply_->Detach(); }

void OperatorCall::OnMessage(transport::Message message) { request_ = std::move(message); }

void OperatorCall::OnRequestEnd() {
  auto run = [&method = method_, who = who_, request = std::move(request_), reply = reply_] {
    if (!reply->cancelled()) method.run(who, *request, reply);
  };
  if (!workers_.Submit(std::move(run))) {
    reply_->Finish(
        absl::ResourceExhaustedError("too many operators' calls wait; ask again in a few seconds"));
  }
}

void OperatorCall::OnRequestMalformed(absl::Status status) { reply_->Finish(std::move(status)); }

void OperatorCall::OnCancelled(transport::CancelCause) { reply_->OnCancelled(); }

void OperatorCall::OnSendable() { reply_->OnSendable(); }

RefusedCall::RefusedCall(transport::ServerCall& call, const absl::Status& status) {
  call.Finish(ToWireStatus(status));
}

}  // namespace ndx::console
