// Services and providers of a registry: the part of SnapshotBuilder that reads descriptor sets and
// endpoints.
#include <sys/un.h>

#include <algorithm>
#include <filesystem>
#include <system_error>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "ndx/registry/contract_source.h"
#include "ndx/settings/nearest_name.h"
#include "snapshot_builder.h"

namespace ndx::registry {
namespace {

namespace fs = std::filesystem;
using google::protobuf::ServiceDescriptor;

constexpr size_t kSocketPathMax = sizeof(sockaddr_un::sun_path) - 1;
constexpr size_t kHostBytesMax = 253;  // RFC 1035, in text form

absl::Duration FromProto(const google::protobuf::Duration& duration) {
  return absl::Seconds(duration.seconds()) + absl::Nanoseconds(duration.nanos());
}

std::vector<std::string> AdapterNames(const RegistrySource& source) {
  std::vector<std::string> names;
  for (const auto& [name, descriptors] : source.embedded_adapters) names.push_back(name);
  return names;
}

bool IsHostCharacter(char c) {
  return absl::ascii_isalnum(static_cast<unsigned char>(c)) || c == '.' || c == '-' || c == '_';
}

// host:port and [v6]:port.
bool ParseHostPort(absl::string_view text, Endpoint& endpoint) {
  const size_t colon = text.rfind(':');
  if (colon == absl::string_view::npos) return false;
  absl::string_view host = text.substr(0, colon);
  const absl::string_view port = text.substr(colon + 1);
  const bool bracketed = absl::ConsumePrefix(&host, "[") && absl::ConsumeSuffix(&host, "]");
  const bool formed = !host.empty() && host.size() <= kHostBytesMax &&
                      std::all_of(host.begin(), host.end(), [&](char c) {
                        return bracketed ? absl::ascii_isxdigit(static_cast<unsigned char>(c)) ||
                                               c == ':' || c == '.'
                                         : IsHostCharacter(c);
                      });
  uint32_t number = 0;
  const bool port_formed = !port.empty() && port.size() <= 5 && port[0] != '0' &&
                           absl::ascii_isdigit(static_cast<unsigned char>(port[0])) &&
                           absl::SimpleAtoi(port, &number) && number <= 65535;
  if (!formed || !port_formed) return false;
  endpoint.host = std::string(host);
  endpoint.port = static_cast<uint16_t>(number);
  return true;
}

// Addresses that do not leave the machine. Names other than localhost are not looked up.
bool IsLoopback(absl::string_view host) {
  if (host == "localhost" || host == "::1") return true;
  if (!absl::ConsumePrefix(&host, "127.")) return false;
  return std::all_of(host.begin(), host.end(), [](char c) {
    return absl::ascii_isdigit(static_cast<unsigned char>(c)) || c == '.';
  });
}

bool Exists(const std::string& file) {
  std::error_code error;
  return fs::exists(file, error);
}

}  // namespace

void SnapshotBuilder::BuildServices() {
  for (int i = 0; i < document_.services_size(); ++i) {
    BuildService(document_.services(i), absl::StrCat("services[", i, "]"));
  }
}

void SnapshotBuilder::BuildService(const v1::Service& service, const std::string& path) {
  auto entry = std::make_unique<ServiceEntry>(
      ServiceEntry{.name = service.name(),
                   .title_vi = service.title_vi(),
                   .title_en = service.title_en(),
                   .in_use = ReadDates(service.valid_from(), service.valid_to(), path),
                   .share = service.share()});
  if (snapshot_->FindService(service.name()) != nullptr) {
    Fault(path + ".name", service.name(), "is a service already");
    return;
  }
  BuildProviders(service, path, *entry);
  if (LoadDescriptors(service, path)) FinishService(service, path, std::move(entry));
}

bool SnapshotBuilder::FinishService(const v1::Service& service, const std::string& path,
                                    std::unique_ptr<ServiceEntry> entry) {
  entry->descriptor = snapshot_->pool().FindServiceByName(service.name());
  if (entry->descriptor == nullptr) {
    Fault(path + ".name", service.name(), "is not a service of its descriptors");
    return false;
  }
  BuildMethods(&service, path, *entry);
  SetLeastMethod(service, path, *entry);
  snapshot_->service_by_name_.emplace(entry->name, entry.get());
  snapshot_->services_.push_back(std::move(entry));
  return true;
}

bool SnapshotBuilder::LoadDescriptors(const v1::Service& service, const std::string& path) {
  if (!service.descriptor_set().empty()) {
    if (!service.adapter().empty()) {
      Fault(path + ".adapter", service.adapter(), "excludes descriptor_set, which is given too");
      return false;
    }
    return LoadDescriptorFile(service.descriptor_set(), path + ".descriptor_set");
  }
  const std::string adapter = AdapterOf(service);
  if (adapter.empty()) {
    Fault(path + ".descriptor_set", "", "is required, unless an embedded adapter is named");
    return false;
  }
  const auto embedded = source_.embedded_adapters.find(adapter);
  if (embedded == source_.embedded_adapters.end()) {
    // An endpoint that names it has a fault of its own.
    if (!service.adapter().empty()) {
      Fault(path + ".adapter", adapter,
            absl::StrCat("is not an adapter of this node",
                         settings::NearestHint(adapter, AdapterNames(source_))));
    }
    return false;
  }
  const absl::Status added = descriptors_.Add(absl::StrCat("adapter ", adapter), embedded->second);
  if (!added.ok()) {
    Fault(path, absl::StrCat("adapter ", adapter), added.message());
    return false;
  }
  descriptor_sets_[absl::StrCat("embedded:", adapter)] = embedded->second;
  return true;
}

bool SnapshotBuilder::LoadDescriptorFile(const std::string& named, const std::string& path) {
  auto bytes = ReadContract(named, ResolveFile(path, named), source_);
  const absl::Status added = bytes.ok() ? descriptors_.Add(named, *bytes) : bytes.status();
  if (!added.ok()) {
    Fault(path, named, added.message());
    return false;
  }
  descriptor_sets_[absl::StrCat("file:", named)] = *std::move(bytes);
  return true;
}

void SnapshotBuilder::BuildProviders(const v1::Service& service, const std::string& path,
                                     ServiceEntry& entry) {
  for (int i = 0; i < service.providers_size(); ++i) {
    const v1::Provider& provider = service.providers(i);
    const std::string provider_path = absl::StrCat(path, ".providers[", i, "]");
    const SystemEntry* system = ResolveSystem(provider.system(), provider_path + ".system");
    const PeerEntry* const via =
        provider.via_peer().empty() ? nullptr : ReadViaPeer(provider, provider_path);
    if (via == nullptr && !provider.via_peer().empty()) continue;
    const std::optional<Endpoint> endpoint =
        via != nullptr ? via->endpoint : ReadEndpoint(provider, provider_path);
    if (system == nullptr || !endpoint) continue;
    const bool twice =
        std::any_of(entry.providers.begin(), entry.providers.end(),
                    [&](const ProviderEntry& other) { return other.system == system; });
    if (twice) Fault(provider_path + ".system", provider.system(), "is a provider already");
    const v1::ProviderLimits& limits = provider.limits();
    const v1::BreakerSettings& breaker = limits.breaker();
    entry.providers.push_back({.system = system,
                               .endpoint = *endpoint,
                               .concurrent_calls = limits.concurrent_calls(),
                               .breaker = {.consecutive_failures = breaker.consecutive_failures(),
                                           .open_for = FromProto(breaker.open_for()),
                                           .failure_percent = breaker.failure_percent(),
                                           .window_calls = breaker.window_calls(),
                                           .window = FromProto(breaker.window())},
                               .connect_timeout = FromProto(limits.connect_timeout()),
                               .retry_budget_percent = limits.retry_budget_percent(),
                               .waiting_calls = limits.waiting_calls(),
                               .waiting_time = FromProto(limits.waiting_time()),
                               .signed_answers = provider.signed_answers(),
                               .via = via,
                               .keeps = provider.keep() == v1::KEEP_POLICY_KEEP});
    if (provider.signed_answers() && system->signing_keys.empty()) {
      Fault(provider_path + ".signed_answers", "",
            absl::StrCat("needs signing_keys of ", system->id.text(), ", which has none"));
    }
  }
}

std::optional<Endpoint> SnapshotBuilder::ReadEndpoint(const v1::Provider& provider,
                                                      const std::string& path) {
  const std::string endpoint_path = path + ".endpoint";
  absl::string_view text = provider.endpoint();
  if (text.empty()) {
    Fault(endpoint_path, "", "is required, unless the provider is reached through a peer");
    return std::nullopt;
  }
  Endpoint endpoint;
  if (absl::ConsumePrefix(&text, "unix:")) {
    endpoint.kind = Endpoint::Kind::kUnix;
    endpoint.target = ResolveFile(endpoint_path, std::string(text));
    if (text.empty() || endpoint.target.size() > kSocketPathMax) {
      Fault(endpoint_path, provider.endpoint(),
            absl::StrCat("must have a socket path of 1 to ", kSocketPathMax, " bytes"));
      return std::nullopt;
    }
  } else if (absl::ConsumePrefix(&text, "embedded:")) {
    endpoint.kind = Endpoint::Kind::kEmbedded;
    endpoint.target = std::string(text);
    if (source_.embedded_adapters.count(endpoint.target) == 0) {
      Fault(endpoint_path, provider.endpoint(),
            absl::StrCat("is not an adapter of this node",
                         settings::NearestHint(text, AdapterNames(source_))));
      return std::nullopt;
    }
  } else if (ParseHostPort(text, endpoint)) {
    endpoint.kind = provider.has_tls() ? Endpoint::Kind::kTcpTls : Endpoint::Kind::kTcpPlain;
    if (!provider.has_tls() && !IsLoopback(endpoint.host)) {
      Fault(endpoint_path, provider.endpoint(),
            "leaves the machine and needs `tls`; plaintext is for loopback addresses");
      return std::nullopt;
    }
  } else {
    Fault(endpoint_path, provider.endpoint(),
          "must be unix:/path, host:port or embedded:<adapter name>");
    return std::nullopt;
  }
  if (!provider.has_tls()) return endpoint;
  if (endpoint.kind != Endpoint::Kind::kTcpTls) {
    Fault(path + ".tls", "", "is for host:port endpoints only");
    return std::nullopt;
  }
  if (!ReadTls(provider, path + ".tls", endpoint)) return std::nullopt;
  return endpoint;
}

bool SnapshotBuilder::ReadTls(const v1::Provider& provider, const std::string& path,
                              Endpoint& endpoint) {
  const v1::ProviderTls& tls = provider.tls();
  bool good = true;
  const auto read = [&](const std::string& file, absl::string_view name, std::string& to) {
    if (file.empty()) return;
    const std::string file_path = absl::StrCat(path, ".", name);
    to = ResolveFile(file_path, file);
    if (Exists(to)) return;
    Fault(file_path, file, "is not there");
    good = false;
  };
  read(tls.ca_file(), "ca_file", endpoint.ca_file);
  read(tls.certificate_file(), "certificate_file", endpoint.certificate_file);
  read(tls.key_file(), "key_file", endpoint.key_file);
  if (tls.certificate_file().empty() != tls.key_file().empty()) {
    Fault(path, "", "must have certificate_file and key_file together");
    good = false;
  }
  endpoint.server_name = tls.server_name().empty() ? endpoint.host : tls.server_name();
  return good;
}

// The node's own services have no entry in the registry that could say this. They run inside the
// node: a failure is the node's, and a breaker would only hide it.
constexpr uint32_t kNodeServiceCallsMax = 4096;  // most of them only wait (WaitOutcome)
constexpr uint32_t kNodeServiceWaitingMax = 1024;
constexpr absl::Duration kNodeServiceWait = absl::Seconds(1);
const BreakerRules kNodeServiceBreaker = {.consecutive_failures = 1'000'000,
                                          .open_for = absl::Milliseconds(100),
                                          .failure_percent = 100,
                                          .window_calls = 1'000'000,
                                          .window = absl::Minutes(1)};

void SnapshotBuilder::BuildNodeServices() {
  if (source_.node_services.empty()) return;
  const SystemEntry* node = snapshot_->FindSystem(source_.node_system.text());
  if (node == nullptr) {
    Fault("systems", source_.node_system.text(),
          "is this node's own system (node.system) and not in the registry");
    return;
  }
  for (const ServiceDescriptor* linked : source_.node_services) {
    if (snapshot_->FindService(linked->full_name()) != nullptr) {
      Fault("services", linked->full_name(), "is a service of the node itself");
      continue;
    }
    const absl::Status added = descriptors_.AddLinked(*linked->file());
    if (!added.ok()) {
      Fault("services", linked->full_name(), added.message());
      continue;
    }
    auto entry = std::make_unique<ServiceEntry>(
        ServiceEntry{.name = linked->full_name(),
                     .descriptor = snapshot_->pool().FindServiceByName(linked->full_name()),
                     .of_node = true});
    entry->providers.push_back({.system = node,
                                .endpoint = {.kind = Endpoint::Kind::kNode},
                                .concurrent_calls = kNodeServiceCallsMax,
                                .breaker = kNodeServiceBreaker,
                                .waiting_calls = kNodeServiceWaitingMax,
                                .waiting_time = kNodeServiceWait});
    BuildMethods(nullptr, "services", *entry);
    snapshot_->service_by_name_.emplace(entry->name, entry.get());
    snapshot_->services_.push_back(std::move(entry));
  }
}

void SnapshotBuilder::SetLeastMethod(const v1::Service& service, const std::string& path,
                                     ServiceEntry& entry) {
  const std::string& own = service.least_method();
  const std::string& name =
      own.empty() ? entry.descriptor->options().GetExtension(options::v1::service).least_method()
                  : own;
  const auto found =
      std::find_if(entry.methods.begin(), entry.methods.end(),
                   [&](const MethodEntry* each) { return each->descriptor->name() == name; });
  if (found != entry.methods.end()) {
    entry.least_method = *found;
  } else if (!name.empty()) {
    Fault(path + ".least_method", name,
          own.empty() ? "is what the contract names, and no method of it"
                      : "is not a method of the service");
  } else if (entry.methods.size() == 1) {
    entry.least_method = entry.methods.front();
  }
}

void SnapshotBuilder::BuildMethods(const v1::Service* service, const std::string& path,
                                   ServiceEntry& entry) {
  const ServiceDescriptor& descriptor = *entry.descriptor;
  std::vector<std::string> names;
  names.reserve(static_cast<size_t>(descriptor.method_count()));
  for (int i = 0; i < descriptor.method_count(); ++i) {
    names.push_back(descriptor.method(i)->name());
  }
  std::map<std::string, std::pair<const v1::MethodSettings*, std::string>> settings;
  for (int i = 0; service != nullptr && i < service->methods_size(); ++i) {
    const v1::MethodSettings& method = service->methods(i);
    const std::string method_path = absl::StrCat(path, ".methods[", i, "]");
    if (descriptor.FindMethodByName(method.name()) == nullptr) {
      Fault(method_path + ".name", method.name(),
            absl::StrCat("is not a method of the service",
                         settings::NearestHint(method.name(), names)));
    } else if (!settings.emplace(method.name(), std::make_pair(&method, method_path)).second) {
      Fault(method_path + ".name", method.name(), "is listed already");
    }
  }
  for (int i = 0; i < descriptor.method_count(); ++i) {
    const auto own = settings.find(descriptor.method(i)->name());
    const bool has_own = own != settings.end();
    auto method = BuildMethod(*descriptor.method(i), has_own ? own->second.first : nullptr,
                              has_own ? own->second.second : path);
    if (method == nullptr) continue;
    method->service = &entry;
    entry.methods.push_back(method.get());
    snapshot_->method_by_path_.emplace(method->path, method.get());
    method_to_fill_.emplace(method->path, method.get());
    snapshot_->methods_.push_back(std::move(method));
  }
}

}  // namespace ndx::registry
