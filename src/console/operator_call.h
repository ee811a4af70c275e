// One call of the operator API: takes the request in, hands it to a worker, lets the reply answer.
//
// Thread-safety: on the call's event loop, as ServerCallObserver.
// Ownership: method and workers outlive it.
#pragma once

#include <memory>
#include <string>

#include "ndx/console/grpc_reply.h"
#include "ndx/console/operator_methods.h"
#include "ndx/console/worker_pool.h"
#include "ndx/transport/server_call.h"

namespace ndx::console {

class OperatorCall final : public transport::ServerCallObserver {
 public:
  OperatorCall(transport::ServerCall& call, OperatorIdentity who, const OperatorMethod& method,
               WorkerPool& workers);
  ~OperatorCall() override;

  void OnMessage(transport::Message message) override;
  void OnRequestEnd() override;
  void OnRequestMalformed(absl::Status status) override;
  void OnCancelled(transport::CancelCause cause) override;
  void OnSendable() override;

 private:
  const OperatorIdentity who_;
  const OperatorMethod& method_;
  WorkerPool& workers_;
  const std::shared_ptr<GrpcReply> reply_;
  transport::Message request_;
};

// A call that is refused as soon as it comes.
class RefusedCall final : public transport::ServerCallObserver {
 public:
  RefusedCall(transport::ServerCall& call, const absl::Status& status);

  void OnMessage(transport::Message) override {}
  void OnRequestEnd() override {}
  void OnRequestMalformed(absl::Status) override {}
  void OnCancelled(transport::CancelCause) override {}
};

}  // namespace ndx::console
