#include "ndx/transport/base64.h"

#include <array>
#include <cstdint>

#include "absl/strings/escaping.h"

namespace ndx::transport {
namespace {

constexpr char kAlphabet[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
constexpr uint8_t kNone = 0xFF;

constexpr std::array<uint8_t, 256> MakeReverse() {
  std::array<uint8_t, 256> reverse{};
  for (uint8_t& value : reverse) value = kNone;
  for (uint8_t i = 0; i < 64; ++i) reverse[static_cast<uint8_t>(kAlphabet[i])] = i;
  return reverse;
}

constexpr std::array<uint8_t, 256> kReverse = MakeReverse();

}  // namespace

std::string EncodeBase64(absl::string_view bytes) {
  std::string text = absl::Base64Escape(bytes);
  while (!text.empty() && text.back() == '=') text.pop_back();
  return text;
}

bool DecodeBase64(absl::string_view text, std::string* out) {
  if (!text.empty() && text.back() == '=') {
    if (text.size() % 4 != 0) return false;
    text.remove_suffix(text[text.size() - 2] == '=' ? 2 : 1);
  }
  if (text.size() % 4 == 1) return false;
  out->reserve(out->size() + text.size() * 3 / 4);
  uint32_t bits = 0;
  int count = 0;
  for (const char c : text) {
    const uint8_t value = kReverse[static_cast<uint8_t>(c)];
    if (value == kNone) return false;
    bits = (bits << 6) | value;
    count += 6;
    if (count >= 8) {
      count -= 8;
      out->push_back(static_cast<char>((bits >> count) & 0xFF));
    }
  }
  return (bits & ((1u << count) - 1)) == 0;
}

}  // namespace ndx::transport
