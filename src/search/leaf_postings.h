// What of a leaf is indexed. Private to this folder.
//
// Thread-safety: thread-safe.
#pragma once

#include <string>
#include <vector>

#include "absl/functional/function_ref.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "index_key.h"
#include "ndx/journal/journal_reader.h"

namespace ndx::search {

// Calls see for each value that is not empty: a text, or for keyed fields 16 bytes.
void ForEachValue(const journal::v1::JournalLeaf& leaf,
                  absl::FunctionRef<void(IndexField, absl::string_view)> see);

// The exchange's earlier leaf, whose outcome this one settles; false if it settles none.
bool Settles(const journal::v1::JournalLeaf& leaf, uint64_t* earlier,
             journal::v1::JournalEvent* earlier_event);

// RESOLVED does not repeat what was asked and on what ground: the leaf with that filled in, in
// *filled, from the one it continues. Every other leaf is returned as it is.
absl::StatusOr<const journal::v1::JournalLeaf*> CompleteLeaf(const journal::JournalReader& reader,
                                                             const journal::v1::JournalLeaf& leaf,
                                                             journal::v1::JournalLeaf* filled);

}  // namespace ndx::search
