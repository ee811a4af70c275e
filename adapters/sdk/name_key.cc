#include "ndx/adapters/sdk/name_key.h"

#include <cstdint>

namespace ndx::sdk {
namespace {

// One character; 0 for what is not UTF-8. Moves at past it, one byte at least.
uint32_t NextCharacter(absl::string_view text, size_t& at) {
  const auto lead = static_cast<uint8_t>(text[at++]);
  if (lead < 0x80) return lead;
  const int more = lead >= 0xF0 ? 3 : lead >= 0xE0 ? 2 : lead >= 0xC0 ? 1 : 0;
  if (more == 0) return 0;
  uint32_t character = lead & (0x3F >> more);
  for (int i = 0; i < more; ++i) {
    if (at >= text.size() || (static_cast<uint8_t>(text[at]) & 0xC0) != 0x80) return 0;
    character = character << 6 | (static_cast<uint8_t>(text[at++]) & 0x3F);
  }
  return character;
}

struct LetterRange {
  uint32_t first;
  uint32_t last;
  char base;
};

// Composed letters of Vietnamese (and the rest of the Latin-1 rows they stand in), Unicode 15.
constexpr LetterRange kLetters[] = {
    {0x00C0, 0x00C5, 'A'}, {0x00C8, 0x00CB, 'E'}, {0x00CC, 0x00CF, 'I'}, {0x00D0, 0x00D0, 'D'},
    {0x00D2, 0x00D6, 'O'}, {0x00D9, 0x00DC, 'U'}, {0x00DD, 0x00DD, 'Y'}, {0x00E0, 0x00E5, 'A'},
    {0x00E8, 0x00EB, 'E'}, {0x00EC, 0x00EF, 'I'}, {0x00F0, 0x00F0, 'D'}, {0x00F2, 0x00F6, 'O'},
    {0x00F9, 0x00FC, 'U'}, {0x00FD, 0x00FD, 'Y'}, {0x0102, 0x0103, 'A'}, {0x0110, 0x0111, 'D'},
    {0x0128, 0x0129, 'I'}, {0x0168, 0x0169, 'U'}, {0x01A0, 0x01A1, 'O'}, {0x01AF, 0x01B0, 'U'},
    {0x1EA0, 0x1EB7, 'A'}, {0x1EB8, 0x1EC7, 'E'}, {0x1EC8, 0x1ECB, 'I'}, {0x1ECC, 0x1EE3, 'O'},
    {0x1EE4, 0x1EF1, 'U'}, {0x1EF2, 0x1EF9, 'Y'},
};

}  // namespace

std::string NameKey(absl::string_view name) {
  std::string key;
  key.reserve(name.size());
  for (size_t at = 0; at < name.size();) {
    const uint32_t character = NextCharacter(name, at);
    if (character >= 'a' && character <= 'z') {
      key.push_back(static_cast<char>(character - 'a' + 'A'));
    } else if ((character >= 'A' && character <= 'Z') || (character >= '0' && character <= '9')) {
      key.push_back(static_cast<char>(character));
    } else {
      // Combining marks of the decomposed form are in no range and so fall away.
      for (const LetterRange& range : kLetters) {
        if (character >= range.first && character <= range.last) key.push_back(range.base);
      }
    }
  }
  return key;
}

}  // namespace ndx::sdk
