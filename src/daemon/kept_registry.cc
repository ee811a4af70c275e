#include "ndx/daemon/kept_registry.h"

#include <utility>

#include "absl/strings/str_cat.h"
#include "ndx/core/status_macros.h"
#include "ndx/registry/contract_source.h"
#include "ndx/registry/registry_edit.h"
#include "ndx/settings/settings_loader.h"

namespace ndx::daemon {
namespace {

absl::Status KeepFiles(registry::RegistryLedger& ledger, const registry::RegistrySource& source,
                       const core::Clock& clock) {
  NDX_ASSIGN_OR_RETURN(const auto files, settings::ReadSettingsFiles(source.paths));
  // Faults are told with file and line.
  NDX_RETURN_IF_ERROR(registry::BuildRegistry(files, source).status());
  NDX_ASSIGN_OR_RETURN(auto document, registry::ParseRegistry(files));
  std::vector<std::string> contracts;
  for (registry::v1::Service& service : *document.mutable_services()) {
    NDX_RETURN_IF_ERROR(registry::NameContractByContent(service, source, &contracts));
  }
  for (const std::string& contract : contracts) {
    NDX_RETURN_IF_ERROR(ledger.contracts().Put(contract));
  }
  NDX_ASSIGN_OR_RETURN(const auto wanted, registry::EditableDocument::Of(document));
  registry::v1::RegistryChange change;
  change.set_time_unix_ns(absl::ToUnixNanos(clock.Now()));
  change.set_origin(registry::v1::CHANGE_ORIGIN_FILES);
  change.set_reason(absl::StrCat("first start, ", files.size(), " registry files"));
  for (const auto& entry : registry::ChangesBetween(registry::EditableDocument(), wanted)) {
    *change.add_entries() = entry;
  }
  NDX_ASSIGN_OR_RETURN(const auto prepared, ledger.Prepare(std::move(change)));
  return ledger.Keep(prepared, /*leaf_index=*/std::nullopt, /*carried_out=*/0);
}

}  // namespace

absl::StatusOr<KeptRegistry> OpenKeptRegistry(const std::string& directory,
                                              registry::RegistrySource& source,
                                              const core::Clock& clock) {
  KeptRegistry out;
  NDX_ASSIGN_OR_RETURN(out.ledger, registry::RegistryLedger::Open(directory));
  source.kept_contract = [&contracts = out.ledger->contracts()](absl::string_view sha256) {
    return contracts.Get(sha256);
  };
  if (out.ledger->last_change() == 0) {
    NDX_RETURN_IF_ERROR(KeepFiles(*out.ledger, source, clock));
  }
  NDX_ASSIGN_OR_RETURN(auto snapshot,
                       registry::BuildRegistry(out.ledger->newest()->Document(), source));
  out.registry = std::make_unique<registry::Registry>(std::move(snapshot));
  return out;
}

}  // namespace ndx::daemon
