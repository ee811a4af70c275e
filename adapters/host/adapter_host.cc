#include "ndx/adapters/host/adapter_host.h"

#include <algorithm>
#include <functional>
#include <set>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/strip.h"
#include "hosted_service.h"
#include "ndx/adapter/v1/adapter_service.pb.h"
#include "ndx/adapters/host/adapter_kinds.h"
#include "ndx/core/mutex.h"
#include "ndx/core/status_macros.h"
#include "ndx/core/system_id.h"
#include "ndx/crypto/private_key.h"
#include "ndx/settings/settings_loader.h"
#include "ndx/transport/event_loop_group.h"
#include "ndx/transport/server.h"

namespace ndx::host {
namespace {

using connector::v1::HostedAdapter;
using connector::v1::HostSettings;
using telemetry::LogEvent;

absl::Duration ToDuration(const google::protobuf::Duration& duration) {
  return absl::Seconds(duration.seconds()) + absl::Nanoseconds(duration.nanos());
}

// What a node sends beside the caller's own metadata.
std::vector<std::string> KeysFromTheNode() {
  std::vector<std::string> keys = transport::CallerMetadataKeys();
  keys.emplace_back(sdk::kIdempotencyKey);
  keys.emplace_back(sdk::kConsumerKey);
  return keys;
}

absl::StatusOr<transport::ListenAddress> AddressOf(const HostedAdapter& adapter) {
  transport::ListenAddress address;
  address.address = adapter.listen();
  address.unix_mode = 0;
  for (const char digit : adapter.socket_mode()) {
    if (digit < '0' || digit > '7' || address.unix_mode > 0777) {
      return absl::InvalidArgumentError(
          absl::StrCat(adapter.name(), ": socket_mode is no octal number up to 0777"));
    }
    address.unix_mode = address.unix_mode * 8 + static_cast<uint32_t>(digit - '0');
  }
  if (adapter.has_tls()) {
    NDX_ASSIGN_OR_RETURN(const auto key, crypto::PrivateKey::Read(adapter.tls().key_file()));
    address.tls = {.certificate_chain = adapter.tls().certificate_file(),
                   .private_key = adapter.tls().key_file(),
                   .peer_ca = adapter.tls().client_ca_file(),
                   .key = key.handle()};
  }
  return address;
}

absl::StatusOr<std::set<std::string>> CallersOf(const HostedAdapter& adapter) {
  std::set<std::string> uris;
  for (const std::string& caller : adapter.tls().callers()) {
    const auto system = core::SystemId::Parse(caller);
    if (!system.ok()) {
      return absl::InvalidArgumentError(
          absl::StrCat(adapter.name(), ": callers: ", system.status().message()));
    }
    uris.insert(system->uri());
  }
  return uris;
}

absl::StatusOr<std::shared_ptr<const sdk::AnswerSigner>> SignerOf(const HostedAdapter& adapter,
                                                                  const core::Clock& clock) {
  if (adapter.signing_key_file().empty()) return nullptr;
  auto key = crypto::SigningPrivateKey::Load(adapter.signing_key_file());
  if (!key.ok()) {
    return absl::Status(
        key.status().code(),
        absl::StrCat(adapter.name(), ": signing_key_file: ", key.status().message()));
  }
  return std::make_shared<const sdk::AnswerSigner>(*std::move(key), clock);
}

// The answer to the host's own question about health, on a worker thread.
class HealthReply final : public sdk::AdapterReply {
 public:
  explicit HealthReply(std::function<void(const adapter::v1::CheckHealthResponse&)> done)
      : done_(std::move(done)) {}

 private:
  void DeliverMessage(sdk::MessageBytes message) override {
    adapter::v1::CheckHealthResponse health;
    if (health.ParseFromString(*message)) done_(health);
  }
  void DeliverFinish(absl::Status) override {}

  const std::function<void(const adapter::v1::CheckHealthResponse&)> done_;
};

}  // namespace

absl::StatusOr<HostSettings> ReadHostSettings(const std::string& file,
                                              const std::vector<std::string>& names) {
  HostSettings settings;
  NDX_RETURN_IF_ERROR(settings::LoadSettings({file}, settings, nullptr));
  std::set<std::string> known;
  std::set<std::string> addresses;
  for (HostedAdapter& adapter : *settings.mutable_adapters()) {
    if (adapter.name().empty()) adapter.set_name(adapter.kind());
    if (!known.insert(adapter.name()).second) {
      return absl::InvalidArgumentError(
          absl::StrCat(file, ": two adapters named ", adapter.name()));
    }
    if (absl::string_view path = adapter.listen(); absl::ConsumePrefix(&path, "unix:")) {
      adapter.set_listen(absl::StrCat("unix:", settings::ResolvePath(file, path)));
    }
    const bool any_port = adapter.listen().size() > 2 &&
                          adapter.listen().compare(adapter.listen().size() - 2, 2, ":0") == 0;
    if (!any_port && !addresses.insert(adapter.listen()).second) {
      return absl::InvalidArgumentError(
          absl::StrCat(file, ": two adapters listen on ", adapter.listen()));
    }
    adapter.set_config_file(settings::ResolvePath(file, adapter.config_file()));
    adapter.set_signing_key_file(settings::ResolvePath(file, adapter.signing_key_file()));
    if (!adapter.has_tls()) continue;
    auto& tls = *adapter.mutable_tls();
    tls.set_certificate_file(settings::ResolvePath(file, tls.certificate_file()));
    tls.set_key_file(settings::ResolvePath(file, tls.key_file()));
    tls.set_client_ca_file(settings::ResolvePath(file, tls.client_ca_file()));
  }
  for (const std::string& name : names) {
    if (known.count(name) == 0) {
      return absl::NotFoundError(absl::StrCat(file, ": no adapter named ", name,
                                              "; named are: ", absl::StrJoin(known, ", ")));
    }
  }
  if (!names.empty()) {
    auto& all = *settings.mutable_adapters();
    all.erase(std::remove_if(all.begin(), all.end(),
                             [&](const HostedAdapter& adapter) {
                               return std::count(names.begin(), names.end(), adapter.name()) == 0;
                             }),
              all.end());
  }
  return settings;
}

// One adapter, its listener and what is known of its database.
class AdapterHost::Hosted final : public transport::ServerObserver {
 public:
  Hosted(std::string name, std::unique_ptr<sdk::Adapter> adapter, std::set<std::string> callers,
         std::shared_ptr<const sdk::AnswerSigner> signer, telemetry::Log& log)
      : name_(std::move(name)),
        log_(log),
        adapter_(std::move(adapter)),
        service_(*adapter_, std::move(callers), std::move(signer)) {}

  absl::Status Listen(transport::EventLoopGroup& loops, core::Random& random,
                      transport::ListenAddress address) {
    transport::ServerOptions options;
    options.listen = {std::move(address)};
    options.allowed_keys = KeysFromTheNode();
    server_ =
        std::make_unique<transport::Server>(loops, random, std::move(options), service_, *this);
    NDX_ASSIGN_OR_RETURN(const std::vector<uint16_t> ports, server_->Start());
    port_ = ports.front();
    log_.Write(LogEvent::kAdapterStarted,
               {{"adapter", name_}, {"service", adapter_->descriptor().services.front()}});
    return absl::OkStatus();
  }

  void OnHandshakeRefused(absl::string_view address, transport::HandshakeRefusal refusal,
                          absl::string_view) override {
    log_.Write(LogEvent::kHandshakeRefused, {{"adapter", name_},
                                             {"address", address},
                                             {"cause", transport::HandshakeRefusalName(refusal)}});
  }

  // Asks for health; what has changed since the last time is logged.
  void AskHealth() {
    sdk::AdapterCall call;
    call.method = "/ndx.adapter.v1.AdapterService/CheckHealth";
    call.request = std::make_shared<const std::string>();
    adapter_->Begin(std::move(call),
                    std::make_shared<HealthReply>(
                        [this](const adapter::v1::CheckHealthResponse& health) { Note(health); }));
  }

  uint16_t port() const { return port_; }
  transport::Server& server() { return *server_; }
  HostedService& service() { return service_; }
  const std::string& name() const { return name_; }

  void Stop() {
    if (server_ != nullptr) server_->Stop();
    server_.reset();
  }

 private:
  void Note(const adapter::v1::CheckHealthResponse& health) {
    {
      core::MutexLock lock(mutex_);
      if (asked_ && serving_ == health.serving()) return;
      asked_ = true;
      serving_ = health.serving();
    }
    if (health.serving()) {
      log_.Write(LogEvent::kDatabaseUp, {{"adapter", name_}});
    } else {
      log_.Write(LogEvent::kDatabaseDown, {{"adapter", name_}, {"error", health.detail()}});
    }
  }

  const std::string name_;
  telemetry::Log& log_;
  core::Mutex mutex_;
  bool asked_ ABSL_GUARDED_BY(mutex_) = false;
  bool serving_ ABSL_GUARDED_BY(mutex_) = false;
  // After what its workers use at their end.
  const std::unique_ptr<sdk::Adapter> adapter_;
  HostedService service_;
  uint16_t port_ = 0;
  std::unique_ptr<transport::Server> server_;
};

// Loops first, so that they are the last to go: adapters post to them until their workers have
// ended.
struct AdapterHost::Running {
  Running(const core::Clock& clock, const HostSettings& host_settings)
      : settings(host_settings), loops(clock, host_settings.event_loops(), "adapter") {}

  void ScheduleHealth() {
    for (const auto& hosted : adapters) hosted->AskHealth();
    loops.loop(0).RunAfter(ToDuration(settings.health_interval()), [this] { ScheduleHealth(); });
  }

  const HostSettings settings;
  transport::EventLoopGroup loops;
  std::vector<std::unique_ptr<Hosted>> adapters;
};

AdapterHost::AdapterHost(const core::Clock& clock, core::Random& random, telemetry::Log& log)
    : clock_(clock), random_(random), log_(log) {}

AdapterHost::~AdapterHost() {
  if (running_ == nullptr) return;
  for (const auto& hosted : running_->adapters) hosted->Stop();
  // The timer that asks for health runs on the loops and uses the adapters.
  running_->loops.Stop();
  for (const auto& hosted : running_->adapters) {
    log_.Write(LogEvent::kAdapterStopped, {{"adapter", hosted->name()}});
  }
  running_->adapters.clear();
}

absl::Status AdapterHost::Start(const HostSettings& settings) {
  running_ = std::make_unique<Running>(clock_, settings);
  for (const HostedAdapter& adapter : settings.adapters()) {
    NDX_ASSIGN_OR_RETURN(auto made, MakeAdapter(adapter.kind(), adapter.config_file(), clock_));
    NDX_ASSIGN_OR_RETURN(auto callers, CallersOf(adapter));
    NDX_ASSIGN_OR_RETURN(auto signer, SignerOf(adapter, clock_));
    running_->adapters.push_back(std::make_unique<Hosted>(
        adapter.name(), std::move(made), std::move(callers), std::move(signer), log_));
  }
  running_->loops.Start();
  for (size_t i = 0; i < running_->adapters.size(); ++i) {
    NDX_ASSIGN_OR_RETURN(auto address, AddressOf(settings.adapters(static_cast<int>(i))));
    NDX_RETURN_IF_ERROR(
        running_->adapters[i]->Listen(running_->loops, random_, std::move(address)));
  }
  running_->loops.loop(0).Post([running = running_.get()] { running->ScheduleHealth(); });
  return absl::OkStatus();
}

std::vector<uint16_t> AdapterHost::ports() const {
  std::vector<uint16_t> ports;
  for (const auto& hosted : running_->adapters) ports.push_back(hosted->port());
  return ports;
}

bool AdapterHost::Drain() {
  core::Mutex mutex;
  core::CondVar changed;
  size_t left = running_->adapters.size();
  bool clean = true;
  for (const auto& hosted : running_->adapters) hosted->service().BeginDraining();
  for (const auto& hosted : running_->adapters) {
    hosted->server().Drain(ToDuration(running_->settings.drain_timeout()), [&](bool drained) {
      core::MutexLock lock(mutex);
      clean = clean && drained;
      --left;
      changed.NotifyAll();
    });
  }
  core::MutexLock lock(mutex);
  while (left > 0) changed.Wait(mutex);
  return clean;
}

}  // namespace ndx::host
