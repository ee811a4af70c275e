// Messages of one stream on their way to the socket, copied once: into the connection's output.
//
// Thread-safety: thread-compatible.
#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "ndx/transport/message.h"

namespace ndx::transport {

class SendQueue {
 public:
  void Push(Message message);

  // Appends the next bytes to *out, prefixes included. bytes <= this->bytes().
  void CopyTo(size_t bytes, std::string* out);

  void Clear();

  size_t bytes() const { return bytes_; }
  bool empty() const { return bytes_ == 0; }

 private:
  std::vector<Message> messages_;
  size_t first_ = 0;   // index of the message being sent
  size_t offset_ = 0;  // bytes of it, prefix included, already sent
  size_t bytes_ = 0;
};

}  // namespace ndx::transport
