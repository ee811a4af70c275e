#include "ndx/transport/message_deframer.h"

#include <algorithm>
#include <cstring>
#include <utility>

#include "ndx/core/status_macros.h"
#include "ndx/transport/gzip.h"

namespace ndx::transport {

void WriteMessagePrefix(size_t length, char out[kMessagePrefixBytes]) {
  out[0] = 0;
  for (int i = 0; i < 4; ++i) out[1 + i] = static_cast<char>((length >> (24 - 8 * i)) & 0xFF);
}

absl::Status MessageDeframer::Feed(absl::string_view* bytes, Message* message) {
  message->reset();
  if (!failure_.ok()) return failure_;
  if (prefix_size_ < kMessagePrefixBytes) {
    const size_t take = std::min(kMessagePrefixBytes - prefix_size_, bytes->size());
    std::memcpy(prefix_ + prefix_size_, bytes->data(), take);
    prefix_size_ += take;
    bytes->remove_prefix(take);
    if (prefix_size_ < kMessagePrefixBytes) return absl::OkStatus();
    if (failure_ = TakePrefix(); !failure_.ok()) return failure_;
  }
  const size_t take = std::min(length_ - body_.size(), bytes->size());
  body_.append(bytes->data(), take);
  bytes->remove_prefix(take);
  if (body_.size() < length_) return absl::OkStatus();
  failure_ = Complete(message);
  return failure_;
}

absl::Status MessageDeframer::TakePrefix() {
  const auto flag = static_cast<uint8_t>(prefix_[0]);
  if (flag > 1) return absl::InternalError("a message prefix has an unknown flag");
  compressed_ = flag == 1;
  if (compressed_ && !gzip_) {
    return absl::InternalError("a message is compressed although no grpc-encoding was declared");
  }
  length_ = 0;
  for (size_t i = 1; i < kMessagePrefixBytes; ++i) {
    length_ = length_ << 8 | static_cast<uint8_t>(prefix_[i]);
  }
  if (length_ > limits_.message_bytes_max) {
    return absl::ResourceExhaustedError("a message is larger than the limit of this method");
  }
  body_.reserve(std::min(length_, kReserveBytesMax));
  return absl::OkStatus();
}

absl::Status MessageDeframer::Complete(Message* message) {
  prefix_size_ = 0;
  std::string body = std::exchange(body_, std::string());
  if (compressed_) {
    NDX_ASSIGN_OR_RETURN(body, Gunzip(body, limits_.message_bytes_max, limits_.gzip_ratio_max));
  }
  *message = MakeMessage(std::move(body));
  return absl::OkStatus();
}

absl::Status MessageDeframer::End() const {
  if (!failure_.ok()) return failure_;
  if (prefix_size_ > 0) return absl::InternalError("the stream ends inside a message");
  return absl::OkStatus();
}

}  // namespace ndx::transport
