#include "strict_text.h"

#include "absl/strings/escaping.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"

namespace ndx::journal {
namespace {

// Length of the UTF-8 sequence at the front and its value; 0 if it is not one.
size_t DecodeOne(absl::string_view text, uint32_t* value) {
  const auto lead = static_cast<uint8_t>(text[0]);
  if (lead < 0x80) {
    *value = lead;
    return 1;
  }
  const size_t size = lead >= 0xF0 ? 4 : lead >= 0xE0 ? 3 : 2;
  if (lead < 0xC2 || lead > 0xF4 || text.size() < size) return 0;
  uint32_t code = lead & (0x7FU >> size);
  for (size_t i = 1; i < size; ++i) {
    const auto next = static_cast<uint8_t>(text[i]);
    if ((next & 0xC0) != 0x80) return 0;
    code = (code << 6) | (next & 0x3FU);
  }
  constexpr uint32_t kSmallest[] = {0, 0, 0x80, 0x800, 0x10000};
  if (code < kSmallest[size] || code > 0x10FFFF || (code >= 0xD800 && code <= 0xDFFF)) return 0;
  *value = code;
  return size;
}

}  // namespace

absl::StatusOr<std::string> DecodeBase64(absl::string_view text) {
  std::string bytes;
  if (!absl::Base64Unescape(text, &bytes) || absl::Base64Escape(bytes) != text) {
    return absl::InvalidArgumentError("not standard base64");
  }
  return bytes;
}

absl::StatusOr<uint64_t> ParseDecimal(absl::string_view text) {
  uint64_t value = 0;
  if (!absl::SimpleAtoi(text, &value) || absl::StrCat(value) != text) {
    return absl::InvalidArgumentError("not a decimal number");
  }
  return value;
}

bool IsUtf8(absl::string_view text) {
  while (!text.empty()) {
    uint32_t value = 0;
    const size_t size = DecodeOne(text, &value);
    if (size == 0) return false;
    text.remove_prefix(size);
  }
  return true;
}

bool IsUtf8Line(absl::string_view line) {
  for (const char c : line) {
    if (static_cast<uint8_t>(c) < 0x20 || c == 0x7F) return false;
  }
  return IsUtf8(line);
}

}  // namespace ndx::journal
