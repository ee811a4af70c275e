#include "ndx/console/operator_server.h"

#include <utility>

#include "ndx/console/operator_api.h"
#include "ndx/core/status_macros.h"
#include "ndx/transport/event_loop_group.h"
#include "ndx/transport/server.h"

namespace ndx::console {
namespace {

transport::ServerOptions TransportOptions(const OperatorServerOptions& options) {
  transport::ServerOptions transport;
  transport.listen.push_back(
      {.address = "unix:" + options.socket, .unix_mode = options.socket_mode});
  transport.limits.connections_max = options.connections_max;
  transport.limits.concurrent_streams_max = options.calls_per_connection_max;
  return transport;
}

// Nothing below calls is worth a line here: who may open the socket is a local user.
class SilentObserver final : public transport::ServerObserver {};

}  // namespace

// In the order of dependence; stopped from the back.
class OperatorServer::Parts {
 public:
  Parts(const OperatorServerOptions& options, const OperatorNode& node, OperatorDirectory directory,
        core::Random& random)
      : loops_(node.clock, 1, "ndx-operator"),
        workers_(std::make_shared<WorkerPool>(options.workers)),
        api_(node, std::move(directory), loops_.loop(0), workers_),
        server_(loops_, random, TransportOptions(options), api_, observer_) {}

  absl::Status Start() {
    loops_.Start();
    return server_.Start().status();
  }

  void Stop() {
    server_.Stop();
    workers_->Stop();
    loops_.Stop();
  }

 private:
  transport::EventLoopGroup loops_;
  const std::shared_ptr<WorkerPool> workers_;  // see OperatorApi
  OperatorApi api_;
  SilentObserver observer_;
  transport::Server server_;
};

absl::StatusOr<std::unique_ptr<OperatorServer>> OperatorServer::Start(
    const OperatorServerOptions& options, const OperatorNode& node, OperatorDirectory directory,
    core::Random& random) {
  auto parts = std::make_unique<Parts>(options, node, std::move(directory), random);
  if (absl::Status status = parts->Start(); !status.ok()) {
    parts->Stop();
    return status;
  }
  return std::unique_ptr<OperatorServer>(new OperatorServer(std::move(parts)));
}

OperatorServer::OperatorServer(std::unique_ptr<Parts> parts) : parts_(std::move(parts)) {}
OperatorServer::~OperatorServer() { Stop(); }

void OperatorServer::Stop() {
  if (parts_ != nullptr) parts_->Stop();
  parts_.reset();
}

}  // namespace ndx::console
