// How operators sign in on the HTTP port, from the node's settings: whose tokens count, which
// certificates are asked for, and what their issuer revoked.
//
// Thread-safety: Open, Start and Reload from one thread; what SiteOptions() hands out from any.
// Errors: kInvalidArgument or kNotFound with file and path of the setting.
#pragma once

#include <memory>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "ndx/console/operator_server.h"
#include "ndx/core/clock.h"
#include "ndx/daemon/key_set_reader.h"
#include "ndx/http/http_client.h"
#include "ndx/security/revocation_files.h"
#include "ndx/settings/v1/node_settings.pb.h"
#include "ndx/telemetry/log.h"

namespace ndx::daemon {

class OperatorSignIn {
 public:
  // Reads everything that is in files. clock and log outlive it.
  static absl::StatusOr<std::unique_ptr<OperatorSignIn>> Open(
      const settings::v1::OperatorSettings& settings, const std::string& settings_file,
      const core::Clock& clock, telemetry::Log& log);

  // Keeps the keys of tokens fresh from now on.
  void Start() {
    if (reader_ != nullptr) reader_->Start();
  }

  // The revocation lists anew, also those that have not changed; on error the old ones stay.
  absl::Status Reload();

  // Without an observer.
  console::OperatorSiteOptions SiteOptions() const;

  // Keys of tokens in force; 0 where none is read.
  size_t keys() const { return reader_ == nullptr ? 0 : reader_->size(); }

 private:
  OperatorSignIn(const settings::v1::OperatorSettings& settings, std::string settings_file,
                 telemetry::Log& log)
      : settings_(settings), settings_file_(std::move(settings_file)), log_(log) {}
  void OpenLists(const core::Clock& clock);
  absl::Status OpenTokens(const core::Clock& clock, telemetry::Log& log);
  std::string Path(const std::string& named) const;

  const settings::v1::OperatorSettings settings_;
  const std::string settings_file_;
  telemetry::Log& log_;
  std::unique_ptr<security::SignInTokens> tokens_;  // null: no token counts
  std::unique_ptr<http::HttpClient> client_;        // null: keys are in a file
  std::unique_ptr<KeySetReader> reader_;
  std::unique_ptr<security::RevocationFiles> lists_;  // null: no certificate is asked for
};

}  // namespace ndx::daemon
