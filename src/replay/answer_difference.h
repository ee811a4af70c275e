// Two answers compared field by field, by their descriptor.
//
// A path is "citizen.full_name", of a repeated field "members[2].note" (from 0), of a map
// "labels[0]" by the order of the keys, which may be somebody's numbers; "#17" is an unknown field
// of that number, and "[1]." stands before the fields of the second message of a stream. What
// cannot be parsed is compared as bytes under "(bytes)".
//
// Thread-safety: thread-safe function. Ownership: the descriptor's pool outlives the call.
// Secrecy: the values are what the answers hold; only the paths may go anywhere without a reason.
#pragma once

#include <string>
#include <vector>

#include "absl/types/span.h"
#include "google/protobuf/descriptor.h"

namespace ndx::replay {

// Fields of one answer that are told.
inline constexpr size_t kDifferentFieldsMax = 32;

struct FieldDifference {
  std::string path;
  std::string recorded;  // as text; empty where the field is not there
  std::string now;
};

struct AnswerDifference {
  std::vector<FieldDifference> fields;
  bool more = false;  // than kDifferentFieldsMax

  bool same() const { return fields.empty(); }
};

AnswerDifference CompareAnswers(const google::protobuf::Descriptor& type,
                                absl::Span<const std::string> recorded,
                                absl::Span<const std::string> now);

}  // namespace ndx::replay
