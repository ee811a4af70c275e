// What a change of the registry gives somebody that he had not before: such a change takes two
// persons (nguyên tắc hai người). Whatever is not seen to take away counts as giving.
//
// Thread-safety: thread-safe function.
#pragma once

#include <vector>

#include "ndx/registry/registry_edit.h"
#include "ndx/registry/v1/registry_change.pb.h"

namespace ndx::registry {

// Of changes that can be applied to `before`. Names, contacts, shares, limits of providers, new
// purposes, members and services, and removals give nobody anything.
std::vector<v1::Widening> WideningsOf(const EditableDocument& before,
                                      const std::vector<v1::EntryChange>& changes);

}  // namespace ndx::registry
