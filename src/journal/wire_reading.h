// Reading the wire form of protobuf messages, field by field. Private to this folder.
//
// Thread-safety: thread-safe.
// Source: protobuf's encoding guide. Groups are refused: no contract here uses them.
#pragma once

#include <cstddef>
#include <cstdint>

#include "absl/strings/string_view.h"

namespace ndx::journal {

enum WireType : uint32_t { kVarint = 0, kFixed64 = 1, kLengthDelimited = 2, kFixed32 = 5 };

// Moves *at past a varint. False if it is cut off or too long.
bool ReadVarint(absl::string_view bytes, size_t* at, uint64_t* value);

// Moves *at past a tag. False if there is none, or its field number is 0 or over 29 bits.
bool ReadTag(absl::string_view bytes, size_t* at, uint32_t* number, uint32_t* wire_type);

// Moves *at past a value that is not length-delimited. False for groups and truncated values.
bool SkipScalar(absl::string_view bytes, uint32_t wire_type, size_t* at);

}  // namespace ndx::journal
