#include "ndx/adapters/sdk/adapter_reply.h"

#include <utility>

#include "ndx/core/status_macros.h"

namespace ndx::sdk {

void AdapterReply::SendMessage(MessageBytes message) {
  {
    core::MutexLock lock(mutex_);
    NDX_CHECK(!finished_);
    if (cancelled_) return;
  }
  if (signing_.has_value()) signing_->Add(*message);
  DeliverMessage(std::move(message));
}

void AdapterReply::SignWith(std::shared_ptr<const AnswerSigner> signer, const AdapterCall& call,
                            crypto::BodyDigest::Kind kind) {
  if (!call.exchange_id.empty()) signing_.emplace(std::move(signer), call, kind);
}

void AdapterReply::SetSignature(std::string signature) { signature_ = std::move(signature); }

void AdapterReply::Finish(absl::Status status) {
  {
    core::MutexLock lock(mutex_);
    NDX_CHECK(!finished_);
    finished_ = true;
  }
  if (signing_.has_value() && status.ok()) signature_ = signing_->Finish();
  // Nothing may be interrupted by a late Cancel() after the last word.
  SetCancelCallback(nullptr);
  DeliverFinish(std::move(status));
}

bool AdapterReply::cancelled() const {
  core::MutexLock lock(mutex_);
  return cancelled_;
}

bool AdapterReply::AwaitSendable() {
  core::MutexLock lock(mutex_);
  while (!sendable_ && !cancelled_) changed_.Wait(mutex_);
  return !cancelled_;
}

void AdapterReply::SetCancelCallback(absl::AnyInvocable<void()> callback) {
  core::MutexLock callback_lock(callback_mutex_);
  if (callback != nullptr && cancelled()) {
    callback();
    return;
  }
  cancel_callback_ = std::move(callback);
}

void AdapterReply::Cancel() {
  {
    core::MutexLock lock(mutex_);
    if (cancelled_) return;
    cancelled_ = true;
    changed_.NotifyAll();
  }
  core::MutexLock callback_lock(callback_mutex_);
  if (cancel_callback_ != nullptr) {
    cancel_callback_();
    cancel_callback_ = nullptr;
  }
}

void AdapterReply::SetSendable(bool sendable) {
  core::MutexLock lock(mutex_);
  sendable_ = sendable;
  changed_.NotifyAll();
}

}  // namespace ndx::sdk
