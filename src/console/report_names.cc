#include "ndx/console/report_names.h"

#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"

namespace ndx::console {
namespace {

// "một cửa, UBND phường …": what it is, then whose.
std::string Joined(const std::string& system, const std::string& member) {
  if (system.empty() || member.empty()) return absl::StrCat(system, member);
  return absl::StrCat(system, ", ", member);
}

}  // namespace

v1::RegisteredName& ReportNames::NameOf(const std::string& code) {
  v1::RegisteredName& name = names_[code];
  name.set_code(code);
  return name;
}

void ReportNames::AddSystem(const std::string& id) {
  const registry::SystemEntry* const system = registry_.FindSystem(id);
  if (system == nullptr) return;
  v1::RegisteredName& name = NameOf(id);
  name.set_name_vi(Joined(system->name_vi, system->member->name_vi));
  name.set_name_en(Joined(system->name_en, system->member->name_en));
}

void ReportNames::Add(const journal::v1::JournalLeaf& leaf) {
  AddSystem(leaf.consumer());
  AddSystem(leaf.provider());
  if (const auto* method = registry_.FindMethod(leaf.method())) {
    NameOf(leaf.method()).set_name_vi(method->rules.title_vi());
  }
  if (const auto* purpose = registry_.FindPurpose(leaf.purpose())) {
    v1::RegisteredName& name = NameOf(leaf.purpose());
    name.set_name_vi(purpose->name_vi);
    name.set_name_en(purpose->name_en);
    name.set_legal_basis(purpose->legal_basis);
  }
  if (const auto* grant = registry_.FindGrant(leaf.decision().rule())) {
    NameOf(grant->name).set_legal_basis(grant->legal_basis);
  }
}

std::vector<v1::RegisteredName> ReportNames::names() const {
  std::vector<v1::RegisteredName> names;
  names.reserve(names_.size());
  for (const auto& [code, name] : names_) names.push_back(name);
  return names;
}

}  // namespace ndx::console
