// Asks a peer for its services, in this node's own name, and verifies what it answers: its receipt
// is the signature.
//
// Thread-safety: thread-safe; AskForFeed() waits on the calling thread, which is none of the
// loops'. Errors: kUnavailable (the peer cannot be asked or did not answer), kPermissionDenied (it
// refused; its receipt is not signed by a registered key), kInvalidArgument, kDataLoss (its answer
// or receipt is not what it must be).
#pragma once

#include <memory>
#include <string>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "ndx/broker/broker.h"
#include "ndx/core/clock.h"
#include "ndx/exchange/v1/exchange_service.pb.h"
#include "ndx/registry/registry_snapshot.h"
#include "ndx/transport/event_loop_group.h"

namespace ndx::broker {

// Longest wait for a peer's answer.
inline constexpr absl::Duration kFeedDeadline = absl::Seconds(10);

struct FeedAnswer {
  std::string answer;   // a serialized GetServiceFeedResponse, as received
  std::string receipt;  // of the exchange that brought it
};

struct VerifiedFeed {
  FeedAnswer answer;
  exchange::v1::GetServiceFeedResponse feed;
};

// peer belongs to the snapshot, and has an endpoint. since_version: what this node has of it.
absl::StatusOr<VerifiedFeed> AskForFeed(
    Broker& broker, transport::EventLoopGroup& loops, const core::Clock& clock,
    const std::shared_ptr<const registry::RegistrySnapshot>& snapshot,
    const registry::PeerEntry& peer, absl::string_view node, const std::string& since_version);

// The feed of an answer that the peer's journal has signed for this node: as just received, or as
// kept.
absl::StatusOr<exchange::v1::GetServiceFeedResponse> VerifyFeed(const FeedAnswer& answer,
                                                                const registry::PeerEntry& peer,
                                                                absl::string_view node);

}  // namespace ndx::broker
