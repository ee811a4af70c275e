// Services that a peer's feed brings: the part of SnapshotBuilder that makes entries of them, as
// the registry would have them with `via_peer`. What the registry itself has by the same name comes
// first.
#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "ndx/core/limits.h"
#include "ndx/crypto/digest.h"
#include "ndx/settings/settings_loader.h"
#include "snapshot_builder.h"

namespace ndx::registry {

void SnapshotBuilder::BuildPeerServices() {
  if (source_.peer_feeds == nullptr) return;
  for (size_t i = 0; i < snapshot_->peers_.size(); ++i) {
    const PeerEntry& peer = *snapshot_->peers_[i];
    if (peer.wanted_services.empty()) continue;
    const PeerFeeds::Feed feed = source_.peer_feeds->Of(peer.system->id);
    if (feed == nullptr) continue;
    std::map<std::string, const std::string*> contracts;
    for (const std::string& contract : feed->contracts()) {
      const crypto::Digest digest = crypto::Sha256Of({contract});
      contracts.emplace(crypto::AsBytes(digest), &contract);
    }
    for (const exchange::v1::FeedService& fed : feed->services()) {
      if (!peer.Wants(fed.name()) || snapshot_->FindService(fed.name()) != nullptr) continue;
      const auto contract = contracts.find(fed.contract_sha256());
      const std::string path = absl::StrCat("feed of ", peer.system->id.text(), ": ", fed.name());
      if (contract != contracts.end()) BuildPeerService(fed, *contract->second, peer, path);
    }
    descriptor_sets_[absl::StrCat("feed:", peer.system->id.text())] = feed->version();
  }
}

void SnapshotBuilder::BuildPeerService(const exchange::v1::FeedService& fed,
                                       const std::string& contract, const PeerEntry& peer,
                                       const std::string& path) {
  std::vector<std::string> nodes = {peer.system->id.text()};
  nodes.insert(nodes.end(), fed.nodes().begin(), fed.nodes().end());
  const bool back_here =
      std::find(nodes.begin(), nodes.end(), source_.node_system.text()) != nodes.end();
  if (back_here || static_cast<int>(nodes.size()) >= kFeedNodesMax) return;
  v1::Service service;
  service.set_name(fed.name());
  for (const exchange::v1::FeedProvider& offered : fed.providers()) {
    const SystemEntry* const system = SystemOfFeed(offered, path);
    if (system == nullptr) return;
    v1::Provider& provider = *service.add_providers();
    provider.set_system(system->id.text());
    provider.set_via_peer(peer.system->id.text());
    if (peer.keeps) provider.set_keep(v1::KEEP_POLICY_KEEP);
  }
  // Nothing of the contract's source is required here: it came with the feed.
  const absl::Status completed = settings::CompleteSettings(service);
  if (!completed.ok()) return Fault(path, fed.name(), completed.message());
  auto entry = std::make_unique<ServiceEntry>(
      ServiceEntry{.name = fed.name(),
                   .title_vi = fed.title_vi(),
                   .title_en = fed.title_en(),
                   .fed_by = &peer,
                   .feed_nodes = std::move(nodes),
                   .in_use = ReadDates(fed.valid_from(), fed.valid_to(), path)});
  BuildProviders(service, path, *entry);
  const absl::Status added = descriptors_.Add(path, contract);
  if (!added.ok()) return Fault(path, fed.name(), added.message());
  FinishService(service, path, std::move(entry));
}

// A provider that the registry does not have is known by what the feed says of it: without a
// certificate, so that it cannot call here.
const SystemEntry* SnapshotBuilder::SystemOfFeed(const exchange::v1::FeedProvider& provider,
                                                 const std::string& path) {
  const auto id = CanonicalSystemId(provider.system());
  if (!id) {
    Fault(path, provider.system(), "is no name of a system");
    return nullptr;
  }
  const SystemEntry* const known = snapshot_->FindSystem(id->text());
  if (known != nullptr) return known;
  const MemberEntry* member = snapshot_->FindMember(id->member());
  if (member == nullptr) {
    auto code = AgencyCode::Parse(id->member());
    if (!code.ok()) return nullptr;  // CanonicalSystemId() has seen to it
    auto added = std::make_unique<MemberEntry>(MemberEntry{.code = *std::move(code),
                                                           .name_vi = provider.member().name_vi(),
                                                           .name_en = provider.member().name_en()});
    member = added.get();
    snapshot_->member_by_code_.emplace(added->code.text(), member);
    snapshot_->members_.push_back(std::move(added));
  }
  auto system = std::make_unique<SystemEntry>(SystemEntry{
      .id = *id, .member = member, .name_vi = provider.name_vi(), .name_en = provider.name_en()});
  const SystemEntry* const made = system.get();
  snapshot_->system_by_id_.emplace(id->text(), made);
  snapshot_->systems_.push_back(std::move(system));
  return made;
}

bool SnapshotBuilder::Awaited(absl::string_view method) {
  const absl::string_view service = method.substr(0, method.find('/'));
  const bool awaited = snapshot_->FindService(service) == nullptr &&
                       std::any_of(snapshot_->peers_.begin(), snapshot_->peers_.end(),
                                   [&](const auto& peer) { return peer->Wants(service); });
  if (awaited) snapshot_->awaited_.emplace_back(method);
  return awaited;
}

}  // namespace ndx::registry
