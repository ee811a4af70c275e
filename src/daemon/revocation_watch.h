// Keeps a node's revocation lists as new as their files, and tells log and metrics how they stand.
//
// A thread of its own, because a list may be long and a disk slow, and neither is to hold up
// anybody.
//
// Thread-safety: thread-safe; Start and destruction from one thread. Ownership: everything given
// outlives it.
#pragma once

#include <map>
#include <string>
#include <thread>

#include "absl/base/thread_annotations.h"
#include "absl/status/status.h"
#include "absl/time/time.h"
#include "ndx/core/clock.h"
#include "ndx/core/mutex.h"
#include "ndx/security/authenticator.h"
#include "ndx/security/revocation_files.h"
#include "ndx/telemetry/log.h"
#include "ndx/telemetry/metric_registry.h"

namespace ndx::daemon {

class RevocationWatch {
 public:
  struct Parts {
    security::Authenticator& authenticator;  // whose lists they are
    const core::Clock& clock;
    telemetry::Log& log;
    telemetry::MetricRegistry& metrics;
  };
  RevocationWatch(security::RevocationFiles::Options files, const Parts& parts);
  // Ends the thread.
  ~RevocationWatch();
  RevocationWatch(const RevocationWatch&) = delete;
  RevocationWatch& operator=(const RevocationWatch&) = delete;

  // Reads every file now and puts the lists in force. The first fault; the list that a faulty file
  // had before stays in force.
  absl::Status ReadAll();

  // Looks at once and then every `interval` whether files have changed.
  void Start(absl::Duration interval);

  // One such look.
  void LookAgain();

 private:
  void Run(absl::Duration interval);
  void PutInForce();
  void Refused(const absl::Status& fault);

  security::RevocationFiles files_;
  const Parts parts_;
  telemetry::Counter& faults_;
  telemetry::MetricFamily<telemetry::Gauge>& seconds_left_;
  telemetry::MetricFamily<telemetry::Gauge>& sound_;
  core::Mutex mutex_;
  core::CondVar changed_;
  bool ending_ ABSL_GUARDED_BY(mutex_) = false;
  // The next update whose passing has been told, by file.
  std::map<std::string, absl::Time> told_stale_ ABSL_GUARDED_BY(mutex_);
  std::thread thread_;
};

}  // namespace ndx::daemon
