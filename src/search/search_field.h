// The fields that a filter may name: name, kind of value, and what of a leaf they are.
//
// Thread-safety: thread-safe; the table is constant.
#pragma once

#include <cstdint>
#include <vector>

#include "absl/strings/string_view.h"

namespace ndx::search {

enum class FieldName : uint8_t {
  kTime,
  kExchange,
  kConsumer,
  kProvider,
  kService,
  kMethod,
  kOutcome,
  kEvent,
  kReason,
  kStatus,
  kCode,
  kGrant,
  kShadow,
  kPurpose,
  kProcedure,
  kRelay,
  kDossier,
  kOfficer,
  kSubject,
  kReplayOf,
  kReplayedAs,
  kDuration,
  kRequestSize,
  kResponseSize,
  kOperator,
  kAction,
};

// What a value of the field looks like and how it may be compared.
enum class FieldKind : uint8_t {
  kText,       // = != : ; '*' at the end stands for any rest
  kMethod,     // the same, and a method may be named without package and service
  kWord,       // one of a list of words: = !=
  kId,         // an exchange id: = !=
  kReference,  // found by its keyed reference only: = !=
  kTime,       // every comparison
  kDuration,   // every comparison
  kSize,       // every comparison
  kNumber,     // every comparison
};

struct SearchField {
  FieldName name;
  absl::string_view text;
  FieldKind kind;
  // What it is, for help texts.
  absl::string_view title_en;
  absl::string_view title_vi;
};

// All of them, in the order of FieldName.
const std::vector<SearchField>& SearchFields();

// Null if there is none of this name.
const SearchField* FindField(absl::string_view text);

inline const SearchField& FieldOf(FieldName name) {
  return SearchFields()[static_cast<size_t>(name)];
}

}  // namespace ndx::search
