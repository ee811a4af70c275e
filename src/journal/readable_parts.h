// Putting messages together of which some parts have been erased. Private to this folder.
//
// Thread-safety: thread-safe.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "ndx/journal/payload_parts.h"

namespace ndx::journal {

struct ReadableMessages {
  // In order. An erased element stands in its message as one without any field of its type; a
  // message whose own part is erased is left out.
  std::vector<std::string> messages;
  // Elements, without a message around them, of messages that are left out.
  std::vector<std::string> elements;
  uint32_t parts_erased = 0;
};

// The plaintext of an erased element that stood at this offset: its place, and so many bytes as it
// had, which parse as a message with one unknown field.
std::string ErasedElement(uint32_t offset, size_t plaintext_bytes);

// parts: as opened, with ErasedElement() for unreadable elements. kDataLoss as JoinParts().
absl::StatusOr<ReadableMessages> JoinReadable(const std::vector<Part>& parts);

}  // namespace ndx::journal
