// Errors with google.rpc details, carried inside an absl::Status as a payload and sent on as
// grpc-status-details-bin.
//
// Thread-safety: thread-safe functions. Texts never repeat a value that came in.
#pragma once

#include <string>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"

namespace ndx::sdk {

// INVALID_ARGUMENT with a BadRequest that names the field by its path in the request.
absl::Status FieldError(absl::string_view field, absl::string_view problem);

// The serialized google.rpc.Status to send with a status: the one it carries, or empty.
std::string StatusDetails(const absl::Status& status);

}  // namespace ndx::sdk
