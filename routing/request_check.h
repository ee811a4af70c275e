// Second half of stage 4: the request's bytes against the method's check rules and the grant's
// request fields. Pure.
//
// The bytes are walked by descriptor, not parsed into messages. Repeated occurrences of a singular
// field are merged as a parser would merge them; every occurrence of a text must have its form. No
// value is ever repeated in a result.
//
// Thread-safety: thread-safe functions.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "ndx/core/refusal.h"
#include "ndx/registry/registry_snapshot.h"

namespace ndx::routing {

// Violations that one refusal lists.
inline constexpr size_t kViolationsMax = 16;

struct RequestCheck {
  // FIELD_INVALID with the violations, or REQUEST_UNREADABLE; nothing when the request may pass.
  std::optional<core::Refusal> refusal;
  // Fields that look odd and are let through all the same: an enterprise code whose check digit
  // implementations disagree on, and whatever the registry says is only to be warned of.
  std::vector<core::FieldViolation> warnings;
};

// `body` is one message, uncompressed. `grant` may be null (the node's own services). Without a
// rule and without request fields in the grant the bytes are not looked at.
RequestCheck CheckRequest(const registry::MethodEntry& method, const registry::MethodGrant* grant,
                          absl::string_view body);

}  // namespace ndx::routing
