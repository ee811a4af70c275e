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
#include "ndx/adapters/sdk/answer_signer.h"
#include "ndx/transport/server_call.h"

namespace ndx::host {

inline constexpr size_t kUnsentBytesMax = size_t{256} << 10;

class HostedService final : public transport::ServerService {
 public:
  // callers: URIs of which a TLS caller's certificate must carry one; ignored on a local socket,
  // where file modes decide.
  // signer: of its answers; null where they are not signed.
  HostedService(sdk::Adapter& adapter, std::set<std::string> callers,
                std::shared_ptr<const sdk::AnswerSigner> signer);

  std::unique_ptr<transport::ServerCallObserver> OnCall(transport::ServerCall& call) override;

  // From now on health says NOT_SERVING.
  void BeginDraining() { draining_ = true; }
  bool draining() const { return draining_; }

  // Hands the call to the adapter; its answer will be signed where it is to be.
  void Begin(sdk::AdapterCall call, std::shared_ptr<sdk::AdapterReply> reply);

  sdk::Adapter& adapter() { return adapter_; }

  // OK, or why the peer may not call.
  absl::Status Admit(const transport::PeerIdentity& peer) const;

 private:
  sdk::Adapter& adapter_;
  const std::set<std::string> callers_;
  const std::shared_ptr<const sdk::AnswerSigner> signer_;
  std::set<std::string> streaming_;  // paths of methods whose answer is a stream
  std::atomic<bool> draining_{false};
};

}  // namespace ndx::host
