// Certificates in files: those that the node shows are read again when they change, and all are
// counted down to their end.
//
//   watch.Show({.use = "listener", .certificate_file = …, .files = {…}, .put = …});
//   watch.Believe("client_ca", path);
//   … watch.Look();      // once a second
//   … watch.Reload();    // when an operator asks
//
// Files are known by what stat(2) says of them, so that one replaced by rename is seen, and one
// behind a link too. A pair that cannot be used is tried again at each change and told once.
//
// Thread-safety: thread-safe. put is called under a lock, on the thread that looks.
// Ownership: clock, metrics and log must outlive it.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <string>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "ndx/core/clock.h"
#include "ndx/core/mutex.h"
#include "ndx/settings/v1/node_settings.pb.h"
#include "ndx/telemetry/log.h"
#include "ndx/telemetry/metric_registry.h"

namespace ndx::daemon {

class CertificateWatch {
 public:
  struct Options {
    absl::Duration interval = absl::Seconds(10);
    std::vector<uint32_t> alarm_days = {30, 7, 1};
  };
  static Options OptionsOf(const settings::v1::CertificateSettings& settings);

  struct Shown {
    std::string use;                 // a word for metric and log
    std::string certificate_file;    // the one that is counted down
    std::vector<std::string> files;  // all whose change is looked for
    // Reads them and puts them into use, or leaves everything as it was.
    std::function<absl::Status()> put;
  };

  // Certificates that are not known before: those of providers, which the registry names.
  struct Named {
    std::string use;
    std::string certificate_file;
    std::vector<std::string> files;
  };
  using NamedSource = std::function<std::vector<Named>()>;

  CertificateWatch(const core::Clock& clock, telemetry::MetricRegistry& metrics,
                   telemetry::Log& log, Options options);

  // One that is in use already.
  void Show(Shown shown);
  // The certificates of a file are only counted down, by the one that ends first.
  void Believe(std::string use, std::string file);
  // Asked at each look; changed is called when a file has changed that it named before too.
  void ShowNamed(NamedSource source, std::function<void()> changed);

  // Looks if an interval is over since the last look, the first since the watch was made.
  void Look();

  // Puts everything shown into use anew, changed or not. The first failure, the old one staying.
  absl::Status Reload();

 private:
  // What tells one content of files from another; a file that is missing is told apart too.
  using Stamp = std::string;
  static Stamp StampOf(const std::vector<std::string>& files);

  struct Pair {
    Shown shown;
    Stamp stamp;
  };

  absl::Status Put(Pair& pair) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  void LookAtNamed() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  void CountDown(const std::string& use, const std::string& file)
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  void CountDownAll() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);

  const core::Clock& clock_;
  telemetry::Log& log_;
  const Options options_;
  telemetry::MetricFamily<telemetry::Gauge>& seconds_left_;
  core::Mutex mutex_;
  std::vector<Pair> pairs_ ABSL_GUARDED_BY(mutex_);
  std::vector<Named> believed_ ABSL_GUARDED_BY(mutex_);
  NamedSource named_ ABSL_GUARDED_BY(mutex_);
  std::function<void()> named_changed_ ABSL_GUARDED_BY(mutex_);
  std::vector<Named> named_now_ ABSL_GUARDED_BY(mutex_);
  std::map<std::string, Stamp> named_stamps_ ABSL_GUARDED_BY(mutex_);  // by certificate file
  int64_t looked_nanos_ ABSL_GUARDED_BY(mutex_);                       // monotonic
  // When the log last spoke of a file.
  std::map<std::string, absl::Time> alarmed_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace ndx::daemon
