// What every adapter checks of a request by itself, before any of it reaches a driver: the bus
// checks formats already, but somebody else may be at the door.
//
// Thread-safety: thread-safe function.
#pragma once

#include "absl/status/status.h"
#include "google/protobuf/message.h"

namespace ndx::sdk {

// Bytes of one text field.
inline constexpr size_t kTextFieldBytesMax = 4096;
// Elements of one repeated field.
inline constexpr int kRepeatedFieldMax = 1000;

// INVALID_ARGUMENT with the path of the first field that is required (ndx.options.v1.field) and
// absent, holds a NUL byte or is over a limit.
absl::Status CheckRequest(const google::protobuf::Message& request);

}  // namespace ndx::sdk
