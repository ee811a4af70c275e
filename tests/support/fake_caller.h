// A caller of an exchange that keeps what it got.
//
// Thread-safety: everything on the exchange's loop.
#pragma once

#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "ndx/broker/caller.h"

namespace ndx::tests {

class FakeCaller final : public broker::Caller {
 public:
  void SendInitialMetadata(transport::Metadata metadata) override { initial = std::move(metadata); }
  void SendMessage(transport::Message message) override { messages.push_back(*message); }
  void Finish(transport::GrpcStatus with, transport::Metadata and_trailers) override {
    ++finished;
    status = std::move(with);
    trailers = std::move(and_trailers);
  }
  size_t pending_send_bytes() const override { return pending; }

  std::optional<transport::Metadata> initial;
  std::vector<std::string> messages;
  int finished = 0;
  transport::GrpcStatus status;
  transport::Metadata trailers;
  size_t pending = 0;  // what the caller has not taken yet, as the test says
};

}  // namespace ndx::tests
