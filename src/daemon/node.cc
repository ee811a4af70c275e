#include "ndx/daemon/node.h"

#include <algorithm>
#include <cstdlib>
#include <map>
#include <thread>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "console_control.h"
#include "data_port.h"
#include "duration_setting.h"
#include "ndx/adapters/host/adapter_kinds.h"
#include "ndx/broker/node_service.h"
#include "ndx/core/mutex.h"
#include "ndx/core/status_macros.h"
#include "ndx/crypto/certificate.h"
#include "ndx/crypto/key_file.h"
#include "ndx/daemon/access_watch.h"
#include "ndx/daemon/broker_options.h"
#include "ndx/daemon/connection_limits.h"
#include "ndx/daemon/descriptor_limit.h"
#include "ndx/daemon/feed_watch.h"
#include "ndx/daemon/following.h"
#include "ndx/daemon/host_port.h"
#include "ndx/daemon/http_watch.h"
#include "ndx/daemon/journal_continuity.h"
#include "ndx/daemon/key_source.h"
#include "ndx/daemon/ocsp_watch.h"
#include "ndx/daemon/provider_watch.h"
#include "ndx/daemon/retention.h"
#include "ndx/daemon/revocation_watch.h"
#include "ndx/daemon/secret_memory.h"
#include "ndx/exchange/v1/exchange_service.pb.h"
#include "ndx/journal/journal_backup.h"
#include "ndx/journal/verify_journal.h"
#include "ndx/registry/calendar.h"
#include "ndx/settings/settings_loader.h"
#include "ndx/telemetry/process_metrics.h"

namespace ndx::daemon {
namespace {

using telemetry::LogEvent;

// A difference between wall clock and monotonic clock within one tick that is worth a leaf.
constexpr absl::Duration kClockJump = absl::Seconds(2);

telemetry::LogSeverity SeverityOf(settings::v1::LogLevel level) {
  switch (level) {
    case settings::v1::LOG_LEVEL_DEBUG:
      return telemetry::LogSeverity::kDebug;
    case settings::v1::LOG_LEVEL_WARNING:
      return telemetry::LogSeverity::kWarning;
    case settings::v1::LOG_LEVEL_ERROR:
      return telemetry::LogSeverity::kError;
    default:
      return telemetry::LogSeverity::kInfo;
  }
}

size_t LoopCount(uint32_t wanted) {
  return wanted != 0 ? wanted : std::max<size_t>(std::thread::hardware_concurrency(), 1);
}

}  // namespace

absl::StatusOr<std::unique_ptr<Node>> Node::Start(const settings::v1::NodeSettings& settings,
                                                  const std::string& settings_file,
                                                  bool open_new_epoch) {
  std::unique_ptr<Node> node(new Node(settings, settings_file));
  NDX_RETURN_IF_ERROR(node->OpenLog());
  LockSecrets(node->metrics_, *node->log_);
  node->log_->Write(LogEvent::kNodeStarting,
                    {{"version", kVersion}, {"system", settings.node().system()}});
  NDX_RETURN_IF_ERROR(node->OpenAdapters());
  NDX_RETURN_IF_ERROR(node->DescribeRegistry());
  NDX_RETURN_IF_ERROR(node->OpenRegistry());
  NDX_RETURN_IF_ERROR(node->OpenRevocations());
  NDX_RETURN_IF_ERROR(node->OpenCertificates());
  NDX_RETURN_IF_ERROR(node->OpenJournal(open_new_epoch));
  NDX_RETURN_IF_ERROR(node->FollowWithSearchIndex());
  NDX_RETURN_IF_ERROR(node->BuildAnchoring());
  NDX_RETURN_IF_ERROR(node->OpenDenied());
  NDX_RETURN_IF_ERROR(node->AskOcsp());
  NDX_RETURN_IF_ERROR(node->OpenStopSwitch());
  NDX_RETURN_IF_ERROR(node->OpenMailbox());
  NDX_RETURN_IF_ERROR(node->BuildBroker());
  node->AddMetrics();
  node->control_ = std::make_unique<ConsoleControl>(*node);
  node->OpenReplayTasks();
  NDX_RETURN_IF_ERROR(node->OpenRegistryDesk());
  node->OpenPeerDesk();
  NDX_RETURN_IF_ERROR(node->ServeOperators());
  NDX_RETURN_IF_ERROR(node->ServePages());
  NDX_RETURN_IF_ERROR(node->anchoring_->Serve());
  NDX_RETURN_IF_ERROR(node->Listen());
  node->StartDeliveries();
  if (node->peer_desk_ != nullptr) {
    node->feed_watch_ = std::make_unique<FeedWatch>(*node->peer_desk_,
                                                    DurationOf(settings.relay().feed_interval()));
  }
  node->revocations_->Start(DurationOf(settings.listener().crl_check_interval()));
  node->log_->Write(LogEvent::kNodeReady, {{"version", kVersion}});
  node->notifier_.Ready("serving");
  return node;
}

absl::Status Node::Check(const settings::v1::NodeSettings& settings,
                         const std::string& settings_file) {
  Node node(settings, settings_file);
  NDX_RETURN_IF_ERROR(node.OpenLog());
  NDX_RETURN_IF_ERROR(node.OpenAdapters());
  NDX_RETURN_IF_ERROR(node.DescribeRegistry());
  // The files, also where they are read on the first start only: what the node keeps is its own.
  NDX_RETURN_IF_ERROR(registry::LoadRegistry(node.registry_source_).status());
  NDX_RETURN_IF_ERROR(Anchoring::Check(settings, settings_file));
  NDX_RETURN_IF_ERROR(
      OperatorSignIn::Open(settings.operator_api(), settings_file, node.clock_, *node.log_)
          .status());
  NDX_RETURN_IF_ERROR(node.OpenCertificates());
  return node.OpenRevocations();
}

Node::Node(const settings::v1::NodeSettings& settings, std::string settings_file)
    : settings_(settings),
      settings_file_(std::move(settings_file)),
      started_(clock_.Now()),
      descriptor_limit_(RaiseDescriptorLimit()) {}

Node::~Node() {
  // What calls into the others goes first.
  feed_watch_.reset();
  if (operators_ != nullptr) operators_->Stop();
  if (replay_tasks_ != nullptr) replay_tasks_->Stop();
  if (erasures_ != nullptr) erasures_->Stop();
  if (http_ != nullptr) http_->Stop();
  if (anchoring_ != nullptr) anchoring_->Stop();
  if (server_ != nullptr) server_->Stop();
  // Its thread calls the broker; what it is told afterwards falls on deaf ears.
  if (mailbox_ != nullptr) mailbox_->Stop();
  broker_.reset();
  if (loops_ != nullptr) loops_->Stop();
  if (journal_ != nullptr) journal_->Close();
}

std::string Node::Path(const std::string& named) const {
  return named.empty() ? named : settings::ResolvePath(settings_file_, named);
}

absl::Status Node::OpenLog() {
  telemetry::JsonLogOptions options;
  options.file = Path(settings_.log().file());
  options.severity_min = SeverityOf(settings_.log().level());
  NDX_ASSIGN_OR_RETURN(log_, telemetry::JsonLog::Open(options, clock_));
  return absl::OkStatus();
}

absl::Status Node::OpenAdapters() {
  for (const auto& embedded : settings_.adapters()) {
    NDX_ASSIGN_OR_RETURN(auto adapter,
                         host::MakeAdapter(embedded.kind(), Path(embedded.config_file()), clock_));
    registry_source_.embedded_adapters[embedded.name()] =
        adapter->descriptor().descriptors.SerializeAsString();
    const bool added = adapters_.emplace(embedded.name(), std::move(adapter)).second;
    if (!added) {
      return absl::InvalidArgumentError(
          absl::StrCat(settings_file_, ": adapters: two have the name ", embedded.name()));
    }
  }
  return absl::OkStatus();
}

absl::Status Node::OpenCertificates() {
  NDX_ASSIGN_OR_RETURN(
      certificates_, NodeCertificates::Read({settings_, settings_file_, clock_, metrics_, *log_}));
  return absl::OkStatus();
}

absl::Status Node::OpenJournal(bool open_new_epoch) {
  const auto& settings = settings_.journal();
  NDX_ASSIGN_OR_RETURN(auto keys, ReadJournalKeys(settings, settings_file_));
  auto continuity =
      JournalContinuity::Check(settings_, settings_file_, keys, open_new_epoch, *log_);
  if (!continuity.ok()) {
    log_->Write(LogEvent::kJournalRefusedToOpen, {{"error", continuity.status()}});
    return continuity.status();
  }
  continuity_ = *std::move(continuity);
  delivery_key_.emplace(keys);
  journal::RocksJournalOptions options;
  options.directory = Path(settings.directory());
  options.node = settings_.node().origin();
  options.version = kVersion;
  options.open_new_epoch = open_new_epoch;
  options.segment_threshold_bytes = settings.segment_payload_bytes();
  options.segment_bytes_max = settings.segment_file_bytes();
  options.group_records_max = settings.group_records();
  options.queue_records_max = settings.queue_records();
  options.ballast_bytes = settings.ballast_bytes();
  options.free_bytes_min = settings.low_water_bytes();
  options.signing_key_overlap = DurationOf(settings.signing_key_overlap());
  options.on_fatal = [this](const absl::Status& status) {
    log_->Write(LogEvent::kJournalWriteFailed, {{"error", status}});
    failed_.store(true);
  };
  auto journal = journal::RocksJournal::Open(std::move(options), std::move(keys), clock_, random_);
  if (!journal.ok()) {
    log_->Write(LogEvent::kJournalRefusedToOpen, {{"error", journal.status()}});
    return journal.status();
  }
  journal_ = *std::move(journal);
  const journal::StartFindings& found = journal_->findings();
  log_->Write(
      found.clean_stop || found.created ? LogEvent::kJournalOpened : LogEvent::kJournalRecovered,
      {{"leaves", found.leaves}, {"in_doubt", found.in_doubt}, {"found", found.ToString()}});
  return absl::OkStatus();
}

absl::Status Node::FollowWithSearchIndex() {
  search::SearchIndexOptions options;
  options.directory = absl::StrCat(journal_->findings().epoch_directory, "/index");
  options.on_trouble = [this](const absl::Status& status) {
    log_->Write(LogEvent::kSearchIndexTrouble, {{"error", status}});
  };
  NDX_ASSIGN_OR_RETURN(search_index_,
                       search::SearchIndex::Open(std::move(options), journal_->reader()));
  NDX_ASSIGN_OR_RETURN(auto rules, RetentionOf(settings_, settings_file_));
  NDX_ASSIGN_OR_RETURN(quota_memory_,
                       QuotaMemory::Open({.reader = journal_->reader(),
                                          .registry = *registry_,
                                          .limiter = limiter_,
                                          .campaign_file = absl::StrCat(
                                              journal_->findings().epoch_directory, "/campaigns")},
                                         clock_.Now()));
  return FollowJournal({.settings = settings_.journal(),
                        .journal = *journal_,
                        .registry = *registry_,
                        .index = *search_index_,
                        .quotas = *quota_memory_,
                        .log = *log_,
                        .retention = std::move(rules)});
}

absl::Status Node::BuildAnchoring() {
  http_watch_ = std::make_unique<HttpWatch>(clock_, metrics_, *log_);
  NDX_ASSIGN_OR_RETURN(anchoring_, Anchoring::Build({.settings = settings_,
                                                     .settings_file = settings_file_,
                                                     .journal = *journal_,
                                                     .clock = clock_,
                                                     .random = random_,
                                                     .log = *log_,
                                                     .metrics = metrics_,
                                                     .http_observer = http_watch_.get()}));
  erasures_ = std::make_unique<console::ErasureDesk>(
      console::ErasureDesk::Parts{journal_->payload_keeper(), anchoring_->journal(),
                                  journal_->reader(), clock_, *log_, &persons_},
      console::ErasureDesk::Options{});
  return absl::OkStatus();
}

absl::Status Node::BuildBroker() {
  adapters_[""] =
      std::make_shared<broker::NodeService>(*journal_, *registry_, mailbox_.get(), clock_);
  loops_ = std::make_unique<transport::EventLoopGroup>(
      clock_, LoopCount(settings_.listener().event_loops()), "ndx-loop");
  loops_->Start();
  broker::BrokerOptions options = BrokerOptionsOf(settings_);
  provider_watch_ = std::make_unique<ProviderWatch>(clock_, metrics_, *log_);
  options.upstreams.node_tls = [this] { return certificates_->Listener(); };
  options.upstreams.observer = provider_watch_.get();
  SetProviderLimits(settings_.provider_limits(), options.upstreams);
  options.sign_delivery = delivery_key_->Signer(*journal_, clock_);
  if (settings_.has_relay()) {
    NDX_ASSIGN_OR_RETURN(const auto key, ReadRelayKey(settings_.relay(), settings_file_));
    options.sign_relay = [key](const crypto::RelayClaims& claims) {
      return crypto::SignRelayAssertion(claims, key);
    };
  }
  broker_ = std::make_unique<broker::Broker>(
      std::move(options), broker::BrokerParts{*loops_, clock_, random_, anchoring_->journal(),
                                              *registry_, *authenticator_, limiter_, providers_,
                                              adapters_, metrics_, *log_, mailbox_.get()});
  return absl::OkStatus();
}

// Connections alone must not leave the journal without a descriptor.
void Node::CapConnections(transport::ServerOptions& options) {
  const size_t most = ConnectionsWithin(descriptor_limit_, OpenDescriptors());
  if (options.limits.connections_max <= most) return;
  log_->Write(LogEvent::kConnectionsCapped, {{"connections", most},
                                             {"wanted", options.limits.connections_max},
                                             {"descriptors", descriptor_limit_}});
  options.limits.connections_max = most;
}

absl::Status Node::Listen() {
  const auto& settings = settings_.listener();
  Listening listening;
  transport::ServerOptions options;
  for (const std::string& address : settings.addresses()) {
    options.listen.push_back({.address = address, .tls = certificates_->Listener()});
  }
  SetCallerLimits(settings, options);
  CapConnections(options);
  console::HealthService health([this](absl::string_view service) -> std::optional<bool> {
    if (!service.empty() && registry_->Current()->FindService(service) == nullptr)
      return std::nullopt;
    return control_->Serving(service);
  });
  port_ = std::make_unique<DataPort>(DataPort::Parts{*broker_, *registry_, *authenticator_,
                                                     ocsp_statuses_.get(), clock_, metrics_, *log_},
                                     std::move(health));
  server_ =
      std::make_unique<transport::Server>(*loops_, random_, std::move(options), *port_, *port_);
  metrics_.AddSource(telemetry::MetricRegistry::SourceKind::kGauge, "ndx_answers_unsent_bytes",
                     "Bytes of answers that callers have not taken yet.",
                     [this] { return static_cast<double>(server_->unsent_bytes()); });
  NDX_ASSIGN_OR_RETURN(const std::vector<uint16_t> ports, server_->Start());
  serving_.store(server_.get());
  for (size_t i = 0; i < ports.size(); ++i) {
    const std::string& wanted = settings.addresses(static_cast<int>(i));
    listening.addresses.push_back(
        ports[i] == 0 ? wanted : absl::StrCat(wanted.substr(0, wanted.rfind(':')), ":", ports[i]));
    log_->Write(LogEvent::kListening,
                {{"address", listening.addresses.back()}, {"for", "exchanges"}});
  }
  certificates_->Serve(*server_, *broker_, *registry_, http_.get());
  core::MutexLock lock(listening_mutex_);
  listening_ = std::move(listening);
  return absl::OkStatus();
}

void Node::AddMetrics() {
  using Kind = telemetry::MetricRegistry::SourceKind;
  telemetry::AddProcessMetrics(metrics_, "ndxd", kVersion, started_);
  metrics_.AddSource(Kind::kGauge, "ndx_exchanges_in_flight", "Exchanges under way.",
                     [this] { return double{1} * broker_->admission().in_flight(); });
  metrics_.AddSource(Kind::kGauge, "ndx_message_memory_bytes", "Bytes of messages held.",
                     [this] { return static_cast<double>(broker_->admission().memory_bytes()); });
  metrics_.AddSource(Kind::kGauge, "ndx_capacity_limit",
                     "Exchanges a second that are taken on; 0 while the node keeps up.",
                     [this] { return broker_->capacity().limit().value_or(0); });
  metrics_.AddSource(Kind::kCounter, "ndx_journal_leaves", "Leaves covered by a signed checkpoint.",
                     [this] { return static_cast<double>(journal_->reader().size()); });
  metrics_.AddSource(
      Kind::kGauge, "ndx_journal_accepts", "1 while new exchanges can be recorded.",
      [this] { return anchoring_->journal().AcceptsNewExchanges().ok() ? 1.0 : 0.0; });
  metrics_.AddSource(Kind::kGauge, "ndx_search_lag_leaves", "Leaves not in the search index yet.",
                     [this] { return static_cast<double>(search_index_->lag()); });
  metrics_.AddSource(Kind::kGauge, "ndx_search_working", "1 while the search index grows.",
                     [this] { return search_index_->trouble().ok() ? 1.0 : 0.0; });
  metrics_.AddSource(Kind::kCounter, "ndx_search_cpu_seconds", "CPU time spent on indexing.",
                     [this] { return absl::ToDoubleSeconds(search_index_->cpu_time()); });
  metrics_.AddSource(Kind::kGauge, "ndx_journal_memory_bytes",
                     "Memory of the journal's databases: write buffers, caches, tables.",
                     [this] { return static_cast<double>(journal_->memory_bytes()); });
  metrics_.AddSource(Kind::kGauge, "ndx_search_memory_bytes",
                     "Memory of the search index's database.",
                     [this] { return static_cast<double>(search_index_->memory_bytes()); });
  AddFollowerMetrics(journal_->payload_keeper(), clock_, metrics_);
  AddRetentionMetrics(journal_->retention(), clock_, metrics_);
  metrics_.AddSource(Kind::kCounter, "ndx_log_lines_dropped", "Log lines lost to a slow disk.",
                     [this] { return static_cast<double>(log_->lines_dropped()); });
}

void Node::Tick() {
  RecordRefusals();
  WatchClock();
  access_watch_->Tick();
  certificates_->Look();
  // Waits for each loop in turn: one that hangs keeps the watchdog from being told.
  for (size_t i = 0; i < loops_->size(); ++i) loops_->loop(i).RunAndWait([] {});
  continuity_->Keep(journal_->reader().Checkpoint());
  notifier_.Alive();
}

void Node::RecordRefusals() {
  auto leaf = broker_->refusals().TakeLeaf();
  if (!leaf.has_value()) return;
  journal::Record record;
  record.leaf = *std::move(leaf);
  journal_->Append(std::move(record), [](const absl::StatusOr<journal::Appended>&) {});
}

int64_t Node::ClockOffsetNanos() const {
  return absl::ToUnixNanos(clock_.Now()) - clock_.MonotonicNanos();
}

void Node::WatchClock() {
  const int64_t offset = ClockOffsetNanos();
  const absl::Duration jump =
      absl::Nanoseconds(offset - std::exchange(clock_offset_nanos_, offset));
  if (absl::AbsDuration(jump) < kClockJump) return;
  log_->Write(LogEvent::kClockJumped, {{"jump_ms", jump}});
  journal::Record record;
  record.leaf.set_event(journal::v1::JOURNAL_EVENT_CLOCK_JUMPED);
  record.leaf.set_note(absl::FormatDuration(jump));
  journal_->Append(std::move(record), [](const absl::StatusOr<journal::Appended>&) {});
}

void Node::Reload() {
  notifier_.Reloading(clock_.MonotonicNanos());
  // What is wrong has been logged; the old registry stays in force.
  (void)control_->Reload(kSignalled, "ReloadRegistry", "signal");
  notifier_.Ready("serving");
}

}  // namespace ndx::daemon
