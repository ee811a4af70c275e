// One upstream call: channel, deadline, retry budget, breaker, concurrency limit.
//
//   auto call = dispatcher.Start(request, &observer);
//   … OnInitialMetadata  OnMessage*  OnEnd
//
// Order of checks before anything is sent: deadline, breaker, place at the provider. A call whose
// first bytes have been delivered to the observer is never tried again.
//
// Thread-safety: one Dispatcher per event loop, everything on that loop. What all loops share is in
// ProviderStates. Ownership: the loop, the clock, the random source, the states and what the
// upstreams are made from must outlive the Dispatcher and its calls. Destroying a call cancels it.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>

#include "absl/container/flat_hash_map.h"
#include "absl/status/statusor.h"
#include "ndx/adapters/sdk/adapter.h"
#include "ndx/core/clock.h"
#include "ndx/core/random.h"
#include "ndx/core/refusal.h"
#include "ndx/dispatch/provider_place.h"
#include "ndx/dispatch/provider_state.h"
#include "ndx/registry/registry_entries.h"
#include "ndx/registry/registry_snapshot.h"
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

// Told when a provider misbehaves below its calls.
//
// Thread-safety: called on every event loop; implementations are thread-safe.
class ProviderObserver {
 public:
  virtual ~ProviderObserver() = default;
  // Its connection was cut for this. system and endpoint as the registry writes them.
  virtual void OnProviderCutOff(const std::string& system, const std::string& endpoint,
                                transport::ConnectionAttack attack) = 0;
};

// How providers are reached over the network.
struct UpstreamOptions {
  // Used towards providers whose registry entry names no certificate of its own; asked whenever a
  // way to one is made, on every event loop.
  std::function<transport::TlsFiles()> node_tls;
  transport::ChannelLimits limits;
  transport::ChannelTimeouts timeouts;
  // May be null; must outlive the event loops.
  ProviderObserver* observer = nullptr;
};

// Makes the way to a provider; an error says why there is none. Asked again for each call until it
// gives one.
using UpstreamSource =
    std::function<absl::StatusOr<std::unique_ptr<Upstream>>(const registry::ProviderEntry&)>;

// Adapters inside this process by name; "" is the node itself.
using EmbeddedAdapters = std::map<std::string, std::shared_ptr<sdk::Adapter>>;

// Channels of this loop, and the adapters of this process. Loop, random source and adapters must
// outlive it.
UpstreamSource NetworkAndEmbedded(transport::EventLoop& loop, core::Random& random,
                                  const EmbeddedAdapters& adapters, UpstreamOptions options);

struct DispatchRequest {
  const registry::MethodEntry* method = nullptr;
  const registry::ProviderEntry* provider = nullptr;
  // The snapshot that both belong to. With it the provider is known by its address; without it (a
  // question outside any exchange) by everything that names it, which costs more.
  std::shared_ptr<const registry::RegistrySnapshot> registry;
  transport::Message message;
  transport::Metadata metadata;
  int64_t deadline_nanos = 0;  // monotonic; sent on as grpc-timeout, unless that is to be
  std::optional<int64_t> stated_deadline_nanos = std::nullopt;  // this
  // Taken before. A call without one takes one itself for each attempt, or ends PROVIDER_BUSY.
  ProviderPlace place;
};

struct DispatchEnd {
  transport::CallEnd call;
  // Over all attempts: kAnswered only if the provider's own status came.
  transport::Delivery delivery = transport::Delivery::kNotSent;
  uint32_t attempts = 0;
  // An attempt before the last may have been carried out: the last one's own answer tells nothing
  // of that.
  bool earlier_attempt_unknown = false;
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

class Dispatcher {
 public:
  Dispatcher(transport::EventLoop& loop, core::Random& random, ProviderStates& states,
             UpstreamSource upstreams);
  ~Dispatcher();
  Dispatcher(const Dispatcher&) = delete;
  Dispatcher& operator=(const Dispatcher&) = delete;

  // request's entries need to live only during this call.
  std::unique_ptr<DispatchCall> Start(DispatchRequest request, DispatchObserver* observer);

  // What all loops know of a provider of this snapshot.
  std::shared_ptr<ProviderState> StateOf(
      const registry::ProviderEntry& provider,
      const std::shared_ptr<const registry::RegistrySnapshot>& registry);

  // Lets go of providers that are not in the registry any more, once their last call has ended.
  void Forget(const registry::RegistrySnapshot& registry);

  // Makes every way anew, with the certificates there are now. Calls under way end on the old one.
  void Renew();

  // Providers that this loop keeps a way to.
  size_t targets() const { return targets_.size(); }

 private:
  friend class RetryingCall;

  // A provider as this loop sees it.
  struct Target {
    std::unique_ptr<Upstream> upstream;
    std::shared_ptr<ProviderState> state;
    std::string unusable;  // why there is no upstream
  };

  std::shared_ptr<Target> TargetOf(
      const registry::ProviderEntry& provider,
      const std::shared_ptr<const registry::RegistrySnapshot>& registry);
  std::shared_ptr<Target> MakeTarget(const registry::ProviderEntry& provider);

  transport::EventLoop& loop_;
  core::Random& random_;
  ProviderStates& states_;
  const UpstreamSource upstreams_;
  // Shared with the calls under way: a target dropped by a reload ends after its last call.
  absl::flat_hash_map<std::string, std::shared_ptr<Target>> targets_;
  // The same by address of the entry, for the snapshot seen last. The weak pointer tells snapshots
  // apart for certain: an address may be used again, the owner of a weak pointer may not.
  std::weak_ptr<const registry::RegistrySnapshot> seen_;
  absl::flat_hash_map<const registry::ProviderEntry*, std::shared_ptr<Target>> seen_targets_;
};

}  // namespace ndx::dispatch
