// Names of people and enterprises put together from Vietnamese syllables (họ, chữ đệm, tên), about
// as often as they occur.
//
// Thread-safety: pure functions on constant tables.
// Encoding: UTF-8, composed (NFC).
#pragma once

#include <cstdint>
#include <string>

#include "absl/strings/string_view.h"
#include "ndx/tools/datagen/draws.h"

namespace ndx::tools::datagen {

// A person's name as indices into the tables; 4 bytes, so that millions of people fit in memory.
// The tables of middle and given names are those of the person's sex.
struct Name {
  uint8_t family = 0;
  uint8_t middle = 0;
  uint8_t extra = 0;  // a second middle syllable; 0 for none
  uint8_t given = 0;

  friend bool operator==(const Name&, const Name&) = default;
};

// A name of that sex; with the family name given where it is inherited.
Name DrawName(Draws& draws, bool male);
Name DrawNameInFamily(Draws& draws, bool male, uint8_t family);

// Nguyễn Thị Thu Hà.
std::string FullName(const Name& name, bool male);

// The family name alone; the syllables between; the given name.
absl::string_view FamilyName(const Name& name);
std::string MiddleName(const Name& name, bool male);
absl::string_view GivenName(const Name& name, bool male);

// The name as a clerk mishears it: the given name begins with a consonant that many pronounce alike
// (tr and ch, s and x, l and n, d and gi), or is another name. Always differs in its SearchKey.
std::string MisspelledName(const Name& name, bool male, Draws& draws);

// Upper case, no tone marks, Đ as D, nothing but A-Z and 0-9: how names are compared by the
// population database.
std::string SearchKey(absl::string_view text);

// Upper case and no tone marks, with its spaces.
std::string Unaccented(absl::string_view text);

// Công ty TNHH Thương mại Tân Phú.
struct EnterpriseName {
  uint8_t kind = 0;   // index into the kinds of enterprise
  uint8_t trade = 0;  // index into the trades
  uint8_t first = 0;
  uint8_t second = 0;
  uint16_t number = 0;  // added when not 0, where many share a name
};

// Legal form: code, name, and the words that stand in front of the enterprise's own name.
struct EnterpriseKind {
  absl::string_view code;
  absl::string_view name;
  absl::string_view prefix;
};

// Trade: the words in the name, and the activity code of the national classification (mã ngành VSIC
// 2018, level 4).
struct Trade {
  absl::string_view words;
  absl::string_view activity_code;
  absl::string_view activity_name;
};

const EnterpriseKind& KindOf(const EnterpriseName& name);
absl::Span<const Trade> Trades();
EnterpriseName DrawEnterpriseName(Draws& draws);
std::string FullEnterpriseName(const EnterpriseName& name);
std::string ShortEnterpriseName(const EnterpriseName& name);
std::string ForeignEnterpriseName(const EnterpriseName& name);

// Two syllables as names of communes and hamlets have them: Tân Phú.
std::string DrawPlaceName(Draws& draws);

}  // namespace ndx::tools::datagen
