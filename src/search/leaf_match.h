// Whether a leaf passes a filter, from what the leaf itself says. Pure.
//
// Thread-safety: thread-safe.
#pragma once

#include "absl/functional/function_ref.h"
#include "absl/strings/string_view.h"
#include "ndx/journal/v1/journal_leaf.pb.h"
#include "ndx/search/filter.h"

namespace ndx::search {

// What a leaf does not know: whether it concerns a person (a condition on kSubject).
using SubjectTest = absl::FunctionRef<bool(const Condition&)>;

bool Matches(const FilterNode& node, const journal::v1::JournalLeaf& leaf, SubjectTest subject);

// Whether the text is what a condition of kind kText says.
bool MatchesText(absl::string_view text, const Condition& condition);

// The same for a full method name and a condition on method or service: a method may be written
// /package.Service/Method, package.Service/Method, Service/Method or Method, a service
// package.Service or Service.
bool MatchesMethod(absl::string_view path, const Condition& condition);

// Whether a number stands to the condition's as its comparator says.
bool MatchesNumber(int64_t number, const Condition& condition);

}  // namespace ndx::search
