// Other nodes and their services (danh mục dịch vụ liên thông): asked for, verified, kept on disk,
// put in force. What cannot be used is told, and what was there before stays.
//
//   Restore() ─▶ kept feeds, verified ─▶ PeerFeeds ─▶ the registry built anew
//   Refresh() ─▶ asked ─▶ verified ─▶ kept ─▶ PeerFeeds ─▶ the registry built anew ─▶ leaf
//
// Thread-safety: thread-safe; waits for peers and the disk. Ownership: everything given outlives
// it.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <string>

#include "absl/base/thread_annotations.h"
#include "absl/functional/any_invocable.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "ndx/broker/feed_question.h"
#include "ndx/console/v1/peer_service.pb.h"
#include "ndx/core/clock.h"
#include "ndx/core/mutex.h"
#include "ndx/journal/journal.h"
#include "ndx/registry/registry.h"
#include "ndx/registry/service_feed.h"
#include "ndx/telemetry/log.h"

namespace ndx::console {

class PeerDesk {
 public:
  struct Parts {
    std::string node;       // VN:GOV:<member>:<system> of the node itself
    std::string directory;  // of the kept feeds; made where it is absent
    registry::PeerFeeds& feeds;
    const registry::Registry& registry;
    // Builds the registry in force with the feeds as they are now, puts it in force and logs that;
    // an error leaves the one before.
    std::function<absl::Status()> rebuild;
    // Asks a peer (broker::AskForFeed).
    std::function<absl::StatusOr<broker::VerifiedFeed>(
        const std::shared_ptr<const registry::RegistrySnapshot>&, const registry::PeerEntry&,
        const std::string& since_version)>
        ask;
    journal::Journal& journal;
    const core::Clock& clock;
    telemetry::Log& log;
  };
  explicit PeerDesk(Parts parts) : parts_(std::move(parts)) {}
  PeerDesk(const PeerDesk&) = delete;
  PeerDesk& operator=(const PeerDesk&) = delete;

  // Puts what was kept in force, at start. Faults are logged: those feeds are waited for.
  void Restore();

  // Asks every peer whose services are wanted, one after another.
  void Refresh();

  v1::ListPeersResponse List() const;

  // When a peer last said that its feed holds; InfinitePast() where none has been received.
  absl::Time ConfirmedOf(const std::string& peer) const;

  // Seconds since the feed that was confirmed longest ago; 0 where none is wanted.
  double OldestSeconds() const;

 private:
  struct Known {
    absl::Time confirmed = absl::InfinitePast();
    std::string trouble;
  };

  void RefreshOne(const std::shared_ptr<const registry::RegistrySnapshot>& snapshot,
                  const registry::PeerEntry& peer);
  absl::Status Take(const registry::PeerEntry& peer, broker::VerifiedFeed received);
  absl::Status RestoreOne(const registry::PeerEntry& peer);
  absl::Status Record(const registry::PeerEntry& peer) const;
  void SetTrouble(const registry::PeerEntry& peer, const absl::Status& status);
  std::string FileOf(const registry::PeerEntry& peer) const;

  const Parts parts_;
  core::Mutex refreshing_;  // held over network and disk: one round at a time
  mutable core::Mutex mutex_;
  std::map<std::string, Known> known_ ABSL_GUARDED_BY(mutex_);  // by the peer's system
};

}  // namespace ndx::console
