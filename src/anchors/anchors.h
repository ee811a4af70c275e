// Anchors (neo) of this node's journal outside the node: witnesses that cosign its checkpoints and
// authorities that time-stamp them, when they are due, which of them there must be, and what
// follows when they cannot be had.
//
// Two kinds, each with its own interval and its own k of n. A kind is *unanchored since* the time
// of the oldest leaf that no sufficient anchor of it covers. Past its interval by alarm_after the
// lack is an alarm; past it by stop_after, where the policy is to stop, no new exchanges are taken
// until it ends. A witness that contradicts the journal counts as past both at once.
//
// Thread-safety: RunDue() from one thread; everything else from any.
// Ownership: everything in AnchorParts outlives it. Posters may block: see HttpPoster.
#pragma once

#include <atomic>
#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/status/status.h"
#include "absl/time/civil_time.h"
#include "absl/time/time.h"
#include "ndx/anchors/anchor_store.h"
#include "ndx/anchors/time_stamper.h"
#include "ndx/anchors/witness_client.h"
#include "ndx/core/clock.h"
#include "ndx/core/mutex.h"
#include "ndx/core/random.h"
#include "ndx/http/http_client.h"
#include "ndx/journal/journal_reader.h"
#include "ndx/journal/witness_policy.h"
#include "ndx/telemetry/log.h"
#include "ndx/telemetry/metric_registry.h"

namespace ndx::anchors {

struct AnchorOptions {
  std::vector<WitnessPeer> witnesses;
  size_t witnesses_required = 0;
  absl::Duration witness_interval = absl::Minutes(1);

  std::vector<TimeStampAuthority> authorities;
  size_t time_stamps_required = 0;
  absl::Duration time_stamp_interval = absl::Hours(1);

  // After a failure, at most; a shorter interval counts.
  absl::Duration retry_interval = absl::Seconds(15);
  absl::Duration alarm_after = absl::Minutes(15);
  // No new exchanges when the lack has lasted this much longer than the interval; never if absent.
  std::optional<absl::Duration> stop_after;
  absl::Duration clock_difference_max = absl::Minutes(10);
};

struct AnchorParts {
  const journal::JournalReader& reader;
  AnchorStore& store;
  http::HttpPoster& poster;
  core::Random& random;
  const core::Clock& clock;
  telemetry::Log& log;
  telemetry::MetricRegistry& metrics;
};

// Of one kind, as RunDue() last saw it.
struct AnchorState {
  size_t required = 0;
  size_t configured = 0;
  uint64_t covered = 0;  // leaves that a sufficient anchor covers
  // When the newest sufficient anchor was made, by this node's clock, in this run.
  std::optional<absl::Time> newest;
  std::optional<absl::Time> unanchored_since;
  bool overdue = false;
  std::map<std::string, std::string> failures;  // newest failure by witness or authority
};

struct AnchorStatus {
  AnchorState witnesses;
  AnchorState time_stamps;
  std::string contradiction;  // what a witness said against the journal; empty where none did
  bool stopped = false;       // no new exchanges are taken
};

class Anchors {
 public:
  Anchors(AnchorOptions options, AnchorParts parts);

  // Looks at the clock and does what is due. Call it about once a second.
  void RunDue();

  AnchorStatus status() const;

  // kUnavailable while the policy stops new exchanges. Takes no lock.
  absl::Status AcceptsNewExchanges() const;

 private:
  struct Kind {
    telemetry::Gauge* unanchored_seconds = nullptr;
    telemetry::Gauge* covered = nullptr;
    telemetry::Gauge* overdue = nullptr;
    absl::Duration interval;
    int64_t due_nanos = 0;  // monotonic
    AnchorState state;
  };
  // A checkpoint on its way to the authorities; those that fail are asked again for the same one.
  struct Pending {
    uint64_t tree_size = 0;
    std::string checkpoint;
    std::map<std::string, bool> done;  // by authority
    int64_t begun_nanos = 0;
  };

  struct SignedHead {
    std::string note;
    journal::TreeHead head;
  };

  absl::StatusOr<SignedHead> NewestCheckpoint() const;
  void RecallCovered();
  void RunWitnesses(int64_t now);
  absl::Status Cosign(const SignedHead& newest);
  void RunTimeStamps(int64_t now);
  absl::Status Stamp();
  bool DayHasClosed() const;
  void Assess();
  void AssessKind(Kind& kind, bool contradicted);
  void Failed(Kind& kind, const char* what, const std::string& who, const absl::Status& status);
  void Publish();

  const AnchorOptions options_;
  const AnchorParts parts_;
  journal::WitnessPolicy policy_;
  std::vector<WitnessClient> clients_;
  telemetry::MetricFamily<telemetry::Counter>& failures_;
  telemetry::Gauge& stopped_gauge_;

  // Of the thread that calls RunDue().
  Kind witnesses_;
  Kind time_stamps_;
  std::optional<Pending> pending_;
  absl::CivilDay day_;
  bool recalled_ = false;
  std::map<std::string, std::string> contradictions_;  // by witness

  std::atomic<bool> stopped_ = false;
  mutable core::Mutex mutex_;
  AnchorStatus published_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace ndx::anchors
