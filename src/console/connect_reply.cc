#include "ndx/console/connect_reply.h"

#include <utility>

namespace ndx::console {

ConnectReply::~ConnectReply() {
  Finish(absl::UnavailableError("the node is stopping; ask again later"));
}

void ConnectReply::Send(std::string message) {
  const core::MutexLock lock(mutex_);
  message_ = std::move(message);
}

void ConnectReply::Finish(absl::Status status) {
  http::HttpRespond respond;
  std::string message;
  {
    const core::MutexLock lock(mutex_);
    respond = std::exchange(respond_, nullptr);
    message = std::move(message_);
  }
  if (respond == nullptr) return;
  respond(status.ok() ? ConnectAnswer(codec_, type_, message) : ConnectError(status));
}

void ConnectReply::Expire() {
  cancelled_ = true;
  Finish(absl::DeadlineExceededError("the call took longer than its Connect-Timeout-Ms"));
}

}  // namespace ndx::console
