#include "ndx/dispatch/dispatcher.h"

#include <utility>

#include "embedded_upstream.h"
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

}  // namespace

Dispatcher::Dispatcher(transport::EventLoop& loop, core::Random& random, ProviderStates& states,
                       const EmbeddedAdapters& adapters, transport::TlsFiles node_tls)
    : loop_(loop),
      random_(random),
      states_(states),
      adapters_(adapters),
      node_tls_(std::move(node_tls)) {}

Dispatcher::~Dispatcher() = default;

std::unique_ptr<DispatchCall> Dispatcher::Start(DispatchRequest request,
                                                DispatchObserver* observer) {
  auto target = TargetOf(*request.provider);
  auto call = std::make_unique<RetryingCall>(loop_, random_, std::move(target), std::move(request),
                                             observer);
  call->Begin();
  return call;
}

std::shared_ptr<Dispatcher::Target> Dispatcher::TargetOf(const registry::ProviderEntry& provider) {
  auto& target = targets_[ProviderKey(provider)];
  if (target == nullptr) {
    target = std::make_shared<Target>();
    target->state = states_.Get(provider);
  }
  if (target->upstream == nullptr) target->upstream = MakeUpstream(provider, target->unusable);
  return target;
}

std::unique_ptr<Upstream> Dispatcher::MakeUpstream(const registry::ProviderEntry& provider,
                                                   std::string& unusable) {
  using Kind = registry::Endpoint::Kind;
  const registry::Endpoint& endpoint = provider.endpoint;
  if (endpoint.kind == Kind::kEmbedded || endpoint.kind == Kind::kNode) {
    const auto adapter = adapters_.find(endpoint.kind == Kind::kNode ? "" : endpoint.target);
    if (adapter != adapters_.end()) return MakeEmbeddedUpstream(loop_, adapter->second);
    unusable = "no such adapter in this process";
    return nullptr;
  }
  auto channel = transport::Channel::Create(loop_, random_, ChannelOptionsOf(provider, node_tls_));
  if (channel.ok()) return std::make_unique<ChannelUpstream>(*std::move(channel));
  unusable = std::string(channel.status().message());
  return nullptr;
}

}  // namespace ndx::dispatch
