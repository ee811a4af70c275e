// Which kinds of field left in an exchange, as far as its leaves and the registry tell: from the
// type of the method's answer, less what the grant does not name and what was taken out. No payload
// is opened for it. Equal sets are told once and referred to by number.
//
// Thread-safety: thread-compatible. Ownership: the registry outlives it.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "ndx/console/v1/subject_report_service.pb.h"
#include "ndx/journal/journal_reader.h"
#include "ndx/registry/registry_snapshot.h"

namespace ndx::console {

// Fields of one type that are listed; a set that is cut says so with a last path "…".
inline constexpr size_t kReportedFieldsMax = 400;

class ReportFields {
 public:
  explicit ReportFields(const registry::RegistrySnapshot& registry) : registry_(registry) {}

  // The number of the set of an exchange, whose leaves are given oldest first.
  uint32_t SetOf(const std::vector<journal::StoredLeaf>& leaves);

  // The sets numbered so far, from 1.
  const std::vector<v1::FieldSet>& sets() const { return sets_; }

 private:
  v1::FieldSet Describe(const journal::v1::JournalLeaf& answer,
                        const journal::v1::JournalLeaf& decided) const;

  const registry::RegistrySnapshot& registry_;
  std::map<std::string, uint32_t> numbers_;  // by the set's bytes
  std::vector<v1::FieldSet> sets_;
};

}  // namespace ndx::console
