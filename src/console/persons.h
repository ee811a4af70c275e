// Which operators are one person, as far as the node has seen: two names are, once the same key or
// the same subject of a token signed in under both. So nobody approves under a second name what he
// asked for under the first.
//
// What settings list belongs to one operator each (operator_directory.h); seen here are the rest: a
// certificate that nobody lists, shown beside the tokens of two operators, and tokens of one sub
// whose user's claim was changed. Kept in memory: forgotten with the process.
//
// Thread-safety: thread-safe. Grows only by what the operators' authority or issuer has signed for
// listed persons.
#pragma once

#include <map>
#include <set>
#include <string>

#include "absl/base/thread_annotations.h"
#include "ndx/core/mutex.h"

namespace ndx::console {

class Persons {
 public:
  // credential: "key <hex>" or "token <issuer> <sub>"; how operators signed in.
  void Note(const std::string& name, const std::string& credential);

  // True for a name and itself, and for two names with a credential in common.
  bool Same(const std::string& a, const std::string& b) const;

 private:
  mutable core::Mutex mutex_;
  std::map<std::string, std::set<std::string>> credentials_ ABSL_GUARDED_BY(mutex_);
};

// What refusals name: the operator, and whose credentials he has used where that is another name.
std::string PersonText(const std::string& who, const std::string& requester);

// Persons may be null: then names alone tell persons apart.
bool SamePerson(const Persons* persons, const std::string& a, const std::string& b);

}  // namespace ndx::console
