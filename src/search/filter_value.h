// Reads the value of a comparison by the kind of its field. Private to this folder.
//
// Thread-safety: thread-safe.
#pragma once

#include "absl/strings/string_view.h"
#include "filter_lexer.h"
#include "ndx/search/filter.h"

namespace ndx::search {

// Fills *condition. False with *fault set where comparator or value do not fit the field. A "!="
// is read as "=": the caller negates.
bool ReadCondition(const SearchField& field, const Token& comparator, const Token& value,
                   absl::Time now, Condition* condition, FilterFault* fault);

// A point in time: RFC 3339 ("2026-03-02T08:15:00+07:00"), without zone as in Viet Nam
// ("2026-03-02T08:15", "2026-03-02"), or a duration before now ("2h"). False if it is none.
bool ReadTime(absl::string_view text, absl::Time now, absl::Time* time);

// "1.5s", "200ms", "2h", "7d".
bool ReadDuration(absl::string_view text, absl::Duration* duration);

// "512", "10KiB", "4MiB", "1GiB", and kB, MB, GB of thousands.
bool ReadSize(absl::string_view text, int64_t* bytes);

}  // namespace ndx::search
