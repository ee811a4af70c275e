#include "ndx/dispatch/dispatcher.h"

#include <utility>

#include "embedded_upstream.h"
#include "ndx/core/status_macros.h"
#include "retrying_call.h"

namespace ndx::dispatch {
namespace {

// A provider over gRPC.
class ChannelUpstream final : public Upstream {
 public:
  explicit ChannelUpstream(std::unique_ptr<transport::Channel> channel)
      : channel_(std::move(channel)) {}

  std::unique_ptr<transport::ClientCall> Start(transport::CallHead head, transport::Message request,
                                               transport::ClientCallObserver* observer) override {
    auto call = channel_->Start(std::move(head), observer);
    call->SendMessage(std::move(request));
    call->HalfClose();
    return call;
  }

 private:
  const std::unique_ptr<transport::Channel> channel_;
};

transport::ChannelOptions ChannelOptionsOf(const registry::ProviderEntry& provider,
                                           const transport::TlsFiles& node_tls) {
  const registry::Endpoint& endpoint = provider.endpoint;
  transport::ChannelOptions options;
  options.address = endpoint.ToString();
  options.timeouts.connect = provider.connect_timeout;
  options.limits.message_bytes_max = core::kMessageBytesMax;
  if (endpoint.kind == registry::Endpoint::Kind::kTcpTls) {
    transport::ChannelTls tls{.files = node_tls, .server_name = endpoint.server_name};
    tls.files.peer_ca = endpoint.ca_file;
    if (!endpoint.certificate_file.empty()) {
      tls.files.certificate_chain = endpoint.certificate_file;
      tls.files.private_key = endpoint.key_file;
    }
    options.tls = std::move(tls);
  }
  return options;
}

absl::StatusOr<std::unique_ptr<Upstream>> MakeUpstream(transport::EventLoop& loop,
                                                       core::Random& random,
                                                       const EmbeddedAdapters& adapters,
                                                       const transport::TlsFiles& node_tls,
                                                       const registry::ProviderEntry& provider) {
  using Kind = registry::Endpoint::Kind;
  const registry::Endpoint& endpoint = provider.endpoint;
  if (endpoint.kind == Kind::kEmbedded || endpoint.kind == Kind::kNode) {
    const auto adapter = adapters.find(endpoint.kind == Kind::kNode ? "" : endpoint.target);
    if (adapter == adapters.end()) return absl::NotFoundError("no such adapter in this process");
    return MakeEmbeddedUpstream(loop, adapter->second);
  }
  NDX_ASSIGN_OR_RETURN(
      auto channel, transport::Channel::Create(loop, random, ChannelOptionsOf(provider, node_tls)));
  return std::make_unique<ChannelUpstream>(std::move(channel));
}

bool SameSnapshot(const std::weak_ptr<const registry::RegistrySnapshot>& seen,
                  const std::shared_ptr<const registry::RegistrySnapshot>& now) {
  return !seen.owner_before(now) && !now.owner_before(seen);
}

}  // namespace

UpstreamSource NetworkAndEmbedded(transport::EventLoop& loop, core::Random& random,
                                  const EmbeddedAdapters& adapters, transport::TlsFiles node_tls) {
  return [&loop, &random, &adapters,
          node_tls = std::move(node_tls)](const registry::ProviderEntry& provider) {
    return MakeUpstream(loop, random, adapters, node_tls, provider);
  };
}

Dispatcher::Dispatcher(transport::EventLoop& loop, core::Random& random, ProviderStates& states,
                       UpstreamSource upstreams)
    : loop_(loop), random_(random), states_(states), upstreams_(std::move(upstreams)) {}

Dispatcher::~Dispatcher() = default;

std::unique_ptr<DispatchCall> Dispatcher::Start(DispatchRequest request,
                                                DispatchObserver* observer) {
  auto target = TargetOf(request);
  auto call = std::make_unique<RetryingCall>(loop_, random_, std::move(target), std::move(request),
                                             observer);
  call->Begin();
  return call;
}

std::shared_ptr<Dispatcher::Target> Dispatcher::TargetOf(const DispatchRequest& request) {
  if (request.registry == nullptr) return MakeTarget(*request.provider);
  if (!SameSnapshot(seen_, request.registry)) {
    seen_ = request.registry;
    seen_targets_.clear();
  }
  auto& target = seen_targets_[request.provider];
  if (target == nullptr || target->upstream == nullptr) target = MakeTarget(*request.provider);
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

}  // namespace ndx::dispatch
