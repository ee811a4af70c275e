// What routing/minimiser does, done with protobuf's own parser and reflection, and the two held
// against each other.
//
// Thread-safety: thread-safe functions.
#pragma once

#include <set>
#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "google/protobuf/message.h"
#include "ndx/registry/field_plan.h"

namespace ndx::tests {

// Clears what the plan does not select, and unknown fields at every depth. Returns their paths as
// MinimisedMessage::removed has them, without a limit.
std::set<std::string> TrimByReflection(google::protobuf::Message& message,
                                       const registry::FieldPlan& plan);

// Field paths of a type that a plan may name, to a depth, not through maps.
std::vector<std::string> FieldPathsOf(const google::protobuf::Descriptor& type, int depth);

enum class Agreement {
  kSame,       // the same message is left, and all that was removed is named
  kRefused,    // neither takes the bytes
  kStricter,   // protobuf takes the bytes, the minimiser does not
  kLooser,     // the other way round: what is broken was taken out unread, the rest is sound
  kDifferent,  // anything else
};

struct MinimiserComparison {
  Agreement agreement = Agreement::kSame;
  std::string detail;  // of kDifferent
};

// prototype: any message of the plan's type.
MinimiserComparison CompareMinimisers(const registry::FieldPlan& plan, absl::string_view bytes,
                                      const google::protobuf::Message& prototype);

}  // namespace ndx::tests
