// The operator API as a gRPC service of src/transport: who the caller is, whether it may, and which
// code answers. Besides the services of ndx.console.v1 it serves grpc.health.v1.Health, to anybody
// who can open the socket, and server reflection, to operators.
//
// Thread-safety: thread-safe. Ownership: everything given to it outlives it, the loop included. It
// must outlive the transport::Server.
#pragma once

#include <deque>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "ndx/console/doubt_tally.h"
#include "ndx/console/export_slot.h"
#include "ndx/console/health_service.h"
#include "ndx/console/operator_directory.h"
#include "ndx/console/operator_methods.h"
#include "ndx/console/operator_node.h"
#include "ndx/console/reflection_service.h"
#include "ndx/console/verification_record.h"
#include "ndx/console/worker_pool.h"
#include "ndx/transport/event_loop.h"
#include "ndx/transport/server_call.h"

namespace ndx::console {

class OperatorApi final : public transport::ServerService {
 public:
  // timers: the loop whose timer drives TailExchanges. workers: shared with the callbacks of
  // providers that are asked for an outcome and may answer after the API is gone.
  OperatorApi(const OperatorNode& node, OperatorDirectory directory, transport::EventLoop& timers,
              std::shared_ptr<WorkerPool> workers);

  std::unique_ptr<transport::ServerCallObserver> OnCall(transport::ServerCall& call) override;

  // The method of a path, "/package.Service/Method"; null when there is none.
  const OperatorMethod* Find(const std::string& path) const;

 private:
  OperatorMethods& AddService(std::string name);
  absl::Status Admit(const transport::PeerIdentity& peer, OperatorRole role,
                     absl::string_view method, OperatorIdentity& who) const;
  std::optional<bool> HealthOf(absl::string_view service) const;
  std::unique_ptr<transport::ServerCallObserver> Refuse(transport::ServerCall& call,
                                                        const absl::Status& status) const;

  const OperatorNode node_;
  const OperatorDirectory directory_;
  const std::shared_ptr<WorkerPool> workers_;
  VerificationRecord verification_;
  DoubtTally doubts_;
  ExportSlots exports_;
  std::deque<OperatorMethods> services_;  // a reference to one stays valid
  const HealthService health_;
  std::vector<std::string> service_names_;  // what reflection lists
  std::optional<ReflectionService> reflection_;
};

}  // namespace ndx::console
