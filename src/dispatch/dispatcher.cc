#include "ndx/dispatch/dispatcher.h"

#include <utility>

#include "embedded_upstream.h"
#include "ndx/core/status_macros.h"
#include "ndx/crypto/private_key.h"
#include "retrying_call.h"

namespace ndx::dispatch {
namespace {

// Says which provider it was whose connection was cut.
class ChannelWatch final : public transport::ChannelObserver {
 public:
  ChannelWatch(const registry::ProviderEntry& provider, ProviderObserver& observer)
      : system_(provider.system->id.text()),
        endpoint_(provider.endpoint.ToString()),
        observer_(observer) {}

  void OnAttackCutOff(const transport::PeerIdentity&, transport::ConnectionAttack attack) override {
    observer_.OnProviderCutOff(system_, endpoint_, attack);
  }

 private:
  const std::string system_;
  const std::string endpoint_;
  ProviderObserver& observer_;
};

// A provider over gRPC.
class ChannelUpstream final : public Upstream {
 public:
  ChannelUpstream(std::unique_ptr<ChannelWatch> watch, std::unique_ptr<transport::Channel> channel)
      : watch_(std::move(watch)), channel_(std::move(channel)) {}

  std::unique_ptr<transport::ClientCall> Start(transport::CallHead head, transport::Message request,
                                               transport::ClientCallObserver* observer) override {
    auto call = channel_->Start(std::move(head), observer);
    call->SendMessage(std::move(request));
    call->HalfClose();
    return call;
  }

 private:
  const std::unique_ptr<ChannelWatch> watch_;
  const std::unique_ptr<transport::Channel> channel_;
};

absl::StatusOr<transport::ChannelOptions> ChannelOptionsOf(const registry::ProviderEntry& provider,
                                                           const UpstreamOptions& given) {
  const registry::Endpoint& endpoint = provider.endpoint;
  transport::ChannelOptions options;
  options.address = endpoint.ToString();
  options.limits = given.limits;
  options.timeouts = given.timeouts;
  options.timeouts.connect = provider.connect_timeout;
  options.limits.message_bytes_max = core::kMessageBytesMax;
  if (endpoint.kind == registry::Endpoint::Kind::kTcpTls) {
    transport::ChannelTls tls{.server_name = endpoint.server_name};
    if (!endpoint.certificate_file.empty()) {
      NDX_ASSIGN_OR_RETURN(const auto key, crypto::PrivateKey::Read(endpoint.key_file));
      tls.files.certificate_chain = endpoint.certificate_file;
      tls.files.private_key = endpoint.key_file;
      tls.files.key = key.handle();
    } else if (given.node_tls) {
      tls.files = given.node_tls();
    }
    tls.files.peer_ca = endpoint.ca_file;
    options.tls = std::move(tls);
  }
  return options;
}

absl::StatusOr<std::unique_ptr<Upstream>> MakeUpstream(transport::EventLoop& loop,
                                                       core::Random& random,
                                                       const EmbeddedAdapters& adapters,
                                                       const UpstreamOptions& given,
                                                       const registry::ProviderEntry& provider) {
  using Kind = registry::Endpoint::Kind;
  const registry::Endpoint& endpoint = provider.endpoint;
  if (endpoint.kind == Kind::kEmbedded || endpoint.kind == Kind::kNode) {
    const auto adapter = adapters.find(endpoint.kind == Kind::kNode ? "" : endpoint.target);
    if (adapter == adapters.end()) return absl::NotFoundError("no such adapter in this process");
    return MakeEmbeddedUpstream(loop, adapter->second);
  }
  NDX_ASSIGN_OR_RETURN(transport::ChannelOptions options, ChannelOptionsOf(provider, given));
  std::unique_ptr<ChannelWatch> watch;
  if (given.observer != nullptr) {
    watch = std::make_unique<ChannelWatch>(provider, *given.observer);
    options.observer = watch.get();
  }
  NDX_ASSIGN_OR_RETURN(auto channel, transport::Channel::Create(loop, random, std::move(options)));
  return std::make_unique<ChannelUpstream>(std::move(watch), std::move(channel));
}

bool SameSnapshot(const std::weak_ptr<const registry::RegistrySnapshot>& seen,
                  const std::shared_ptr<const registry::RegistrySnapshot>& now) {
  return !seen.owner_before(now) && !now.owner_before(seen);
}

}  // namespace

UpstreamSource NetworkAndEmbedded(transport::EventLoop& loop, core::Random& random,
                                  const EmbeddedAdapters& adapters, UpstreamOptions options) {
  return [&loop, &random, &adapters,
          options = std::move(options)](const registry::ProviderEntry& provider) {
    return MakeUpstream(loop, random, adapters, options, provider);
  };
}

Dispatcher::Dispatcher(transport::EventLoop& loop, core::Random& random, ProviderStates& states,
                       UpstreamSource upstreams)
    : loop_(loop), random_(random), states_(states), upstreams_(std::move(upstreams)) {}

Dispatcher::~Dispatcher() = default;

std::unique_ptr<DispatchCall> Dispatcher::Start(DispatchRequest request,
                                                DispatchObserver* observer) {
  auto target = TargetOf(*request.provider, request.registry);
  auto call = std::make_unique<RetryingCall>(loop_, random_, std::move(target), std::move(request),
                                             observer);
  call->Begin();
  return call;
}

std::shared_ptr<ProviderState> Dispatcher::StateOf(
    const registry::ProviderEntry& provider,
    const std::shared_ptr<const registry::RegistrySnapshot>& registry) {
  return TargetOf(provider, registry)->state;
}

std::shared_ptr<Dispatcher::Target> Dispatcher::TargetOf(
    const registry::ProviderEntry& provider,
    const std::shared_ptr<const registry::RegistrySnapshot>& registry) {
  if (registry == nullptr) return MakeTarget(provider);
  if (!SameSnapshot(seen_, registry)) {
    seen_ = registry;
    seen_targets_.clear();
  }
  auto& target = seen_targets_[&provider];
  if (target == nullptr || target->upstream == nullptr) target = MakeTarget(provider);
  return target;
}

std::shared_ptr<Dispatcher::Target> Dispatcher::MakeTarget(
    const registry::ProviderEntry& provider) {
  auto& target = targets_[ProviderKey(provider)];
  if (target == nullptr) {
    target = std::make_shared<Target>();
    target->state = states_.Get(provider);
  }
  if (target->upstream != nullptr) return target;
  auto upstream = upstreams_(provider);
  if (upstream.ok()) {
    target->upstream = *std::move(upstream);
  } else {
    target->unusable = std::string(upstream.status().message());
  }
  return target;
}

void Dispatcher::Forget(const registry::RegistrySnapshot& registry) {
  const auto keys = ProviderKeys(registry);
  absl::erase_if(targets_, [&keys](const auto& entry) { return !keys.contains(entry.first); });
  seen_.reset();
  seen_targets_.clear();
}

void Dispatcher::Renew() {
  targets_.clear();
  seen_.reset();
  seen_targets_.clear();
}

}  // namespace ndx::dispatch
