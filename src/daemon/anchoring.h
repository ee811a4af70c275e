// What holds a node's journal against the world outside, built from its settings: witnesses and
// time-stamps over it, and the witness that the node is for others.
//
// Thread-safety: Serve() and Stop() from the main thread; everything else from any.
// Ownership: everything in AnchoringParts outlives it.
// Threads: one for the anchors (AnchorThread), one for the witness's port (HttpServer), each only
// where settings ask for it.
// Errors: settings at fault are named with file and path.
#pragma once

#include <map>
#include <memory>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "ndx/anchors/anchor_ledger.h"
#include "ndx/anchors/anchor_store.h"
#include "ndx/anchors/anchor_thread.h"
#include "ndx/anchors/anchored_journal.h"
#include "ndx/anchors/anchors.h"
#include "ndx/anchors/witness.h"
#include "ndx/console/v1/anchors.pb.h"
#include "ndx/core/clock.h"
#include "ndx/core/random.h"
#include "ndx/http/http_client.h"
#include "ndx/http/http_server.h"
#include "ndx/journal/rocks_journal.h"
#include "ndx/settings/v1/node_settings.pb.h"
#include "ndx/telemetry/log.h"
#include "ndx/telemetry/metric_registry.h"

namespace ndx::daemon {

struct AnchoringParts {
  const settings::v1::NodeSettings& settings;
  const std::string& settings_file;
  journal::RocksJournal& journal;
  core::Clock& clock;
  core::Random& random;
  telemetry::Log& log;
  telemetry::MetricRegistry& metrics;
  http::HttpServerObserver* http_observer = nullptr;  // of the witness's port
};

class Anchoring {
 public:
  // Reads keys and certificates, opens what is kept; asks and listens not before Serve().
  static absl::StatusOr<std::unique_ptr<Anchoring>> Build(const AnchoringParts& parts);
  // What can be said of the settings without journal or ports, for `ndxd --check`.
  static absl::Status Check(const settings::v1::NodeSettings& settings,
                            const std::string& settings_file);
  // Asks the witnesses of the settings whether a journal with this newest checkpoint is an older
  // copy, before it is opened: see anchors::RefuseOlderCopy.
  static absl::Status RefuseOlderCopy(const settings::v1::NodeSettings& settings,
                                      const std::string& settings_file, const std::string& newest,
                                      const journal::TreeHead& head);
  ~Anchoring() { Stop(); }

  absl::Status Serve();
  // Ends requests under way; closes the witness's port.
  void Stop();

  // The journal for whoever carries out exchanges: refuses new ones while the policy says so.
  journal::Journal& journal() { return journal_; }
  const anchors::AnchorLedger& ledger() const { return ledger_; }
  // Certificates of the time-stamp authorities by name, PEM.
  const std::map<std::string, std::string>& authority_pem() const { return authority_pem_; }

  console::v1::AnchoringStatus Status() const;

 private:
  struct Plan;
  Anchoring(const AnchoringParts& parts, Plan plan, std::unique_ptr<anchors::AnchorStore> store);
  static absl::StatusOr<Plan> ReadSettings(const settings::v1::NodeSettings& settings,
                                           const std::string& settings_file);
  absl::Status OpenWitness(Plan plan);

  const AnchoringParts parts_;
  const std::map<std::string, std::string> authority_pem_;
  const std::unique_ptr<anchors::AnchorStore> store_;
  http::HttpClient client_;
  anchors::Anchors anchors_;
  anchors::AnchoredJournal journal_;
  const anchors::AnchorLedger ledger_;
  const bool asks_;  // there are witnesses or authorities
  std::unique_ptr<anchors::AnchorThread> thread_;
  http::HttpServerOptions witness_options_;
  std::unique_ptr<anchors::Witness> witness_;
  std::unique_ptr<anchors::WitnessSite> witness_site_;
  std::unique_ptr<http::HttpServer> witness_server_;
};

}  // namespace ndx::daemon
