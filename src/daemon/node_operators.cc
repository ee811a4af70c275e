// Where a node serves its operators: the socket, and the HTTP port with metrics and health.
#include <cstdlib>
#include <utility>

#include "absl/strings/str_cat.h"
#include "console_control.h"
#include "ndx/core/status_macros.h"
#include "ndx/daemon/connection_limits.h"
#include "ndx/daemon/following.h"
#include "ndx/daemon/host_port.h"
#include "ndx/daemon/http_watch.h"
#include "ndx/daemon/node.h"
#include "ndx/journal/journal_backup.h"
#include "ndx/journal/verify_journal.h"

namespace ndx::daemon {

using telemetry::LogEvent;

absl::Status Node::ServeOperators() {
  const auto& settings = settings_.operator_api();
  if (settings.socket().empty() && settings.http_address().empty()) return absl::OkStatus();
  NDX_ASSIGN_OR_RETURN(auto directory, console::OperatorDirectory::Build(
                                           settings, console::OperatorDirectory::SystemUser));
  console::OperatorServerOptions options;
  options.socket = Path(settings.socket());  // none where the API is served over HTTPS alone
  options.socket_mode =
      static_cast<uint32_t>(std::strtoul(settings.socket_mode().c_str(), nullptr, 8));
  const console::OperatorNode node{
      .clock = clock_,
      .log = *log_,
      .journal = anchoring_->journal(),
      .reader = journal_->reader(),
      .keys = *journal_,
      .registry = *registry_,
      .registry_source = registry_source_,
      .control = *control_,
      .verify_journal =
          [this](const console::OperatorNode::Progress& progress) {
            journal::VerifyOptions verify{.progress = progress};
            for (const auto& key : journal_->keys()) verify.vkeys.push_back(key.vkey);
            return journal::VerifyJournal(*journal_, verify);
          },
      .back_up_journal =
          [this](journal::BackupOptions backup) {
            backup.program_version = kVersion;
            return journal::BackUpJournal(*journal_, backup, clock_, random_);
          },
      .search_index = search_index_.get(),
      .keeper = &journal_->payload_keeper(),
      .erasures = erasures_.get(),
      .references =
          [this](journal::ReferenceKind kind, absl::string_view value,
                 const search::TimeBound& bound) {
            return ReferencesInTime(*journal_, kind, value, bound, clock_.Now());
          },
      .registry_desk = registry_desk_.get(),
      .registry_ledger = registry_ledger_.get(),
      .access_desk = access_desk_.get(),
      .grant_reminder_days = settings_.registry().access_requests().reminder_days(),
      .persons = &persons_,
      .replay_desk = replay_tasks_ == nullptr ? nullptr : &replay_tasks_->desk(),
      .certificate_desk = certificate_desk_.get(),
      .mailbox_desk = mailbox_desk_.get(),
      .peer_desk = peer_desk_.get(),
      .retention = &journal_->retention(),
      .journal_directory = Path(settings_.journal().directory()),
      .anchors = &anchoring_->ledger(),
      .authority_pem = &anchoring_->authority_pem()};
  NDX_ASSIGN_OR_RETURN(
      operators_, console::OperatorServer::Start(options, node, std::move(directory), random_));
  if (!options.socket.empty()) {
    log_->Write(LogEvent::kListening, {{"address", options.socket}, {"for", "operators"}});
  }
  return absl::OkStatus();
}

void Node::OpenReplayTasks() {
  auto opened =
      ReplayTasks::Open({.directory = absl::StrCat(journal_->findings().epoch_directory, "/replay"),
                         .broker = *broker_,
                         .loops = *loops_,
                         .journal = anchoring_->journal(),
                         .reader = journal_->reader(),
                         .index = *search_index_,
                         .registry = *registry_,
                         .limiter = limiter_,
                         .clock = clock_,
                         .random = random_,
                         .log = *log_,
                         .persons = persons_,
                         .stopped =
                             [this](absl::string_view method, absl::string_view provider) {
                               return stops_->StoppedMethod(method, provider);
                             }},
                        settings_.replay());
  // Exchanges do not wait for it: without its store there are no tasks.
  if (!opened.ok()) return log_->Write(LogEvent::kReplayHalted, {{"error", opened.status()}});
  replay_tasks_ = *std::move(opened);
  replay_tasks_->AddMetrics(metrics_);
}

absl::Status Node::ServePages() {
  const auto& settings = settings_.operator_api();
  if (settings.http_address().empty()) return absl::OkStatus();
  http::HttpServerOptions options;
  const auto listen = ParseHostPort(settings.http_address());
  if (!listen.ok()) {
    return absl::InvalidArgumentError(
        absl::StrCat(settings_file_, ": operator_api.http_address ", listen.status().message()));
  }
  options.address = listen->host;
  options.port = listen->port;
  options.observer = http_watch_.get();
  SetHttpLimits(settings.http_limits(), options);
  NDX_ASSIGN_OR_RETURN(sign_in_, OperatorSignIn::Open(settings, settings_file_, clock_, *log_));
  options.tls = certificates_->OperatorHttp();
  pages_ = std::make_unique<http::NodePages>(metrics_, [this] { return Readiness(); });
  console::OperatorSiteOptions site = sign_in_->SiteOptions();
  site.observer = http_watch_.get();
  http_site_ = operators_->Site(*pages_, site);
  metrics_.AddSource(telemetry::MetricRegistry::SourceKind::kGauge, "ndx_sign_in_keys",
                     "Keys by which operators' tokens are verified; without any no token counts.",
                     [this] { return static_cast<double>(sign_in_->keys()); });
  NDX_ASSIGN_OR_RETURN(http_, http::HttpServer::Start(options, *http_site_));
  sign_in_->Start();
  log_->Write(LogEvent::kListening,
              {{"address", absl::StrCat(options.address, ":", http_->port())},
               {"for", options.tls.has_value() ? "metrics and operators" : "metrics"}});
  return absl::OkStatus();
}

std::vector<http::ReadinessCheck> Node::Readiness() const {
  const absl::Status journal = anchoring_->journal().AcceptsNewExchanges();
  return {{.name = "listener",
           .ready = !listening().addresses.empty() && !stopping_.load(),
           .detail = stopping_.load() ? "the node is stopping" : ""},
          {.name = "journal", .ready = journal.ok(), .detail = std::string(journal.message())},
          {.name = "registry", .ready = true, .detail = registry_->Current()->VersionHex()}};
}

}  // namespace ndx::daemon
