// One adapter behind a port: turns gRPC calls into sdk calls, and serves grpc.health.v1.
//
//   connection ─▶ HostedCall (event loop) ─▶ Adapter::Begin ─▶ worker
//                      ▲                                         │
//                      └──────────── EventLoop::Post ◀───────────┘
//
// Thread-safety: thread-safe; OnCall comes on every event loop.
// Ownership: adapter and clock must outlive it, and the loops must outlive the adapter.
// Limits: a stream's answers wait while kUnsentBytesMax are not yet sent.
#pragma once

#include <atomic>
#include <memory>
#include <set>
#include <string>

#include "ndx/adapters/sdk/adapter.h"
#include "ndx/transport/server_call.h"

namespace ndx::host {

inline constexpr size_t kUnsentBytesMax = size_t{256} << 10;

class HostedService final : public transport::ServerService {
 public:
  // callers: URIs of which a TLS caller's certificate must carry one; ignored on a local socket,
  // where file modes decide.
  HostedService(sdk::Adapter& adapter, std::set<std::string> callers)
      : adapter_(adapter), callers_(std::move(callers)) {}

  std::unique_ptr<transport::ServerCallObserver> OnCall(transport::ServerCall& call) override;

  // From now on health says NOT_SERVING.
  void BeginDraining() { draining_ = true; }
  bool draining() const { return draining_; }

  sdk::Adapter& adapter() { return adapter_; }

  // OK, or why the peer may not call.
  absl::Status Admit(const transport::PeerIdentity& peer) const;

 private:
  sdk::Adapter& adapter_;
  const std::set<std::string> callers_;
  std::atomic<bool> draining_{false};
};

}  // namespace ndx::host
