// Several adapters in one process, each with its own listener.
//
//   AdapterHost host(clock, random, log);
//   NDX_RETURN_IF_ERROR(host.Start(settings));
//   …
//   host.Drain();          // health NOT_SERVING, GOAWAY, calls finish, at most drain_timeout
//
// Thread-safety: Start, Drain and the destructor from one thread that is no event loop.
// Ownership: clock, random source and log must outlive it.
// Errors: kInvalidArgument and kNotFound for a configuration that is wrong; then nothing listens.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "ndx/connector/v1/host_settings.pb.h"
#include "ndx/core/clock.h"
#include "ndx/core/random.h"
#include "ndx/telemetry/log.h"

namespace ndx::host {

// Reads the host's configuration file; paths in it are resolved. names: the adapters wanted, all
// where empty. kNotFound when a name is not in the file, kInvalidArgument for two adapters of one
// name or address.
absl::StatusOr<connector::v1::HostSettings> ReadHostSettings(const std::string& file,
                                                             const std::vector<std::string>& names);

class AdapterHost {
 public:
  AdapterHost(const core::Clock& clock, core::Random& random, telemetry::Log& log);
  // Cuts what still runs.
  ~AdapterHost();
  AdapterHost(const AdapterHost&) = delete;
  AdapterHost& operator=(const AdapterHost&) = delete;

  absl::Status Start(const connector::v1::HostSettings& settings);

  // Port of each adapter in the order of the settings; 0 for a UNIX socket.
  std::vector<uint16_t> ports() const;

  // True when all calls ended by themselves.
  bool Drain();

 private:
  class Hosted;
  struct Running;

  const core::Clock& clock_;
  core::Random& random_;
  telemetry::Log& log_;
  std::unique_ptr<Running> running_;
};

}  // namespace ndx::host
