// The services of a node as it tells them to its peers, and those that its peers have told it (danh
// mục dịch vụ liên thông).
//
//   node B: ServiceFeedOf(snapshot, peer)  ──GetServiceFeed──▶  node A: PeerFeeds ──▶ the builder
//
// Thread-safety: ServiceFeedOf() is thread-safe; PeerFeeds too. Ownership: feeds are shared and
// immutable.
// Format: ndx.exchange.v1.GetServiceFeedResponse.
#pragma once

#include <map>
#include <memory>
#include <string>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "google/protobuf/descriptor.h"
#include "google/protobuf/descriptor.pb.h"
#include "ndx/core/mutex.h"
#include "ndx/core/system_id.h"
#include "ndx/exchange/v1/exchange_service.pb.h"
#include "ndx/registry/registry_snapshot.h"

namespace ndx::registry {

// Nodes that an exchange may cross, the first and the last included (broker/relay_proof.h).
inline constexpr int kFeedNodesMax = 4;
// Services that are taken from one feed.
inline constexpr int kFeedServicesMax = 10'000;

// What a peer may relay to through this node, by name, with its version. A way that leads back to
// the peer, or over too many nodes, is left out; so are the node's own services.
exchange::v1::GetServiceFeedResponse ServiceFeedOf(const RegistrySnapshot& registry,
                                                   const PeerEntry& peer);

// The version of such services and contracts.
std::string FeedVersion(const exchange::v1::GetServiceFeedResponse& feed);

// kInvalidArgument, naming the fault, unless it is one that a node can use: its version is that of
// its content, every service has a name once, a contract that is there, and providers.
absl::Status CheckFeed(const exchange::v1::GetServiceFeedResponse& feed);

// Files and all they import, each once, imports first.
google::protobuf::FileDescriptorSet WithImports(
    const std::vector<const google::protobuf::FileDescriptor*>& files);

// Whether a pattern of Peer.services ("package.Service", "package.*", "*") names a service.
bool NamesService(absl::string_view pattern, absl::string_view service);

// The feeds that are in use, by the peer's system.
class PeerFeeds {
 public:
  using Feed = std::shared_ptr<const exchange::v1::GetServiceFeedResponse>;

  // Null where there is none.
  Feed Of(const core::SystemId& peer) const;
  // Null takes it away. Returns what was there.
  Feed Put(const core::SystemId& peer, Feed feed);

 private:
  mutable core::Mutex mutex_;
  std::map<std::string, Feed> feeds_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace ndx::registry
