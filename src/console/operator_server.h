// The operator API: on its UNIX socket, with event loop, workers and transport server, and as a
// site of the operators' HTTP port; in one object that starts and stops them in the right order.
//
//   NDX_ASSIGN_OR_RETURN(auto server, OperatorServer::Start(options, node, directory, random));
//   const auto site = server->Site(pages, …);  // for an http::HttpServer
//   …
//   server->Stop();
//
// Thread-safety: Start and Stop from one thread. Ownership: node's parts and random outlive it.
// Errors: those of transport::Server::Start.
#pragma once

#include <cstdint>
#include <memory>
#include <string>

#include "absl/status/statusor.h"
#include "ndx/console/operator_directory.h"
#include "ndx/console/operator_node.h"
#include "ndx/console/sign_in.h"
#include "ndx/console/worker_pool.h"
#include "ndx/core/random.h"
#include "ndx/http/http_server.h"

namespace ndx::console {

struct OperatorServerOptions {
  std::string socket;  // path of the UNIX socket; none where empty
  uint32_t socket_mode = 0660;
  // Connections, and calls at once on each: the API is for people and their scripts.
  size_t connections_max = 64;
  uint32_t calls_per_connection_max = 32;
  WorkerPool::Options workers;
};

// How the operator API is served on the HTTP port.
struct OperatorSiteOptions {
  // Null: no token counts.
  const security::SignInTokens* tokens = nullptr;
  // Of the operators' authorities; null: nothing is revoked.
  std::function<std::shared_ptr<const security::Revocations>()> revocations;
  // May be null.
  http::HttpServerObserver* observer = nullptr;
  // Of a request when it is unpacked.
  size_t message_bytes_max = size_t{64} << 10;
};

class OperatorServer {
 public:
  static absl::StatusOr<std::unique_ptr<OperatorServer>> Start(const OperatorServerOptions& options,
                                                               const OperatorNode& node,
                                                               OperatorDirectory directory,
                                                               core::Random& random);
  // Stops as Stop() does.
  ~OperatorServer();
  OperatorServer(const OperatorServer&) = delete;
  OperatorServer& operator=(const OperatorServer&) = delete;

  // The API for an HTTP server, with `others` under all other paths; once. Shared because the HTTP
  // server may outlive this object; after Stop() only the other paths are served.
  std::shared_ptr<http::WaitingHttpSite> Site(http::WaitingHttpSite& others,
                                              const OperatorSiteOptions& options);

  // Ends calls under way and waits for what runs for them; a verification gives up at its next
  // report of progress.
  void Stop();

 private:
  class Parts;
  explicit OperatorServer(std::unique_ptr<Parts> parts);

  std::unique_ptr<Parts> parts_;
};

}  // namespace ndx::console
