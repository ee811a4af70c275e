// How the text of identifiers and dates must look: one function for each ndx.options.v1.Format. The
// table with sources is in README.md.
//
// Thread-safety: thread-safe functions.
#pragma once

#include "absl/strings/string_view.h"
#include "ndx/options/v1/options.pb.h"

namespace ndx::routing {

struct FormatVerdict {
  enum class Kind {
    kGood,
    kOdd,  // may be right; to be warned of, not refused
    kBad,
  };
  Kind kind = Kind::kGood;
  // What the text must be, in the form of a rule: "phải có 12 chữ số" / "must have 12 digits".
  // Empty when good.
  absl::string_view rule_vi;
  absl::string_view rule_en;
};

// An empty text is good: whether it may be absent is another rule.
FormatVerdict CheckFormat(options::v1::Format format, absl::string_view text);

}  // namespace ndx::routing
