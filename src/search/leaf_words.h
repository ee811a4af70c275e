// The words of the fields outcome and event. Private to this folder.
//
// Thread-safety: thread-safe.
#pragma once

#include <vector>

#include "absl/strings/string_view.h"
#include "ndx/journal/v1/journal_leaf.pb.h"

namespace ndx::search {

struct Word {
  absl::string_view text;  // capitals with '_'
  journal::v1::JournalEvent event;
};

// States of an exchange, each with the event of the leaf that puts it there.
const std::vector<Word>& OutcomeWords();
// Events, as JournalEvent names them without its prefix.
const std::vector<Word>& EventWords();

// Empty for an event without a name.
absl::string_view EventWord(journal::v1::JournalEvent event);
// Empty for an event that is not about the course of an exchange.
absl::string_view OutcomeWord(journal::v1::JournalEvent event);

}  // namespace ndx::search
