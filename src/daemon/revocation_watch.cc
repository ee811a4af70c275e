#include "ndx/daemon/revocation_watch.h"

#include <utility>

#include "ndx/core/status_macros.h"

namespace ndx::daemon {

using telemetry::LogEvent;

RevocationWatch::RevocationWatch(security::RevocationFiles::Options files, const Parts& parts)
    : files_(std::move(files), parts.clock),
      parts_(parts),
      faults_(parts.metrics.AddCounter(
          "ndx_revocation_list_faults_total",
          "Times that a file of a revocation list had changed and did not do.")),
      seconds_left_(parts.metrics.AddGauges(
          {.name = "ndx_revocation_list_seconds_left",
           .help = "Seconds to the next update of the list in force; negative when it is overdue.",
           .label_names = {"file"}})),
      sound_(parts.metrics.AddGauges({.name = "ndx_revocation_list_sound",
                                      .help = "1 while the list in force is the one in the file.",
                                      .label_names = {"file"}})) {}

RevocationWatch::~RevocationWatch() {
  {
    const core::MutexLock lock(mutex_);
    ending_ = true;
    changed_.NotifyAll();
  }
  if (thread_.joinable()) thread_.join();
}

absl::Status RevocationWatch::ReadAll() {
  absl::Status read = files_.ReadAll();
  if (!read.ok()) Refused(read);
  PutInForce();
  return read;
}

void RevocationWatch::Start(absl::Duration interval) {
  NDX_CHECK(!thread_.joinable());
  thread_ = std::thread([this, interval] { Run(interval); });
}

void RevocationWatch::Run(absl::Duration interval) {
  while (true) {
    {
      const core::MutexLock lock(mutex_);
      if (ending_) return;
    }
    LookAgain();
    const core::MutexLock lock(mutex_);
    if (!ending_) changed_.WaitFor(mutex_, interval);
  }
}

void RevocationWatch::LookAgain() {
  const security::RevocationFiles::Look look = files_.LookAgain();
  for (const std::string& file : look.read) {
    parts_.log.Write(LogEvent::kRevocationListRead, {{"file", file}});
  }
  for (const absl::Status& fault : look.faults) Refused(fault);
  PutInForce();
}

void RevocationWatch::PutInForce() {
  parts_.authenticator.SetRevocations(files_.Current());
  const absl::Time now = parts_.clock.Now();
  for (const security::RevocationFiles::FileState& file : files_.States()) {
    sound_.With({file.path}).Set(file.sound ? 1 : 0);
    if (file.next_update == absl::InfiniteFuture()) continue;
    seconds_left_.With({file.path}).Set(absl::ToInt64Seconds(file.next_update - now));
    if (file.next_update >= now) continue;
    const core::MutexLock lock(mutex_);
    absl::Time& told = told_stale_.emplace(file.path, absl::InfinitePast()).first->second;
    if (told == file.next_update) continue;
    told = file.next_update;
    parts_.log.Write(LogEvent::kRevocationListStale, {{"file", file.path}});
  }
}

void RevocationWatch::Refused(const absl::Status& fault) {
  faults_.Add();
  parts_.log.Write(LogEvent::kRevocationListRefused, {{"error", fault}});
}

}  // namespace ndx::daemon
