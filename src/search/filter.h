// A filter over the journal, in the style of AIP-160: parsed, its values read and checked against
// the table of fields. The language is described in README.md.
//
//   FilterFault fault;
//   auto filter = Filter::Parse(R"(outcome = failed AND duration > 2s)", now, &fault);
//
// Thread-safety: a Filter is a value. Secrecy: values of dossier, officer and subject stand in it
// as text until Resolve(); no error text repeats anything of a filter but names of fields.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "absl/functional/function_ref.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "ndx/search/search_field.h"

namespace ndx::search {

inline constexpr size_t kFilterBytesMax = 4096;
inline constexpr size_t kFilterConditionsMax = 64;
inline constexpr size_t kFilterDepthMax = 16;
// A filter without a time goes back so far.
inline constexpr absl::Duration kTimeBoundDefault = absl::Hours(24);

enum class Comparator : uint8_t { kEqual, kLess, kLessOrEqual, kGreater, kGreaterOrEqual, kIsSet };

// One comparison.
struct Condition {
  FieldName field = FieldName::kTime;
  Comparator comparator = Comparator::kEqual;
  // kText, kMethod, kWord: the text, for words as it stands in the leaf; kId: 16 bytes;
  // kReference: the value until Resolve(), then empty.
  std::string text;
  // kText, kMethod: text is only the beginning.
  bool prefix = false;
  // kTime: nanoseconds since 1970; kDuration: microseconds; kSize: bytes; kNumber.
  int64_t number = 0;
  // kReference after Resolve(): 16 bytes for each year in question.
  // kReplayedAs after Resolve(): 16 bytes of the exchange that was executed again.
  std::vector<std::string> keys;
};

struct FilterNode {
  enum class Kind : uint8_t { kEverything, kCondition, kAnd, kOr, kNot };
  Kind kind = Kind::kEverything;
  Condition condition;
  std::vector<FilterNode> children;  // of kNot: one
};

// From (included) and to (not included).
struct TimeBound {
  absl::Time from = absl::InfinitePast();
  absl::Time to = absl::InfiniteFuture();
  // Nothing in the filter said how far to go back.
  bool by_default = false;
};

// What is wrong with a filter and where; without anything of its values.
struct FilterFault {
  size_t position = 0;  // in bytes
  std::string english;
  std::string vietnamese;
};

class Filter {
 public:
  // kInvalidArgument, in both languages, and *fault if it is not null.
  static absl::StatusOr<Filter> Parse(absl::string_view text, absl::Time now,
                                      FilterFault* fault = nullptr);

  const FilterNode& root() const { return root_; }
  const TimeBound& time() const { return time_; }
  // Replaces the bound: a page that follows another keeps that one's.
  void SetTime(const TimeBound& time) { time_ = time; }

  // Whether it names a field anywhere.
  bool Mentions(FieldName field) const;

  // Calls resolve for every condition whose keys stand outside the filter (references,
  // replayed_as), which fills keys and empties text.
  absl::Status Resolve(absl::FunctionRef<absl::Status(Condition&)> resolve);

  // The bytes of a resolved filter, the time bound aside; the same for the same meaning of the same
  // text. For binding page tokens.
  std::string Canonical() const;

 private:
  FilterNode root_;
  TimeBound time_;
};

}  // namespace ndx::search
