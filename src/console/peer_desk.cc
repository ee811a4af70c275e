#include "ndx/console/peer_desk.h"

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "ndx/console/exchange_view.h"
#include "ndx/core/status_macros.h"
#include "ndx/journal/append_and_wait.h"
#include "ndx/registry/v1/kept_feed.pb.h"
#include "ndx/store/directory.h"
#include "ndx/store/whole_file.h"

namespace ndx::console {
namespace {

using exchange::v1::GetServiceFeedResponse;
using registry::PeerEntry;
using telemetry::LogEvent;

// An answer has at most the method's message_bytes_max; a receipt and a little stand beside it.
constexpr size_t kKeptFeedBytesMax = size_t{80} << 20;

v1::PeerView ViewOf(const PeerEntry& peer) {
  v1::PeerView view;
  view.set_system(peer.system->id.text());
  if (peer.endpoint.has_value()) view.set_endpoint(peer.endpoint->ToString());
  view.set_relays_here(!peer.assertion_keys.empty());
  view.mutable_wanted_services()->Add(peer.wanted_services.begin(), peer.wanted_services.end());
  return view;
}

}  // namespace

std::string PeerDesk::FileOf(const PeerEntry& peer) const {
  return absl::StrCat(parts_.directory, "/",
                      absl::StrReplaceAll(peer.system->id.text(), {{":", "_"}}), ".feed");
}

void PeerDesk::Restore() {
  const core::MutexLock one_at_a_time(refreshing_);
  const auto snapshot = parts_.registry.Current();
  bool any = false;
  for (const auto& peer : snapshot->peers()) {
    if (peer->wanted_services.empty()) continue;
    const absl::Status restored = RestoreOne(*peer);
    any = any || restored.ok();
    if (!absl::IsNotFound(restored)) SetTrouble(*peer, restored);
  }
  if (!any) return;
  const absl::Status rebuilt = parts_.rebuild();
  if (rebuilt.ok()) return;
  // The registry has changed since, and does not fit them any more.
  for (const auto& peer : snapshot->peers()) {
    if (parts_.feeds.Put(peer->system->id, nullptr) != nullptr) SetTrouble(*peer, rebuilt);
  }
}

absl::Status PeerDesk::RestoreOne(const PeerEntry& peer) {
  NDX_ASSIGN_OR_RETURN(const std::string text,
                       store::ReadWholeFile(FileOf(peer), kKeptFeedBytesMax));
  registry::v1::KeptFeed kept;
  if (!kept.ParseFromString(text)) return absl::DataLossError("the kept feed cannot be read");
  NDX_ASSIGN_OR_RETURN(
      auto feed,
      broker::VerifyFeed({.answer = kept.answer(), .receipt = kept.receipt()}, peer, parts_.node));
  parts_.feeds.Put(peer.system->id,
                   std::make_shared<const GetServiceFeedResponse>(std::move(feed)));
  const core::MutexLock lock(mutex_);
  known_[peer.system->id.text()].confirmed = absl::FromUnixNanos(kept.confirmed_unix_ns());
  return absl::OkStatus();
}

void PeerDesk::Refresh() {
  const core::MutexLock one_at_a_time(refreshing_);
  const auto snapshot = parts_.registry.Current();
  for (const auto& peer : snapshot->peers()) {
    if (!peer->wanted_services.empty()) RefreshOne(snapshot, *peer);
  }
}

void PeerDesk::RefreshOne(const std::shared_ptr<const registry::RegistrySnapshot>& snapshot,
                          const PeerEntry& peer) {
  const auto in_use = parts_.feeds.Of(peer.system->id);
  auto received = parts_.ask(snapshot, peer, in_use == nullptr ? std::string() : in_use->version());
  SetTrouble(peer, received.ok() ? Take(peer, *std::move(received)) : received.status());
}

absl::Status PeerDesk::Take(const PeerEntry& peer, broker::VerifiedFeed received) {
  const absl::Time now = parts_.clock.Now();
  NDX_RETURN_IF_ERROR(store::MakeDirectory(parts_.directory, nullptr));
  registry::v1::KeptFeed kept;
  if (received.feed.unchanged()) {
    NDX_ASSIGN_OR_RETURN(const std::string text,
                         store::ReadWholeFile(FileOf(peer), kKeptFeedBytesMax));
    if (!kept.ParseFromString(text)) return absl::DataLossError("the kept feed cannot be read");
  } else {
    const auto before = parts_.feeds.Put(
        peer.system->id, std::make_shared<const GetServiceFeedResponse>(std::move(received.feed)));
    const absl::Status rebuilt = parts_.rebuild();
    if (!rebuilt.ok()) {
      parts_.feeds.Put(peer.system->id, before);
      return rebuilt;
    }
    kept.set_peer(peer.system->id.text());
    kept.set_answer(std::move(received.answer.answer));
    kept.set_receipt(std::move(received.answer.receipt));
    NDX_RETURN_IF_ERROR(Record(peer));
  }
  kept.set_confirmed_unix_ns(absl::ToUnixNanos(now));
  NDX_RETURN_IF_ERROR(store::WriteWholeFile(FileOf(peer), kept.SerializeAsString(), nullptr));
  const core::MutexLock lock(mutex_);
  known_[peer.system->id.text()].confirmed = now;
  return absl::OkStatus();
}

absl::Status PeerDesk::Record(const PeerEntry& peer) const {
  journal::v1::JournalLeaf leaf;
  leaf.set_event(journal::v1::JOURNAL_EVENT_REGISTRY_CHANGED);
  leaf.set_registry_version(parts_.registry.Current()->version());
  leaf.set_operator_name(peer.system->id.text());
  leaf.set_operator_action("GetServiceFeed");
  return journal::AppendAndWait(parts_.journal, {.leaf = std::move(leaf)}).status();
}

// Told when it begins, changes and ends, not at every question.
void PeerDesk::SetTrouble(const PeerEntry& peer, const absl::Status& status) {
  const std::string trouble(status.message());
  {
    const core::MutexLock lock(mutex_);
    std::string& known = known_[peer.system->id.text()].trouble;
    if (std::exchange(known, trouble) == trouble) return;
  }
  if (status.ok()) {
    parts_.log.Write(LogEvent::kPeerFeedBack, {{"peer", peer.system->id.text()}});
  } else {
    parts_.log.Write(LogEvent::kPeerFeedRefused,
                     {{"peer", peer.system->id.text()}, {"error", status}});
  }
}

v1::ListPeersResponse PeerDesk::List() const {
  v1::ListPeersResponse response;
  const auto registry = parts_.registry.Current();
  const core::MutexLock lock(mutex_);
  for (const auto& peer : registry->peers()) {
    v1::PeerView& view = *response.add_peers();
    view = ViewOf(*peer);
    for (const auto& service : registry->services()) {
      if (service->fed_by == peer.get()) view.add_services(service->name);
    }
    if (const auto feed = parts_.feeds.Of(peer->system->id)) view.set_feed_version(feed->version());
    const auto known = known_.find(peer->system->id.text());
    if (known == known_.end()) continue;
    view.set_feed_trouble(known->second.trouble);
    if (known->second.confirmed != absl::InfinitePast()) {
      *view.mutable_feed_confirmed() = ToTimestamp(known->second.confirmed);
    }
  }
  response.mutable_awaited()->Add(registry->awaited().begin(), registry->awaited().end());
  return response;
}

absl::Time PeerDesk::ConfirmedOf(const std::string& peer) const {
  const core::MutexLock lock(mutex_);
  const auto known = known_.find(peer);
  return known == known_.end() ? absl::InfinitePast() : known->second.confirmed;
}

double PeerDesk::OldestSeconds() const {
  const auto registry = parts_.registry.Current();
  const absl::Time now = parts_.clock.Now();
  double oldest = 0;
  const core::MutexLock lock(mutex_);
  for (const auto& peer : registry->peers()) {
    const auto known = known_.find(peer->system->id.text());
    if (peer->wanted_services.empty() || known == known_.end()) continue;
    if (known->second.confirmed == absl::InfinitePast()) continue;
    oldest = std::max(oldest, absl::ToDoubleSeconds(now - known->second.confirmed));
  }
  return oldest;
}

}  // namespace ndx::console
