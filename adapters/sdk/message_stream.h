// The answers of a server-streaming method, sent one by one. A slow reader makes Write() wait, so
// that memory does not grow with the answer.
//
// Thread-safety: thread-compatible; belongs to the worker that runs the call.
// Ownership: the reply must outlive it.
// Errors: CANCELLED when nobody reads any more, RESOURCE_EXHAUSTED for a message over the limit.
#pragma once

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "google/protobuf/message.h"
#include "ndx/adapters/sdk/adapter_reply.h"

namespace ndx::sdk {

class MessageStream {
 public:
  MessageStream(AdapterReply& reply, size_t message_bytes_max)
      : reply_(reply), message_bytes_max_(message_bytes_max) {}

  absl::Status Write(const google::protobuf::Message& answer);

 private:
  AdapterReply& reply_;
  const size_t message_bytes_max_;
};

template <typename Answer>
class TypedStream {
 public:
  explicit TypedStream(MessageStream& stream) : stream_(stream) {}

  absl::Status Write(const Answer& answer) { return stream_.Write(answer); }

 private:
  MessageStream& stream_;
};

// The answer as bytes; RESOURCE_EXHAUSTED when it is larger than the method allows.
absl::StatusOr<MessageBytes> SerializeAnswer(const google::protobuf::Message& answer,
                                             size_t message_bytes_max);

}  // namespace ndx::sdk
