#include "ndx/dispatch/stop_switch.h"

#include <algorithm>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "google/protobuf/util/time_util.h"
#include "ndx/core/status_macros.h"
#include "ndx/settings/settings_loader.h"
#include "ndx/settings/v1/stop_orders.pb.h"
#include "ndx/store/whole_file.h"

namespace ndx::dispatch {
namespace {

using google::protobuf::util::TimeUtil;

// An empty file has lost its content; it is no empty list.
constexpr absl::string_view kFirstLine = "# ndx: what this node has been told to stop, format 1\n";

std::string TextOf(const std::vector<StopOrder>& orders) {
  settings::v1::StopOrders file;
  for (const StopOrder& order : orders) {
    settings::v1::StopOrder& entry = *file.add_orders();
    entry.set_service(order.scope.service);
    entry.set_provider(order.scope.provider);
    *entry.mutable_since() = TimeUtil::NanosecondsToTimestamp(absl::ToUnixNanos(order.since));
    entry.set_operator_name(order.operator_name);
    entry.set_reason(order.reason);
    entry.set_leaf_index(order.leaf_index);
  }
  return absl::StrCat(kFirstLine, settings::SettingsText(file));
}

absl::Status NoStopOrders(const std::string& path, absl::string_view why) {
  return absl::InvalidArgumentError(
      absl::StrCat(path, ": is no list of stop orders (", why,
                   "). Put back a copy, or remove the file and stop again what the journal's "
                   "leaves StopDeliveries name."));
}

bool Covers(const StopScope& scope, absl::string_view service, absl::string_view provider) {
  return (scope.service.empty() || scope.service == service) &&
         (scope.provider.empty() || scope.provider == provider);
}

}  // namespace

absl::StatusOr<std::unique_ptr<StopSwitch>> StopSwitch::Open(std::string path) {
  std::unique_ptr<StopSwitch> stops(new StopSwitch(std::move(path)));
  const std::string& file = stops->path_;
  const auto text = store::ReadWholeFile(file, settings::kSettingsFileBytesMax);
  if (absl::IsNotFound(text.status())) return stops;
  NDX_RETURN_IF_ERROR(text.status());
  if (!absl::StartsWith(*text, kFirstLine)) return NoStopOrders(file, "its first line is missing");
  settings::v1::StopOrders kept;
  const absl::Status parsed =
      settings::ParseSettings({{.name = file, .text = *text}}, kept, nullptr);
  if (!parsed.ok()) return NoStopOrders(file, parsed.message());
  std::vector<StopOrder> orders;
  for (const settings::v1::StopOrder& entry : kept.orders()) {
    orders.push_back({.scope = {.service = entry.service(), .provider = entry.provider()},
                      .since = absl::FromUnixSeconds(entry.since().seconds()) +
                               absl::Nanoseconds(entry.since().nanos()),
                      .operator_name = entry.operator_name(),
                      .reason = entry.reason(),
                      .leaf_index = entry.leaf_index()});
  }
  stops->Put(std::move(orders));
  return stops;
}

bool StopSwitch::Stopped(absl::string_view service, absl::string_view provider) const {
  if (!any_.load(std::memory_order_acquire)) return false;
  const core::MutexLock lock(mutex_);
  return std::any_of(orders_.begin(), orders_.end(), [&](const StopOrder& order) {
    return Covers(order.scope, service, provider);
  });
}

bool StopSwitch::StoppedMethod(absl::string_view method, absl::string_view provider) const {
  if (!any_.load(std::memory_order_acquire)) return false;
  const absl::string_view path = absl::StripPrefix(method, "/");
  return Stopped(path.substr(0, path.find('/')), provider);
}

std::vector<StopOrder> StopSwitch::Orders() const {
  const core::MutexLock lock(mutex_);
  return orders_;
}

absl::Status StopSwitch::Stop(StopOrder order) {
  const core::MutexLock one_at_a_time(writing_);
  std::vector<StopOrder> orders = Orders();
  for (const StopOrder& earlier : orders) {
    if (earlier.scope == order.scope) return absl::AlreadyExistsError("this is stopped already");
  }
  if (orders.size() >= kStopOrdersMax) {
    return absl::ResourceExhaustedError(absl::StrCat(
        "there are ", kStopOrdersMax, " stop orders; stop everything, or resume what may go on"));
  }
  orders.push_back(std::move(order));
  return Keep(std::move(orders));
}

absl::Status StopSwitch::Resume(const StopScope& scope) {
  const core::MutexLock one_at_a_time(writing_);
  std::vector<StopOrder> orders = Orders();
  const auto gone = std::remove_if(orders.begin(), orders.end(),
                                   [&](const StopOrder& order) { return order.scope == scope; });
  if (gone == orders.end()) return absl::NotFoundError("no stop order of this scope is in force");
  orders.erase(gone, orders.end());
  return Keep(std::move(orders));
}

void StopSwitch::AddListener(std::function<void()> listener) {
  const core::MutexLock one_at_a_time(writing_);
  listeners_.push_back(std::move(listener));
}

absl::Status StopSwitch::Keep(std::vector<StopOrder> orders) {
  NDX_RETURN_IF_ERROR(store::WriteWholeFile(path_, TextOf(orders), nullptr));
  Put(std::move(orders));
  for (const auto& listener : listeners_) listener();
  return absl::OkStatus();
}

void StopSwitch::Put(std::vector<StopOrder> orders) {
  const core::MutexLock lock(mutex_);
  orders_ = std::move(orders);
  any_.store(!orders_.empty(), std::memory_order_release);
}

}  // namespace ndx::dispatch
