#include "internal/send_queue.h"

#include <algorithm>
#include <utility>

#include "ndx/core/status_macros.h"
#include "ndx/transport/message_deframer.h"

namespace ndx::transport {

void SendQueue::Push(Message message) {
  bytes_ += kMessagePrefixBytes + message->size();
  messages_.push_back(std::move(message));
}

void SendQueue::CopyTo(size_t bytes, std::string* out) {
  NDX_CHECK(bytes <= bytes_);
  bytes_ -= bytes;
  while (bytes > 0) {
    const std::string& body = *messages_[first_];
    if (offset_ < kMessagePrefixBytes) {
      char prefix[kMessagePrefixBytes];
      WriteMessagePrefix(body.size(), prefix);
      const size_t take = std::min(bytes, kMessagePrefixBytes - offset_);
      out->append(prefix + offset_, take);
      offset_ += take;
      bytes -= take;
    }
    const size_t at = offset_ - std::min(offset_, kMessagePrefixBytes);
    const size_t take = offset_ < kMessagePrefixBytes ? 0 : std::min(bytes, body.size() - at);
    out->append(body, at, take);
    offset_ += take;
    bytes -= take;
    if (offset_ == kMessagePrefixBytes + body.size()) {
      messages_[first_++].reset();
      offset_ = 0;
    }
  }
  if (first_ == messages_.size()) {
    messages_.clear();
    first_ = 0;
  }
}

void SendQueue::Clear() {
  messages_.clear();
  first_ = offset_ = bytes_ = 0;
}

}  // namespace ndx::transport
