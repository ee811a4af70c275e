// One node: everything ndxd is made of, built in order and taken down in the opposite one. The only
// place that chooses concrete types.
//
//   NDX_ASSIGN_OR_RETURN(auto node, Node::Start(settings, file, …));
//   …
//   node->Drain();   // no exchange cut, no record lost
//
// Thread-safety: Start, Tick, Reload, Drain from the main thread.
// Errors: Start() says what to mend, with file and path where a file is at fault.
#pragma once

#include <atomic>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "ndx/broker/broker.h"
#include "ndx/console/access_desk.h"
#include "ndx/console/certificate_desk.h"
#include "ndx/console/erasure_desk.h"
#include "ndx/console/mailbox_desk.h"
#include "ndx/console/operator_server.h"
#include "ndx/console/peer_desk.h"
#include "ndx/console/persons.h"
#include "ndx/console/registry_desk.h"
#include "ndx/core/mutex.h"
#include "ndx/core/system_clock.h"
#include "ndx/core/system_random.h"
#include "ndx/daemon/anchoring.h"
#include "ndx/daemon/delivery_key.h"
#include "ndx/daemon/node_certificates.h"
#include "ndx/daemon/operator_sign_in.h"
#include "ndx/daemon/quota_memory.h"
#include "ndx/daemon/replay_tasks.h"
#include "ndx/dispatch/dispatcher.h"
#include "ndx/dispatch/stop_switch.h"
#include "ndx/http/http_client.h"
#include "ndx/http/http_server.h"
#include "ndx/http/node_pages.h"
#include "ndx/journal/rocks_journal.h"
#include "ndx/mailbox/mailbox.h"
#include "ndx/registry/registry.h"
#include "ndx/registry/registry_ledger.h"
#include "ndx/registry/registry_source.h"
#include "ndx/replay/resolver.h"
#include "ndx/routing/rate_limiter.h"
#include "ndx/search/search_index.h"
#include "ndx/security/authenticator.h"
#include "ndx/security/denied_certificates.h"
#include "ndx/security/ocsp_statuses.h"
#include "ndx/settings/v1/node_settings.pb.h"
#include "ndx/telemetry/json_log.h"
#include "ndx/telemetry/metric_registry.h"
#include "ndx/telemetry/service_notifier.h"
#include "ndx/transport/event_loop_group.h"
#include "ndx/transport/server.h"

namespace ndx::daemon {

inline constexpr char kVersion[] = "0.1.0";

class AccessWatch;
class FeedWatch;
class ConsoleControl;
class DataPort;
class HttpWatch;
class JournalContinuity;
class OcspWatch;
class ProviderWatch;
class RevocationWatch;

class Node {
 public:
  // settings_file: where the settings came from; relative paths in them start at its directory.
  // open_new_epoch: see RocksJournalOptions.
  static absl::StatusOr<std::unique_ptr<Node>> Start(const settings::v1::NodeSettings& settings,
                                                     const std::string& settings_file,
                                                     bool open_new_epoch);
  // Reads and builds everything that can be without taking ports or the journal: for `ndxd
  // --check`.
  static absl::Status Check(const settings::v1::NodeSettings& settings,
                            const std::string& settings_file);

  ~Node();
  Node(const Node&) = delete;
  Node& operator=(const Node&) = delete;

  // Once a second: counts of refusals into the journal, clock and certificates looked at, the
  // watchdog told that the loops live.
  void Tick();

  // Registry, revocation lists and certificates anew; what is wrong is logged and the old ones
  // stay.
  void Reload();

  // Stops taking exchanges, lets those under way end within the drain timeout, closes the journal.
  void Drain();

  // True once the journal can no longer be written: the process must end with an error.
  bool failed() const { return failed_.load(); }

  // Where exchanges are taken. Empty until then: operators are served before exchanges.
  struct Listening {
    std::vector<std::string> addresses;  // with the ports that were bound
  };
  Listening listening() const {
    core::MutexLock lock(listening_mutex_);
    return listening_;
  }

 private:
  friend class ConsoleControl;

  Node(const settings::v1::NodeSettings& settings, std::string settings_file);

  std::string Path(const std::string& named) const;
  absl::Status OpenLog();
  absl::Status OpenAdapters();
  absl::Status DescribeRegistry();
  absl::Status OpenRegistry();
  absl::Status OpenRegistryDesk();
  void OpenPeerDesk();
  absl::Status RebuildRegistry();
  absl::Status OpenRevocations();
  absl::Status OpenDenied();
  absl::Status AskOcsp();
  absl::Status OpenCertificates();
  absl::Status OpenJournal(bool open_new_epoch);
  absl::Status FollowWithSearchIndex();
  absl::Status BuildAnchoring();
  absl::Status OpenStopSwitch();
  absl::Status OpenMailbox();
  void StartDeliveries();
  absl::Status BuildBroker();
  void OpenReplayTasks();
  void CapConnections(transport::ServerOptions& options);
  absl::Status Listen();
  absl::Status ServeOperators();
  absl::Status ServePages();
  void AddMetrics();
  std::vector<http::ReadinessCheck> Readiness() const;
  void RecordRefusals();
  int64_t ClockOffsetNanos() const;
  void WatchClock();
  void DrainServer(absl::Duration grace);
  // False if some were still under way after the grace.
  bool AwaitExchanges(absl::Duration grace);

  const settings::v1::NodeSettings settings_;
  const std::string settings_file_;
  core::SystemClock clock_;
  core::SystemRandom random_;
  const absl::Time started_;
  const size_t descriptor_limit_;
  telemetry::MetricRegistry metrics_;
  telemetry::SystemdNotifier notifier_;
  std::unique_ptr<telemetry::JsonLog> log_;
  std::atomic<bool> failed_{false};
  std::atomic<bool> stopping_{false};

  dispatch::EmbeddedAdapters adapters_;
  std::shared_ptr<registry::PeerFeeds> peer_feeds_ = std::make_shared<registry::PeerFeeds>();
  registry::RegistrySource registry_source_;
  std::unique_ptr<registry::RegistryLedger> registry_ledger_;  // null: the files are the registry
  std::unique_ptr<registry::Registry> registry_;
  std::unique_ptr<security::Authenticator> authenticator_;
  std::unique_ptr<RevocationWatch> revocations_;
  std::unique_ptr<security::DeniedCertificates> denied_;
  // Of OCSP; null where nobody is asked.
  std::unique_ptr<security::OcspStatuses> ocsp_statuses_;
  std::unique_ptr<http::HttpClient> ocsp_client_;
  std::unique_ptr<OcspWatch> ocsp_watch_;
  std::unique_ptr<NodeCertificates> certificates_;
  routing::RateLimiter limiter_{settings_.exchange().quota_share_percent()};
  std::unique_ptr<QuotaMemory> quota_memory_;
  std::unique_ptr<dispatch::StopSwitch> stops_;
  dispatch::ProviderStates providers_;
  std::unique_ptr<JournalContinuity> continuity_;
  std::optional<DeliveryKey> delivery_key_;
  std::unique_ptr<journal::RocksJournal> journal_;
  std::unique_ptr<search::SearchIndex> search_index_;
  std::unique_ptr<HttpWatch> http_watch_;
  std::unique_ptr<Anchoring> anchoring_;
  console::Persons persons_;
  std::unique_ptr<console::ErasureDesk> erasures_;
  std::unique_ptr<transport::EventLoopGroup> loops_;
  std::unique_ptr<ProviderWatch> provider_watch_;
  std::unique_ptr<mailbox::Mailbox> mailbox_;
  std::unique_ptr<broker::Broker> broker_;
  std::unique_ptr<replay::Resolver> delivery_resolver_;
  std::unique_ptr<DataPort> port_;
  std::unique_ptr<transport::Server> server_;
  std::atomic<transport::Server*> serving_{nullptr};  // server_, once it has started
  mutable core::Mutex listening_mutex_;
  Listening listening_ ABSL_GUARDED_BY(listening_mutex_);
  std::unique_ptr<ConsoleControl> control_;
  std::unique_ptr<ReplayTasks> replay_tasks_;  // null: their store cannot be opened
  std::unique_ptr<console::RegistryDesk> registry_desk_;
  std::unique_ptr<console::CertificateDesk> certificate_desk_;
  std::unique_ptr<console::MailboxDesk> mailbox_desk_;
  std::unique_ptr<console::AccessDesk> access_desk_;  // null where there is no registry desk
  std::unique_ptr<AccessWatch> access_watch_;
  std::unique_ptr<console::PeerDesk> peer_desk_;  // null: nothing is passed on to other nodes
  std::unique_ptr<FeedWatch> feed_watch_;
  std::unique_ptr<console::OperatorServer> operators_;
  std::unique_ptr<OperatorSignIn> sign_in_;
  std::unique_ptr<http::NodePages> pages_;
  std::shared_ptr<http::WaitingHttpSite> http_site_;  // shared with operators_
  std::unique_ptr<http::HttpServer> http_;

  // Of WatchClock().
  // Since the start, so that a jump before the first tick is seen too.
  int64_t clock_offset_nanos_ = ClockOffsetNanos();
};

}  // namespace ndx::daemon
