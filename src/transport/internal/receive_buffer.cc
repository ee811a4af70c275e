#include "internal/receive_buffer.h"

#include <utility>

namespace ndx::transport {

absl::Status ReceiveBuffer::Feed(absl::string_view bytes,
                                 absl::FunctionRef<bool(Message)> deliver) {
  uncredited_ += bytes.size();
  while (!bytes.empty()) {
    Message message;
    if (absl::Status status = deframer_.Feed(&bytes, &message); !status.ok()) return status;
    if (message != nullptr) held_ += message->size();
    if (!Charge()) {
      return absl::ResourceExhaustedError("the memory for messages in transit is used up");
    }
    if (message != nullptr && !deliver(std::move(message))) return absl::OkStatus();
  }
  return absl::OkStatus();
}

void ReceiveBuffer::Release(size_t bytes) {
  if (connection_ == nullptr) return;
  held_ -= std::min(bytes, held_);
  Charge();
}

size_t ReceiveBuffer::TakeCredit() {
  const size_t credit = uncredited_ - std::min(held_, uncredited_);
  uncredited_ -= credit;
  return credit;
}

void ReceiveBuffer::Clear() {
  if (connection_ == nullptr) return;
  if (node_ != nullptr) node_->Give(charged_);
  connection_->Give(charged_);
  connection_ = node_ = nullptr;
  charged_ = held_ = 0;
}

bool ReceiveBuffer::Charge() {
  const size_t wanted = held_ + deframer_.buffered_bytes();
  if (wanted > charged_) {
    const size_t more = wanted - charged_;
    if (!connection_->Take(more)) return false;
    if (node_ != nullptr && !node_->Take(more)) {
      connection_->Give(more);
      return false;
    }
  } else if (wanted < charged_) {
    connection_->Give(charged_ - wanted);
    if (node_ != nullptr) node_->Give(charged_ - wanted);
  }
  charged_ = wanted;
  return true;
}

}  // namespace ndx::transport
