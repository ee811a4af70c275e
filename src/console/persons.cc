#include "ndx/console/persons.h"

#include <algorithm>

#include "absl/strings/str_cat.h"

namespace ndx::console {

void Persons::Note(const std::string& name, const std::string& credential) {
  const core::MutexLock lock(mutex_);
  credentials_[name].insert(credential);
}

bool Persons::Same(const std::string& a, const std::string& b) const {
  if (a == b) return true;
  const core::MutexLock lock(mutex_);
  const auto of_a = credentials_.find(a);
  const auto of_b = credentials_.find(b);
  if (of_a == credentials_.end() || of_b == credentials_.end()) return false;
  return std::any_of(of_a->second.begin(), of_a->second.end(),
                     [&](const std::string& one) { return of_b->second.count(one) > 0; });
}

std::string PersonText(const std::string& who, const std::string& requester) {
  return who == requester ? who : absl::StrCat(who, " (= ", requester, ")");
}

bool SamePerson(const Persons* persons, const std::string& a, const std::string& b) {
  return persons == nullptr ? a == b : persons->Same(a, b);
}

}  // namespace ndx::console
