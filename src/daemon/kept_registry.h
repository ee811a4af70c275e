// A registry that the node keeps itself, opened.
//
// Thread-safety: thread-compatible.
#pragma once

#include <memory>
#include <string>

#include "absl/status/statusor.h"
#include "ndx/core/clock.h"
#include "ndx/registry/registry.h"
#include "ndx/registry/registry_ledger.h"
#include "ndx/registry/registry_source.h"

namespace ndx::daemon {

struct KeptRegistry {
  std::unique_ptr<registry::RegistryLedger> ledger;
  std::unique_ptr<registry::Registry> registry;  // what the ledger says now
};

// Creates the directory where it is absent; the files of the source are then the first change, and
// their contracts are kept with it. The source finds contracts in the ledger from now on, and must
// not be used after it.
// Errors: those of RegistryLedger::Open() and BuildRegistry(); nothing is kept of files with
// faults.
absl::StatusOr<KeptRegistry> OpenKeptRegistry(const std::string& directory,
                                              registry::RegistrySource& source,
                                              const core::Clock& clock);

}  // namespace ndx::daemon
