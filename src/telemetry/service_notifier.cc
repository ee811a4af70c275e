#include "ndx/telemetry/service_notifier.h"

#include <systemd/sd-daemon.h>

#include <string>

#include "absl/strings/str_cat.h"

namespace ndx::telemetry {
namespace {

// Line feeds separate assignments of the protocol: a status text must not contain any.
std::string OneLine(absl::string_view text) { return std::string(text.substr(0, text.find('\n'))); }

// A failure to notify is no reason to stop serving; the service manager acts on silence by itself.
void Notify(const std::string& state) { sd_notify(/*unset_environment=*/0, state.c_str()); }

}  // namespace

void SystemdNotifier::Ready(absl::string_view status) {
  Notify(absl::StrCat("READY=1\nSTATUS=", OneLine(status)));
}

void SystemdNotifier::Status(absl::string_view status) {
  Notify(absl::StrCat("STATUS=", OneLine(status)));
}

void SystemdNotifier::Reloading(int64_t monotonic_nanos) {
  Notify(absl::StrCat("RELOADING=1\nMONOTONIC_USEC=", monotonic_nanos / 1000));
}

void SystemdNotifier::Stopping(absl::Duration grace) {
  Notify(absl::StrCat("STOPPING=1\nEXTEND_TIMEOUT_USEC=", absl::ToInt64Microseconds(grace)));
}

void SystemdNotifier::Alive() { Notify("WATCHDOG=1"); }

std::optional<absl::Duration> SystemdNotifier::WatchdogInterval() const {
  uint64_t interval_us = 0;
  if (sd_watchdog_enabled(/*unset_environment=*/0, &interval_us) <= 0) return std::nullopt;
  return absl::Microseconds(static_cast<int64_t>(interval_us));
}

}  // namespace ndx::telemetry
