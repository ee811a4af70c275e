// What systems, purposes, methods and grants that stand in leaves are called, as the registry in
// force says.
//
// Thread-safety: thread-compatible. Ownership: the registry outlives it.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "ndx/console/v1/subject_report_service.pb.h"
#include "ndx/journal/v1/journal_leaf.pb.h"
#include "ndx/registry/registry_snapshot.h"

namespace ndx::console {

class ReportNames {
 public:
  explicit ReportNames(const registry::RegistrySnapshot& registry) : registry_(registry) {}

  // Whatever of this leaf the registry knows.
  void Add(const journal::v1::JournalLeaf& leaf);

  // Each code once, in their order.
  std::vector<v1::RegisteredName> names() const;

 private:
  void AddSystem(const std::string& id);
  v1::RegisteredName& NameOf(const std::string& code);

  const registry::RegistrySnapshot& registry_;
  std::map<std::string, v1::RegisteredName> names_;
};

}  // namespace ndx::console
