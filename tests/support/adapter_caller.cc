#include "ndx/tests/support/adapter_caller.h"

namespace ndx::tests {

absl::Status KeptReply::Await() {
  core::MutexLock lock(mutex_);
  while (!ended_) changed_.Wait(mutex_);
  return status_;
}

size_t KeptReply::AwaitMessages(size_t count) {
  core::MutexLock lock(mutex_);
  while (!ended_ && messages_.size() < count) changed_.Wait(mutex_);
  return messages_.size();
}

std::vector<sdk::MessageBytes> KeptReply::messages() {
  core::MutexLock lock(mutex_);
  return messages_;
}

void KeptReply::DeliverMessage(sdk::MessageBytes message) {
  core::MutexLock lock(mutex_);
  messages_.push_back(std::move(message));
  changed_.NotifyAll();
}

void KeptReply::DeliverFinish(absl::Status status) {
  core::MutexLock lock(mutex_);
  NDX_CHECK(!ended_);
  ended_ = true;
  status_ = std::move(status);
  changed_.NotifyAll();
}

}  // namespace ndx::tests
