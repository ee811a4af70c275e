// Methods of the access service.
#include <utility>

#include "ndx/console/access_view.h"
#include "ndx/console/code_view.h"
#include "ndx/console/exchange_view.h"
#include "ndx/console/operator_commands.h"
#include "ndx/console/registry_desk.h"
#include "ndx/core/status_macros.h"
#include "ndx/registry/calendar.h"
#include "ndx/registry/registry_edit.h"

namespace ndx::console {
namespace {

using settings::v1::OPERATOR_ROLE_VIEWER;

// The registry that was in force then, where the node keeps it, and its change.
absl::StatusOr<std::pair<std::shared_ptr<const registry::RegistrySnapshot>, uint64_t>> RegistryAt(
    const OperatorNode& node, absl::Time at) {
  const auto* const ledger = node.registry_ledger;
  if (ledger == nullptr) return std::pair(node.registry.Current(), uint64_t{0});
  NDX_ASSIGN_OR_RETURN(const uint64_t change, ledger->ChangeInForceAt(at));
  if (change == ledger->last_change()) return std::pair(node.registry.Current(), change);
  if (change == 0) {
    return ChangeInvalid("there was no registry at that time");
  }
  NDX_ASSIGN_OR_RETURN(const auto document, ledger->After(change));
  NDX_ASSIGN_OR_RETURN(auto snapshot,
                       registry::BuildRegistry(document.Document(), node.registry_source));
  return std::pair(std::move(snapshot), change);
}

absl::StatusOr<v1::ExplainAccessResponse> Explain(const OperatorNode& node,
                                                  const v1::ExplainAccessRequest& request) {
  const absl::Time at = request.has_at() ? FromTimestamp(request.at()) : node.clock.Now();
  NDX_ASSIGN_OR_RETURN(const auto found, RegistryAt(node, at));
  NDX_ASSIGN_OR_RETURN(auto response, ExplainAccess(*found.first, request, at));
  response.set_change(found.second);
  return response;
}

}  // namespace

void AddAccessMethods(const OperatorNode& node, OperatorMethods& methods) {
  methods.AddUnary<v1::ExplainAccessRequest, v1::ExplainAccessResponse>(
      "ExplainAccess", OPERATOR_ROLE_VIEWER,
      [&node](const auto&, const auto& request) { return Explain(node, request); });
  methods.AddUnary<v1::ListFieldReadersRequest, v1::ListFieldReadersResponse>(
      "ListFieldReaders", OPERATOR_ROLE_VIEWER, [&node](const auto&, const auto& request) {
        return ListFieldReaders(*node.registry.Current(), request, node.clock.Now());
      });
  methods.AddUnary<v1::ExplainCodeRequest, v1::ExplainCodeResponse>(
      "ExplainCode", OPERATOR_ROLE_VIEWER, [&node](const auto&, const auto& request) {
        return ExplainCode(*node.registry.Current(), request,
                           registry::VietnamDay(node.clock.Now()));
      });
}

}  // namespace ndx::console
