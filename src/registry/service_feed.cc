#include "ndx/registry/service_feed.h"

#include <algorithm>
#include <set>
#include <utility>
#include <vector>

#include "absl/strings/escaping.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "ndx/crypto/digest.h"

namespace ndx::registry {
namespace {

using exchange::v1::FeedService;
using exchange::v1::GetServiceFeedResponse;
using google::protobuf::FileDescriptor;
using google::protobuf::FileDescriptorSet;

void AddFile(const FileDescriptor* file, std::set<std::string>& seen, FileDescriptorSet& set) {
  // By name, not by pointer: the registry's pool and the linked-in one both hold google's files.
  if (!seen.insert(file->name()).second) return;
  for (int i = 0; i < file->dependency_count(); ++i) AddFile(file->dependency(i), seen, set);
  file->CopyTo(set.add_file());
}

// Empty for an open end.
std::string DayText(const std::optional<absl::CivilDay>& day) {
  return day.has_value() ? absl::FormatCivilTime(*day) : "";
}

// Nodes behind this one on the way to a provider of the service.
std::vector<std::string> NodesTo(const ServiceEntry& service, const ProviderEntry& provider) {
  if (!service.feed_nodes.empty()) return service.feed_nodes;
  if (provider.via == nullptr) return {};
  return {provider.via->system->id.text()};
}

bool MayGoThere(const std::vector<std::string>& nodes, const PeerEntry& peer) {
  return static_cast<int>(nodes.size()) + 2 <= kFeedNodesMax &&
         std::find(nodes.begin(), nodes.end(), peer.system->id.text()) == nodes.end();
}

void AddProvider(const SystemEntry& system, FeedService& out) {
  auto& provider = *out.add_providers();
  provider.set_system(system.id.text());
  provider.set_name_vi(system.name_vi);
  provider.set_name_en(system.name_en);
  provider.mutable_member()->set_code(system.member->code.text());
  provider.mutable_member()->set_name_vi(system.member->name_vi);
  provider.mutable_member()->set_name_en(system.member->name_en);
}

bool MayRelayAny(const ServiceEntry& service, const PeerEntry& peer) {
  return std::any_of(service.methods.begin(), service.methods.end(),
                     [&](const MethodEntry* method) { return peer.MayRelay(*method); });
}

}  // namespace

FileDescriptorSet WithImports(const std::vector<const FileDescriptor*>& files) {
  FileDescriptorSet set;
  std::set<std::string> seen;
  for (const FileDescriptor* file : files) AddFile(file, seen, set);
  return set;
}

GetServiceFeedResponse ServiceFeedOf(const RegistrySnapshot& registry, const PeerEntry& peer) {
  GetServiceFeedResponse feed;
  std::map<std::string, std::string> contracts;  // by digest
  std::vector<const ServiceEntry*> services;
  for (const auto& service : registry.services()) services.push_back(service.get());
  std::sort(services.begin(), services.end(),
            [](const ServiceEntry* a, const ServiceEntry* b) { return a->name < b->name; });
  for (const ServiceEntry* service : services) {
    if (service->of_node || !MayRelayAny(*service, peer)) continue;
    FeedService out;
    for (const ProviderEntry& provider : service->providers) {
      const std::vector<std::string> nodes = NodesTo(*service, provider);
      // One way for a service: that of its first provider which the peer can reach.
      if (!MayGoThere(nodes, peer)) continue;
      if (out.providers().empty()) out.mutable_nodes()->Assign(nodes.begin(), nodes.end());
      if (std::equal(nodes.begin(), nodes.end(), out.nodes().begin(), out.nodes().end())) {
        AddProvider(*provider.system, out);
      }
    }
    if (out.providers().empty()) continue;
    std::string contract = WithImports({service->descriptor->file()}).SerializeAsString();
    const crypto::Digest digest = crypto::Sha256Of({contract});
    out.set_name(service->name);
    out.set_title_vi(service->title_vi);
    out.set_title_en(service->title_en);
    out.set_valid_from(DayText(service->in_use.from));
    out.set_valid_to(DayText(service->in_use.to));
    out.set_contract_sha256(std::string(crypto::AsBytes(digest)));
    contracts.emplace(out.contract_sha256(), std::move(contract));
    *feed.add_services() = std::move(out);
  }
  for (auto& [digest, contract] : contracts) feed.add_contracts(std::move(contract));
  feed.set_version(FeedVersion(feed));
  return feed;
}

// Everything behind its length, so that no two contents give the same bytes. What a service says is
// framed as a whole: its serialization is the one that was sent.
std::string FeedVersion(const GetServiceFeedResponse& feed) {
  crypto::Sha256 hash;
  const auto add = [&hash](absl::string_view bytes) {
    hash.Add(absl::StrCat(bytes.size(), ":")).Add(bytes);
  };
  add("ndx-service-feed-v1");
  for (const FeedService& service : feed.services()) add(service.SerializeAsString());
  for (const std::string& contract : feed.contracts()) {
    add(crypto::AsBytes(crypto::Sha256Of({contract})));
  }
  return absl::BytesToHexString(crypto::AsBytes(hash.Finish()));
}

absl::Status CheckFeed(const GetServiceFeedResponse& feed) {
  if (feed.services_size() > kFeedServicesMax) {
    return absl::InvalidArgumentError(
        absl::StrCat("has more than ", kFeedServicesMax, " services"));
  }
  if (feed.version() != FeedVersion(feed)) {
    return absl::InvalidArgumentError("has a version that is not the one of its content");
  }
  std::set<std::string> contracts;
  for (const std::string& contract : feed.contracts()) {
    contracts.insert(std::string(crypto::AsBytes(crypto::Sha256Of({contract}))));
  }
  std::set<absl::string_view> names;
  for (const FeedService& service : feed.services()) {
    if (service.name().empty() || !names.insert(service.name()).second) {
      return absl::InvalidArgumentError("names a service twice, or not at all");
    }
    if (contracts.count(service.contract_sha256()) == 0) {
      return absl::InvalidArgumentError(
          absl::StrCat("lacks the contract of ", absl::CHexEscape(service.name())));
    }
    if (service.providers().empty()) {
      return absl::InvalidArgumentError(
          absl::StrCat("names no provider of ", absl::CHexEscape(service.name())));
    }
  }
  return absl::OkStatus();
}

bool NamesService(absl::string_view pattern, absl::string_view service) {
  if (pattern == "*") return true;
  if (!absl::ConsumeSuffix(&pattern, "*")) return pattern == service;
  return absl::EndsWith(pattern, ".") && absl::StartsWith(service, pattern);
}

PeerFeeds::Feed PeerFeeds::Of(const core::SystemId& peer) const {
  const core::MutexLock lock(mutex_);
  const auto found = feeds_.find(peer.text());
  return found == feeds_.end() ? nullptr : found->second;
}

PeerFeeds::Feed PeerFeeds::Put(const core::SystemId& peer, Feed feed) {
  const core::MutexLock lock(mutex_);
  return std::exchange(feeds_[peer.text()], std::move(feed));
}

}  // namespace ndx::registry
