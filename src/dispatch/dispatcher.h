// One upstream call: channel, deadline, retry budget, breaker, concurrency limit.
//
//   auto call = dispatcher.Start(request, &observer);
//   … OnInitialMetadata  OnMessage*  OnEnd
//
// Order of checks before anything is sent: deadline, breaker, place at the provider. A call whose
// first bytes have been delivered to the observer is never tried again.
//
// Thread-safety: one Dispatcher per event loop, everything on that loop. What all loops share is in
// ProviderStates. Ownership: the loop, the clock, the random source, the states and the embedded
// adapters must outlive the Dispatcher; the Dispatcher must outlive its calls. Destroying a call
// cancels it.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>

#include "absl/container/flat_hash_map.h"
#include "ndx/adapters/sdk/adapter.h"
#include "ndx/core/clock.h"
#include "ndx/core/random.h"
#include "ndx/core/refusal.h"
#include "ndx/dispatch/provider_state.h"
#include "ndx/registry/registry_entries.h"
#include "ndx/transport/channel.h"
#include "ndx/transport/client_call.h"
#include "ndx/transport/event_loop.h"
#include "ndx/transport/tls_files.h"

namespace ndx::dispatch {

// Where calls go: a channel, or an adapter in this process.
class Upstream {
 public:
  virtual ~Upstream() = default;
  // Contract of transport::Channel::Start; the request is one message, sent whole.
  virtual std::unique_ptr<transport::ClientCall> Start(transport::CallHead head,
                                                       transport::Message request,
                                                       transport::ClientCallObserver* observer) = 0;
};

struct DispatchRequest {
  const registry::MethodEntry* method = nullptr;
  const registry::ProviderEntry* provider = nullptr;
  transport::Message message;
  transport::Metadata metadata;
  int64_t deadline_nanos = 0;  // monotonic; sent on as grpc-timeout
};

struct DispatchEnd {
  transport::CallEnd call;
  // Over all attempts: kAnswered only if the provider's own status came.
  transport::Delivery delivery = transport::Delivery::kNotSent;
  uint32_t attempts = 0;
  // Why it failed, unless delivery is kAnswered.
  std::optional<core::Refusal> refusal;
};

class DispatchObserver {
 public:
  virtual ~DispatchObserver() = default;
  virtual void OnInitialMetadata(transport::Metadata metadata) = 0;
  virtual void OnMessage(transport::Message message) = 0;
  // The last event; the call may be destroyed inside it. Never delivered from inside Start().
  virtual void OnEnd(DispatchEnd end) = 0;
};

class DispatchCall {
 public:
  virtual ~DispatchCall() = default;
  // Ends with OnEnd (cause kCancelled).
  virtual void Cancel() = 0;
  // As ClientCall::ReleaseReceived.
  virtual void ReleaseReceived(size_t bytes) = 0;
};

// Adapters inside this process by name; "" is the node itself.
using EmbeddedAdapters = std::map<std::string, std::shared_ptr<sdk::Adapter>>;

class Dispatcher {
 public:
  // node_tls: used towards providers whose registry entry names no certificate of its own.
  Dispatcher(transport::EventLoop& loop, core::Random& random, ProviderStates& states,
             const EmbeddedAdapters& adapters, transport::TlsFiles node_tls);
  ~Dispatcher();
  Dispatcher(const Dispatcher&) = delete;
  Dispatcher& operator=(const Dispatcher&) = delete;

  // request's entries need to live only during this call.
  std::unique_ptr<DispatchCall> Start(DispatchRequest request, DispatchObserver* observer);

 private:
  friend class RetryingCall;

  // A provider as this loop sees it.
  struct Target {
    std::unique_ptr<Upstream> upstream;
    std::shared_ptr<ProviderState> state;
    std::string unusable;  // why there is no upstream
  };

  std::shared_ptr<Target> TargetOf(const registry::ProviderEntry& provider);
  std::unique_ptr<Upstream> MakeUpstream(const registry::ProviderEntry& provider,
                                         std::string& unusable);

  transport::EventLoop& loop_;
  core::Random& random_;
  ProviderStates& states_;
  const EmbeddedAdapters& adapters_;
  const transport::TlsFiles node_tls_;
  // Shared with the calls under way: a target dropped by a reload ends after its last call.
  absl::flat_hash_map<std::string, std::shared_ptr<Target>> targets_;
};

}  // namespace ndx::dispatch
