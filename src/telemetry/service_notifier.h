// What a program tells the service manager that started it (systemd's notify protocol).
//
// Thread-safety: implementations are thread-safe.
#pragma once

#include <optional>

#include "absl/strings/string_view.h"
#include "absl/time/time.h"

namespace ndx::telemetry {

class ServiceNotifier {
 public:
  virtual ~ServiceNotifier() = default;

  // All listeners are open.
  virtual void Ready(absl::string_view status) = 0;
  // One line for systemctl status.
  virtual void Status(absl::string_view status) = 0;
  // The registry is being read again; followed by Ready().
  virtual void Reloading(int64_t monotonic_nanos) = 0;
  // Exchanges in flight are being finished; allows that much more time.
  virtual void Stopping(absl::Duration grace) = 0;
  // Alive. Called by every event loop in turn, so that a loop that hangs is noticed.
  virtual void Alive() = 0;
  // How often Alive() must be called at least; nullopt when nobody watches.
  virtual std::optional<absl::Duration> WatchdogInterval() const = 0;
};

// sd_notify(3) of libsystemd: does nothing when NOTIFY_SOCKET is not set.
class SystemdNotifier final : public ServiceNotifier {
 public:
  void Ready(absl::string_view status) override;
  void Status(absl::string_view status) override;
  void Reloading(int64_t monotonic_nanos) override;
  void Stopping(absl::Duration grace) override;
  void Alive() override;
  std::optional<absl::Duration> WatchdogInterval() const override;
};

}  // namespace ndx::telemetry
