// Whether an operator may do something, and what is said when not.
//
// Thread-safety: thread-safe functions.
#pragma once

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "ndx/console/operator_directory.h"

namespace ndx::console {

// OK when the operator has the role; else RefusalStatus() of OPERATOR_ROLE_MISSING, which names it.
// what: the method, and the part of it that needs the role.
absl::Status RequireRole(const OperatorIdentity& who, OperatorRole role, absl::string_view what);

// RefusalStatus() of OPERATOR_UNKNOWN, naming the local user by number.
absl::Status UnknownOperator(const transport::PeerIdentity& peer);

}  // namespace ndx::console
