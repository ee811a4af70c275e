// The certificates of a node, from settings: its own towards callers, providers and operators,
// those of providers, and those of the authorities it believes. They change without a restart.
//
// Thread-safety: thread-safe. Ownership: what it is made of and what it serves must outlive it.
// Errors: texts name the setting and the file.
#pragma once

#include <memory>
#include <optional>
#include <string>

#include "absl/base/thread_annotations.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "ndx/broker/broker.h"
#include "ndx/core/mutex.h"
#include "ndx/daemon/certificate_watch.h"
#include "ndx/http/http_server.h"
#include "ndx/registry/registry.h"
#include "ndx/settings/v1/node_settings.pb.h"
#include "ndx/transport/server.h"
#include "ndx/transport/tls_files.h"

namespace ndx::daemon {

class NodeCertificates {
 public:
  struct Parts {
    const settings::v1::NodeSettings& settings;
    const std::string& settings_file;
    const core::Clock& clock;
    telemetry::MetricRegistry& metrics;
    telemetry::Log& log;
  };

  // Reads them all: the node does not start with one that cannot be used.
  static absl::StatusOr<std::unique_ptr<NodeCertificates>> Read(const Parts& parts);

  // The listener's, which the node shows to providers too.
  transport::TlsFiles Listener() const;
  absl::Time listener_not_after() const;

  // Of the operators' HTTP port; none where it has no TLS.
  std::optional<http::HttpServerTls> OperatorHttp() const;

  // From now on a change goes there. http may be null.
  void Serve(transport::Server& server, broker::Broker& broker, const registry::Registry& registry,
             http::HttpServer* http);

  // Once a second.
  void Look() { watch_.Look(); }
  // The first failure; what could not be used has been logged.
  absl::Status Reload() { return watch_.Reload(); }

 private:
  struct Pair {
    std::string certificate_file;
    std::shared_ptr<void> key;
    absl::Time not_after;
  };

  explicit NodeCertificates(const Parts& parts);

  absl::StatusOr<Pair> ReadPair(const settings::v1::CertificateFiles& files,
                                absl::string_view setting) const;
  transport::TlsFiles FilesOf(const Pair& pair) const;
  http::HttpServerTls OperatorTls(const Pair& pair) const;
  // What of a pair is looked at for changes; a key on a token is not.
  std::vector<std::string> Watched(const settings::v1::CertificateFiles& files,
                                   std::vector<std::string> more) const;
  absl::Status PutListener(transport::Server& server, broker::Broker& broker);
  absl::Status PutOperatorHttp(http::HttpServer& http);

  const Parts parts_;
  const std::string client_ca_file_;
  CertificateWatch watch_;
  mutable core::Mutex mutex_;
  Pair listener_ ABSL_GUARDED_BY(mutex_);
  std::optional<Pair> operator_http_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace ndx::daemon
