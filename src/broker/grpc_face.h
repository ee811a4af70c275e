// The gRPC face: every call on the data plane's port becomes an exchange.
//
// Thread-safety: thread-safe as ServerService asks; each call stays on its loop.
// Ownership: the pipelines must outlive the server that calls this.
#pragma once

#include <memory>

#include "absl/container/flat_hash_map.h"
#include "ndx/broker/admission.h"
#include "ndx/broker/pipeline.h"
#include "ndx/transport/server_call.h"

namespace ndx::broker {

class GrpcFace final : public transport::ServerService {
 public:
  using Pipelines = absl::flat_hash_map<transport::EventLoop*, Pipeline*>;

  // pipelines: one for each loop of the server. Immutable from here on.
  GrpcFace(Pipelines pipelines, Admission& admission)
      : pipelines_(std::move(pipelines)), admission_(admission) {}

  std::unique_ptr<transport::ServerCallObserver> OnCall(transport::ServerCall& call) override;

 private:
  const Pipelines pipelines_;
  Admission& admission_;
};

}  // namespace ndx::broker
