// The business result code in an answer: the value of its field marked with the option
// business_code.
//
// Thread-safety: thread-safe (pure function).
#pragma once

#include <string>

#include "absl/strings/string_view.h"
#include "google/protobuf/descriptor.h"
#include "ndx/journal/leaf_codec.h"

namespace ndx::broker {

// Bytes of a code in a leaf.
inline constexpr size_t kBusinessCodeBytesMax = journal::kLeafBusinessCodeBytesMax;

// The code, or empty where the type has no such field, the field is absent, or its text is no code
// (longer than kBusinessCodeBytesMax, or with other characters than letters, digits, '_', '-' and
// '.'). Enum values give their names, without the prefix that repeats the enum's. Only fields of
// the message itself are looked at, not those of messages in it.
std::string BusinessCode(const google::protobuf::Descriptor& type, absl::string_view message);

}  // namespace ndx::broker
