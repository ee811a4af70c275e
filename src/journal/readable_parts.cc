#include "readable_parts.h"

#include "absl/strings/str_cat.h"
#include "ndx/core/big_endian.h"
#include "ndx/core/status_macros.h"

namespace ndx::journal {
namespace {

constexpr size_t kOffsetBytes = 4;
// Field 536870911, the last there is, length-delimited.
constexpr absl::string_view kFillerTag = "\xFA\xFF\xFF\xFF\x0F";
constexpr size_t kShortLengthBytes = 1;
constexpr size_t kLongLengthBytes = 5;
constexpr size_t kShortLengthMax = 127;

}  // namespace

std::string ErasedElement(uint32_t offset, size_t plaintext_bytes) {
  const size_t size = plaintext_bytes - std::min(plaintext_bytes, kOffsetBytes);
  std::string filler;
  if (size >= kFillerTag.size() + kShortLengthBytes) {
    filler = std::string(kFillerTag);
    size_t rest = size - filler.size() - kShortLengthBytes;
    if (rest <= kShortLengthMax) {
      filler.push_back(static_cast<char>(rest));
    } else {
      // Always five bytes, so that the length of the length does not depend on the length.
      rest = size - filler.size() - kLongLengthBytes;
      for (size_t i = 0; i + 1 < kLongLengthBytes; ++i, rest >>= 7) {
        filler.push_back(static_cast<char>(0x80 | (rest & 0x7F)));
      }
      filler.push_back(static_cast<char>(rest));
    }
  }
  filler.resize(size, '\0');
  return absl::StrCat(core::BigEndian(offset), filler);
}

absl::StatusOr<ReadableMessages> JoinReadable(const std::vector<Part>& parts) {
  ReadableMessages out;
  std::vector<Part> message;
  for (const Part& part : parts) {
    if (part.unreadable) ++out.parts_erased;
    if (part.kind == PartKind::kSignature) continue;
    message.push_back(part);
    if (part.kind == PartKind::kElement) continue;
    if (part.unreadable) {
      message.pop_back();
      for (const Part& element : message) {
        if (!element.unreadable) out.elements.push_back(element.plaintext.substr(kOffsetBytes));
      }
    } else {
      NDX_ASSIGN_OR_RETURN(auto joined, JoinParts(message));
      out.messages.push_back(std::move(joined.front()));
    }
    message.clear();
  }
  if (!message.empty()) {
    return absl::DataLossError("the parts of the payload do not fit together");
  }
  return out;
}

}  // namespace ndx::journal
