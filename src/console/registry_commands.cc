// Operator methods about the registry.
#include "absl/strings/str_split.h"
#include "ndx/console/operator_commands.h"
#include "ndx/console/operator_ledger.h"
#include "ndx/console/registry_desk.h"
#include "ndx/console/service_catalogue.h"
#include "ndx/core/status_macros.h"
#include "ndx/registry/contract_change.h"
#include "ndx/settings/settings_loader.h"

namespace ndx::console {
namespace {

absl::StatusOr<std::shared_ptr<const registry::RegistrySnapshot>> Build(
    const OperatorNode& node, const v1::CheckRegistryRequest& request) {
  std::vector<settings::SettingsFile> files;
  for (const v1::RegistryFile& file : request.files()) {
    files.push_back({.name = file.name(), .text = file.text()});
  }
  if (files.empty()) {
    NDX_ASSIGN_OR_RETURN(files, settings::ReadSettingsFiles(node.registry_source.paths));
  }
  NDX_RETURN_IF_ERROR(ContractBreaksIfSo(
      registry::RefuseIfBreaking(*node.registry.Current(), files, node.registry_source)));
  return registry::BuildRegistry(files, node.registry_source);
}

absl::StatusOr<v1::CheckRegistryResponse> CheckRegistry(const OperatorNode& node,
                                                        const v1::CheckRegistryRequest& request) {
  v1::CheckRegistryResponse response;
  response.set_version_in_force(node.registry.Current()->VersionHex());
  const auto snapshot = Build(node, request);
  response.set_valid(snapshot.ok());
  if (snapshot.ok()) {
    response.set_version((*snapshot)->VersionHex());
    *response.mutable_counts() = CountsOf(**snapshot);
    return response;
  }
  for (const absl::string_view line :
       absl::StrSplit(snapshot.status().message(), '\n', absl::SkipEmpty())) {
    response.add_faults(std::string(line));
  }
  return response;
}

absl::StatusOr<v1::ReloadRegistryResponse> ReloadRegistry(
    const OperatorNode& node, const OperatorIdentity& who,
    const v1::ReloadRegistryRequest& request) {
  NDX_RETURN_IF_ERROR(
      OperatorLedger::CheckReason(request.reason(), OperatorLedger::ReasonNeed::kOptional));
  v1::ReloadRegistryResponse response;
  response.set_version_before(node.registry.Current()->VersionHex());
  const auto snapshot = node.control.ReloadRegistry(
      {.operator_name = who.name, .action = "ReloadRegistry", .reason = request.reason()});
  if (!snapshot.ok()) return ContractBreaksIfSo(snapshot.status());
  response.set_version((*snapshot)->VersionHex());
  *response.mutable_counts() = CountsOf(**snapshot);
  node.log.Write(
      telemetry::LogEvent::kOperatorCommand,
      {{"operator", who.name}, {"action", "ReloadRegistry"}, {"version", response.version()}});
  return response;
}

}  // namespace

void AddRegistryMethods(const OperatorNode& node, OperatorMethods& methods) {
  using settings::v1::OPERATOR_ROLE_ADMINISTRATOR;
  using settings::v1::OPERATOR_ROLE_VIEWER;
  methods.AddUnary<v1::ListServicesRequest, v1::ListServicesResponse>(
      "ListServices", OPERATOR_ROLE_VIEWER, [&node](const auto&, const auto& request) {
        v1::ListServicesResponse response =
            ListServices(*node.registry.Current(), request.name_contains(), node.clock.Now());
        for (v1::RegisteredService& service : *response.mutable_services()) {
          if (service.feed_of().empty() || node.peer_desk == nullptr) continue;
          *service.mutable_feed_confirmed() =
              ToTimestamp(node.peer_desk->ConfirmedOf(service.feed_of()));
        }
        return response;
      });
  methods.AddUnary<v1::GetDescriptorsRequest, v1::GetDescriptorsResponse>(
      "GetDescriptors", OPERATOR_ROLE_VIEWER,
      [&node](const auto&, const auto& request) -> absl::StatusOr<v1::GetDescriptorsResponse> {
        v1::GetDescriptorsResponse response;
        NDX_ASSIGN_OR_RETURN(*response.mutable_descriptors(),
                             DescriptorsOf(*node.registry.Current(), request.service()));
        return response;
      });
  methods.AddUnary<v1::CheckRegistryRequest, v1::CheckRegistryResponse>(
      "CheckRegistry", OPERATOR_ROLE_ADMINISTRATOR,
      [&node](const auto&, const auto& request) { return CheckRegistry(node, request); });
  methods.AddUnary<v1::ReloadRegistryRequest, v1::ReloadRegistryResponse>(
      "ReloadRegistry", OPERATOR_ROLE_ADMINISTRATOR,
      [&node](const OperatorIdentity& who, const auto& request) {
        return ReloadRegistry(node, who, request);
      });
}

}  // namespace ndx::console
