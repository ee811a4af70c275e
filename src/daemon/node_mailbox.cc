// What the node sends of itself, and the switch that stops it.
#include <memory>
#include <string>
#include <utility>

#include "absl/strings/str_cat.h"
#include "duration_setting.h"
#include "ndx/core/status_macros.h"
#include "ndx/daemon/node.h"

namespace ndx::daemon {
namespace {

// In the journal's directory, for the reasons that the deny list stands there.
constexpr char kStopOrdersFile[] = "/stop-orders.yaml";

// In the epoch's: of what its journal has, the mailbox remembers what waits.
constexpr char kMailboxDirectory[] = "/mailbox";

}  // namespace

absl::Status Node::OpenStopSwitch() {
  NDX_ASSIGN_OR_RETURN(stops_, dispatch::StopSwitch::Open(absl::StrCat(
                                   Path(settings_.journal().directory()), kStopOrdersFile)));
  providers_.Obey(*stops_);
  metrics_.AddSource(telemetry::MetricRegistry::SourceKind::kGauge, "ndx_stop_orders",
                     "Orders in force that stop retries, deliveries and replays.",
                     [this] { return static_cast<double>(stops_->Orders().size()); });
  return absl::OkStatus();
}

absl::Status Node::OpenMailbox() {
  const auto& settings = settings_.mailbox();
  mailbox::MailboxOptions options;
  options.directory = settings.directory().empty()
                          ? absl::StrCat(journal_->findings().epoch_directory, kMailboxDirectory)
                          : Path(settings.directory());
  options.keep_default = DurationOf(settings.keep_default());
  options.keep_most = DurationOf(settings.keep_most());
  options.items_max = settings.requests();
  options.bytes_max = settings.bytes();
  options.items_per_consumer_max = settings.requests_per_consumer();
  options.back_off_least = DurationOf(settings.back_off_least());
  options.back_off_most = DurationOf(settings.back_off_most());
  options.deliveries_max = settings.deliveries();
  options.deliveries_per_lane_max = settings.deliveries_per_service();
  NDX_ASSIGN_OR_RETURN(mailbox_,
                       mailbox::Mailbox::Open(std::move(options), {.journal = anchoring_->journal(),
                                                                   .reader = journal_->reader(),
                                                                   .clock = clock_,
                                                                   .random = random_,
                                                                   .stops = *stops_,
                                                                   .metrics = metrics_,
                                                                   .log = *log_}));
  stops_->AddListener([this] { mailbox_->Wake(); });
  mailbox_desk_ = std::make_unique<console::MailboxDesk>(
      console::MailboxDesk::Parts{.stops = *stops_,
                                  .mailbox = *mailbox_,
                                  .journal = anchoring_->journal(),
                                  .clock = clock_,
                                  .log = *log_});
  return absl::OkStatus();
}

void Node::StartDeliveries() {
  delivery_resolver_ = std::make_unique<replay::Resolver>(*broker_, *loops_, anchoring_->journal(),
                                                          journal_->reader(), *registry_, clock_);
  mailbox_->Start({.broker = *broker_,
                   .loops = *loops_,
                   .resolver = *delivery_resolver_,
                   .registry = *registry_});
}

}  // namespace ndx::daemon
