// Where a node has its registry from: files, or what it keeps itself.
#include <utility>

#include "absl/strings/str_cat.h"
#include "console_control.h"
#include "duration_setting.h"
#include "ndx/core/status_macros.h"
#include "ndx/daemon/access_watch.h"
#include "ndx/daemon/kept_registry.h"
#include "ndx/daemon/node.h"
#include "ndx/exchange/v1/exchange_service.pb.h"

namespace ndx::daemon {
namespace {

// In the journal's directory, for the reasons that the deny list stands there.
constexpr char kFeedDirectory[] = "/service-feeds";

}  // namespace

absl::Status Node::DescribeRegistry() {
  for (const std::string& path : settings_.registry().paths()) {
    registry_source_.paths.push_back(Path(path));
  }
  for (const std::string& path : settings_.registry().descriptor_directories()) {
    registry_source_.descriptor_directories.push_back(Path(path));
  }
  NDX_ASSIGN_OR_RETURN(registry_source_.node_system,
                       core::SystemId::Parse(settings_.node().system()));
  registry_source_.node_services = {
      exchange::v1::GetReceiptRequest::descriptor()->file()->FindServiceByName("ExchangeService")};
  registry_source_.may_relay = settings_.has_relay();
  registry_source_.peer_feeds = peer_feeds_;
  registry_source_.default_deadline = DurationOf(settings_.exchange().default_deadline());
  registry_source_.deadline_max = DurationOf(settings_.exchange().deadline_max());
  return absl::OkStatus();
}

absl::Status Node::OpenRegistry() {
  if (settings_.registry().kept_in().empty()) {
    NDX_ASSIGN_OR_RETURN(registry_, registry::Registry::Open(registry_source_));
  } else {
    NDX_ASSIGN_OR_RETURN(auto kept, OpenKeptRegistry(Path(settings_.registry().kept_in()),
                                                     registry_source_, clock_));
    registry_ledger_ = std::move(kept.ledger);
    registry_ = std::move(kept.registry);
  }
  log_->Write(telemetry::LogEvent::kRegistryLoaded,
              {telemetry::LogField::Hex("version", registry_->Current()->version())});
  return absl::OkStatus();
}

absl::Status Node::OpenRegistryDesk() {
  const auto& settings = settings_.registry().access_requests();
  if (registry_ledger_ != nullptr) {
    registry_desk_ = std::make_unique<console::RegistryDesk>(
        console::RegistryDesk::Parts{*registry_ledger_, registry_source_, *control_,
                                     anchoring_->journal(), clock_, *log_, &persons_});
    NDX_RETURN_IF_ERROR(registry_desk_->RecordUnrecorded());
    access_desk_ = std::make_unique<console::AccessDesk>(
        console::AccessDesk::Parts{*registry_ledger_, *registry_desk_, *registry_,
                                   anchoring_->journal(), clock_, *log_, &persons_},
        console::AccessDesk::Options{.overdue_after = absl::Hours(24) * settings.waiting_days(),
                                     .expires_after = absl::Hours(24) * settings.expire_days()});
  }
  access_watch_ = std::make_unique<AccessWatch>(
      AccessWatch::Parts{*registry_, access_desk_.get(), clock_, *log_}, settings.reminder_days());
  access_watch_->AddMetrics(metrics_);
  return absl::OkStatus();
}

absl::Status Node::RebuildRegistry() {
  if (registry_desk_ != nullptr) return registry_desk_->Rebuild();
  NDX_RETURN_IF_ERROR(registry_->Rebuild());
  log_->Write(telemetry::LogEvent::kRegistryLoaded,
              {telemetry::LogField::Hex("version", registry_->Current()->version())});
  broker_->RegistryChanged();
  return absl::OkStatus();
}

// What was kept is in force before the first exchange; the peers are asked afterwards.
void Node::OpenPeerDesk() {
  if (!settings_.has_relay()) return;
  const std::string& named = settings_.relay().feed_directory();
  peer_desk_ = std::make_unique<console::PeerDesk>(console::PeerDesk::Parts{
      .node = registry_source_.node_system.text(),
      .directory = named.empty()
                       ? absl::StrCat(Path(settings_.journal().directory()), kFeedDirectory)
                       : Path(named),
      .feeds = *peer_feeds_,
      .registry = *registry_,
      .rebuild = [this] { return RebuildRegistry(); },
      .ask =
          [this](const auto& snapshot, const auto& peer, const std::string& since_version) {
            return broker::AskForFeed(*broker_, *loops_, clock_, snapshot, peer,
                                      registry_source_.node_system.text(), since_version);
          },
      .journal = anchoring_->journal(),
      .clock = clock_,
      .log = *log_});
  metrics_.AddSource(telemetry::MetricRegistry::SourceKind::kGauge, "ndx_peer_feed_age_seconds",
                     "Since when the oldest feed of a peer's services has not been confirmed.",
                     [this] { return peer_desk_->OldestSeconds(); });
  peer_desk_->Restore();
}

}  // namespace ndx::daemon
