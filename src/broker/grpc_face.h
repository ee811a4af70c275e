// The gRPC face: every call on the data plane's port becomes an exchange.
//
// Thread-safety: thread-safe as ServerService asks; each call stays on its loop.
// Ownership: the lanes must outlive the server that calls this.
#pragma once

#include <memory>

#include "absl/container/flat_hash_map.h"
#include "ndx/broker/admission.h"
#include "ndx/broker/early_refusal.h"
#include "ndx/broker/pipeline.h"
#include "ndx/transport/server_call.h"

namespace ndx::broker {

class GrpcFace final : public transport::ServerService {
 public:
  struct Lane {
    Pipeline* pipeline;
    EarlyRefusal* door;
  };
  using Lanes = absl::flat_hash_map<transport::EventLoop*, Lane>;

  // lanes: one for each loop of the server. Immutable from here on.
  GrpcFace(Lanes lanes, Admission& admission) : lanes_(std::move(lanes)), admission_(admission) {}

  std::unique_ptr<transport::ServerCallObserver> OnCall(transport::ServerCall& call) override;

 private:
  const Lanes lanes_;
  Admission& admission_;
};

}  // namespace ndx::broker
