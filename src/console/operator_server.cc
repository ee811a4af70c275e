#include "ndx/console/operator_server.h"

#include <utility>

#include "ndx/console/connect_site.h"
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
      : node_(node),
        directory_(std::move(directory)),
        loops_(node.clock, 1, "ndx-operator"),
        workers_(std::make_shared<WorkerPool>(options.workers)),
        api_(node, directory_, loops_.loop(0), workers_) {
    if (!options.socket.empty()) {
      server_.emplace(loops_, random, TransportOptions(options), api_, observer_);
    }
  }

  absl::Status Start() {
    loops_.Start();
    return server_.has_value() ? server_->Start().status() : absl::OkStatus();
  }

  std::shared_ptr<http::WaitingHttpSite> Site(http::WaitingHttpSite& others,
                                              const OperatorSiteOptions& options) {
    NDX_CHECK(site_ == nullptr && node_.persons != nullptr);
    site_ = std::make_shared<ConnectSite>(
        ConnectSite::Parts{.api = api_,
                           .workers = *workers_,
                           .timers = loops_.loop(0),
                           .log = node_.log,
                           .observer = options.observer,
                           .others = others,
                           .message_bytes_max = options.message_bytes_max},
        SignIn({.clock = node_.clock,
                .persons = *node_.persons,
                .tokens = options.tokens,
                .revocations = options.revocations},
               directory_));
    return site_;
  }

  void Stop() {
    if (site_ != nullptr) site_->Close();
    if (server_.has_value()) server_->Stop();
    workers_->Stop();
    loops_.Stop();
  }

 private:
  const OperatorNode node_;
  const OperatorDirectory directory_;
  transport::EventLoopGroup loops_;
  const std::shared_ptr<WorkerPool> workers_;  // see OperatorApi
  OperatorApi api_;
  SilentObserver observer_;
  std::optional<transport::Server> server_;
  std::shared_ptr<ConnectSite> site_;
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

std::shared_ptr<http::WaitingHttpSite> OperatorServer::Site(http::WaitingHttpSite& others,
                                                            const OperatorSiteOptions& options) {
  return parts_->Site(others, options);
}

void OperatorServer::Stop() {
  if (parts_ != nullptr) parts_->Stop();
  parts_.reset();
}

}  // namespace ndx::console
