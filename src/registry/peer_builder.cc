// Other nodes (nút liên thông): the part of SnapshotBuilder that reads them.
#include <algorithm>
#include <utility>
#include <vector>

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "absl/strings/strip.h"
#include "ndx/crypto/digest.h"
#include "ndx/crypto/ed25519.h"
#include "snapshot_builder.h"

namespace ndx::registry {
namespace {

// NAME+KEYID+BASE64 of a byte 0x01 and an Ed25519 key; the id is the first four bytes of SHA-256
// over name, line feed, 0x01 and key (C2SP signed-note).
bool IsJournalKey(absl::string_view text) {
  const std::vector<absl::string_view> words = absl::StrSplit(text, absl::MaxSplits('+', 2));
  std::string key;
  if (words.size() != 3 || words[0].empty() || !absl::Base64Unescape(words[2], &key) ||
      key.size() != 1 + crypto::kEd25519KeyBytes || key[0] != 1) {
    return false;
  }
  const crypto::Digest digest = crypto::Sha256Of({words[0], "\n", key});
  return absl::BytesToHexString(crypto::AsBytes(digest).substr(0, 4)) == words[1];
}

}  // namespace

void SnapshotBuilder::BuildPeers() {
  for (int i = 0; i < document_.peers_size(); ++i) {
    const v1::Peer& peer = document_.peers(i);
    const std::string path = absl::StrCat("peers[", i, "]");
    const SystemEntry* const system = ResolveSystem(peer.system(), path + ".system");
    if (system == nullptr) continue;
    if (system->id == source_.node_system) {
      Fault(path + ".system", peer.system(), "is this node itself");
      continue;
    }
    auto entry = std::make_unique<PeerEntry>(PeerEntry{.system = system});
    ReadPeerPlace(peer, path, *entry);
    ReadPeerJournalKeys(peer, path, *entry);
    ReadAssertionKeys(peer, path, *entry);
    ReadScopes(peer, path, *entry);
    ReadWantedServices(peer, path, *entry);
    if (!snapshot_->peer_by_system_.emplace(system, entry.get()).second) {
      Fault(path + ".system", peer.system(), "is a peer already");
    }
    snapshot_->peers_.push_back(std::move(entry));
  }
}

void SnapshotBuilder::ReadPeerPlace(const v1::Peer& peer, const std::string& path,
                                    PeerEntry& entry) {
  if (peer.endpoint().empty()) {
    if (peer.has_tls()) Fault(path + ".tls", "", "needs an endpoint");
    return;
  }
  if (!peer.has_tls()) {
    Fault(path + ".endpoint", peer.endpoint(), "needs `tls`: nodes know each other by certificate");
    return;
  }
  v1::Provider place;
  place.set_endpoint(peer.endpoint());
  *place.mutable_tls() = peer.tls();
  entry.endpoint = ReadEndpoint(place, path);
}

void SnapshotBuilder::ReadPeerJournalKeys(const v1::Peer& peer, const std::string& path,
                                          PeerEntry& entry) {
  for (int i = 0; i < peer.journal_keys_size(); ++i) {
    const std::string& key = peer.journal_keys(i);
    if (!IsJournalKey(key)) {
      Fault(absl::StrCat(path, ".journal_keys[", i, "]"), key,
            "is no key of a journal, NAME+ID+BASE64 as `ndxctl journal key` shows it");
    }
    entry.journal_keys.push_back(key);
  }
}

void SnapshotBuilder::ReadAssertionKeys(const v1::Peer& peer, const std::string& path,
                                        PeerEntry& entry) {
  entry.assertion_keys = ReadSigningKeys(peer.assertion_keys(), path + ".assertion_keys",
                                         absl::StrCat("peer ", peer.system()));
  for (const SigningKeyEntry& key : entry.assertion_keys) {
    if (key.key.algorithm() != crypto::SigningAlgorithm::kEdDsa) {
      Fault(path + ".assertion_keys", key.key.id(), "must be Ed25519 keys");
    }
  }
  if (peer.assertion_keys().empty() && !peer.may_speak_for().empty()) {
    Fault(path + ".may_speak_for", peer.may_speak_for(0),
          "needs assertion_keys, by which it is known that the peer says so");
  }
}

void SnapshotBuilder::ReadScopes(const v1::Peer& peer, const std::string& path, PeerEntry& entry) {
  for (int i = 0; i < peer.may_speak_for_size(); ++i) {
    const std::string& text = peer.may_speak_for(i);
    absl::string_view code = text;
    const bool below = absl::ConsumeSuffix(&code, ".*");
    auto parsed = AgencyCode::Parse(code);
    if (!parsed.ok()) {
      Fault(absl::StrCat(path, ".may_speak_for[", i, "]"), text, parsed.status().message());
      continue;
    }
    entry.may_speak_for.push_back({.code = *std::move(parsed), .below = below});
  }
}

void SnapshotBuilder::ReadWantedServices(const v1::Peer& peer, const std::string& path,
                                         PeerEntry& entry) {
  entry.wanted_services.assign(peer.services().begin(), peer.services().end());
  entry.keeps = peer.keep() == v1::KEEP_POLICY_KEEP;
  if (peer.services().empty()) return;
  const std::string wanted_path = path + ".services";
  if (!entry.endpoint.has_value() || entry.journal_keys.empty()) {
    Fault(
        wanted_path, peer.services(0),
        "needs endpoint, tls and journal_keys: where the peer is asked, and by what its answer is "
        "verified");
  } else if (!source_.may_relay) {
    Fault(wanted_path, peer.services(0),
          "needs the setting relay.key, by which the node signs for whom it asks");
  }
  for (int i = 0; i < peer.services_size(); ++i) {
    const std::string& name = peer.services(i);
    const size_t star = name.find('*');
    if (star == std::string::npos || name == "*" ||
        (star + 1 == name.size() && star > 1 && name[star - 1] == '.')) {
      continue;
    }
    Fault(absl::StrCat(wanted_path, "[", i, "]"), name,
          "must be the full name of a service, package.* or *");
  }
}

void SnapshotBuilder::LinkPeerMethods() {
  for (int i = 0; i < document_.peers_size(); ++i) {
    const v1::Peer& peer = document_.peers(i);
    const SystemEntry* const system = snapshot_->FindSystem(peer.system());
    if (system == nullptr || peer.methods().empty()) continue;
    std::vector<MethodEntry*> methods;
    for (int k = 0; k < peer.methods_size(); ++k) {
      AddMethodsNamed(peer.methods(k), absl::StrCat("peers[", i, "].methods[", k, "]"), methods);
    }
    std::sort(methods.begin(), methods.end());
    for (const auto& entry : snapshot_->peers_) {
      if (entry->system == system) entry->methods.assign(methods.begin(), methods.end());
    }
  }
}

const PeerEntry* SnapshotBuilder::ReadViaPeer(const v1::Provider& provider,
                                              const std::string& path) {
  const std::string via_path = path + ".via_peer";
  if (!provider.endpoint().empty() || provider.has_tls()) {
    Fault(via_path, provider.via_peer(), "excludes endpoint and tls, which are the peer's");
    return nullptr;
  }
  if (!source_.may_relay) {
    Fault(via_path, provider.via_peer(),
          "needs the setting relay.key, by which the node signs for whom it asks");
    return nullptr;
  }
  const SystemEntry* const system = ResolveSystem(provider.via_peer(), via_path);
  if (system == nullptr) return nullptr;
  const PeerEntry* const peer = snapshot_->FindPeer(*system);
  if (peer == nullptr) {
    Fault(via_path, provider.via_peer(), "is not in `peers`");
  } else if (!peer->endpoint.has_value()) {
    Fault(via_path, provider.via_peer(), "has no endpoint in `peers`");
  } else if (peer->journal_keys.empty()) {
    Fault(via_path, provider.via_peer(),
          "has no journal_keys in `peers`, by which its receipts are verified");
  } else {
    return peer;
  }
  return nullptr;
}

}  // namespace ndx::registry
