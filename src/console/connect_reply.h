// The answering end of a unary Connect call: keeps the message until the status comes, and answers
// with one of them.
//
// Thread-safety: thread-safe. Destroyed without a last word, it answers `unavailable`: the node is
// stopping.
#pragma once

#include <atomic>
#include <string>

#include "absl/base/thread_annotations.h"
#include "ndx/console/call_reply.h"
#include "ndx/console/connect_protocol.h"
#include "ndx/core/mutex.h"
#include "ndx/http/http_site.h"

namespace ndx::console {

class ConnectReply final : public CallReply {
 public:
  ConnectReply(http::HttpRespond respond, ConnectCodec codec,
               const google::protobuf::Descriptor& type)
      : codec_(codec), type_(type), respond_(std::move(respond)) {}
  ~ConnectReply() override;

  void Send(std::string message) override;
  void Finish(absl::Status status) override;
  bool cancelled() const override { return cancelled_.load(); }
  // One message is no backlog.
  bool congested() const override { return false; }
  void WaitWhileCongested() override {}

  // The caller's time is over.
  void Expire();

 private:
  const ConnectCodec codec_;
  const google::protobuf::Descriptor& type_;
  std::atomic<bool> cancelled_{false};
  core::Mutex mutex_;
  std::string message_ ABSL_GUARDED_BY(mutex_);
  http::HttpRespond respond_ ABSL_GUARDED_BY(mutex_);  // null once called
};

}  // namespace ndx::console
