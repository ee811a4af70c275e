// Stage 8: fields of an answer that the grant does not name are taken out of the message bytes.
// Pure.
//
// Works on the wire format by descriptor, without parsing into messages: what stays is copied byte
// for byte, the lengths of enclosing messages are written anew. Fields the descriptor does not
// know, at any depth, are taken out too: nobody granted them.
//
// Thread-safety: thread-safe functions.
#pragma once

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "ndx/registry/field_plan.h"

namespace ndx::routing {

// Paths that are listed, and their bytes together; both keep a leaf within its size.
inline constexpr size_t kRemovedPathsMax = 24;
inline constexpr size_t kRemovedPathBytesMax = 1024;

struct MinimisedMessage {
  std::string bytes;
  // What was taken out, sorted, each once, without indexes: "citizen.household". An unknown field
  // is "citizen.#17". When there is more than may be listed the last entry is "…".
  std::vector<std::string> removed;
};

// kInvalidArgument when the bytes are no message of the plan's type; nothing may then be delivered.
absl::StatusOr<MinimisedMessage> Minimise(const registry::FieldPlan& plan,
                                          absl::string_view message);

}  // namespace ndx::routing
