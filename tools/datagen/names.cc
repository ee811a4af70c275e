#include "ndx/tools/datagen/names.h"

#include <array>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"

namespace ndx::tools::datagen {
namespace {

// Shares of family names per thousand, rounded; the rest are spread over the last ones.
constexpr absl::string_view kFamilies[] = {
    "Nguyễn", "Trần", "Lê",  "Phạm", "Hoàng", "Huỳnh", "Phan", "Vũ",    "Võ",    "Đặng",
    "Bùi",    "Đỗ",   "Hồ",  "Ngô",  "Dương", "Lý",    "Đinh", "Trịnh", "Mai",   "Đoàn",
    "Lương",  "Tạ",   "Cao", "Hà",   "Nông",  "Triệu", "Vi",   "Lò",    "Thạch", "Quách"};
constexpr uint16_t kFamilyWeights[] = {314, 109, 95, 70, 35, 26, 45, 24, 25, 21, 20, 14, 13, 13, 10,
                                       9,   9,   9,  8,  8,  7,  7,  6,  6,  5,  4,  3,  3,  2,  2};

constexpr absl::string_view kMaleMiddles[] = {
    "Văn",  "Hữu", "Đức", "Công",  "Quang", "Minh", "Xuân", "Ngọc",  "Thành", "Đình", "Tuấn",
    "Quốc", "Gia", "Bảo", "Thanh", "Hoàng", "Duy",  "Mạnh", "Trọng", "Viết",  "Bá"};
constexpr uint16_t kMaleMiddleWeights[] = {260, 60, 65, 35, 50, 70, 30, 40, 35, 45, 35,
                                           30,  40, 25, 35, 40, 30, 25, 20, 15, 15};
constexpr absl::string_view kFemaleMiddles[] = {
    "Thị",  "Ngọc", "Thu",   "Thanh", "Phương", "Minh", "Thùy", "Kim",   "Hồng", "Mỹ",
    "Bích", "Diệu", "Khánh", "Bảo",   "Hoàng",  "Lan",  "Mai",  "Quỳnh", "Trúc", "Tuyết"};
constexpr uint16_t kFemaleMiddleWeights[] = {450, 70, 45, 45, 35, 35, 30, 30, 25, 20,
                                             20,  20, 25, 20, 15, 15, 15, 20, 15, 15};
// The first entry stands for none.
constexpr absl::string_view kMaleExtras[] = {"", "Anh", "Hải", "Nhật", "Thiên", "Việt", "Trung"};
constexpr absl::string_view kFemaleExtras[] = {"",       "Thu",  "Ngọc", "Thanh", "Kim", "Hồng",
                                               "Phương", "Bích", "Thúy", "Mỹ",    "Lan", "Quỳnh"};

constexpr absl::string_view kMaleGivens[] = {
    "An",    "Anh",  "Bách", "Bình",  "Cường", "Chiến", "Dũng", "Duy",   "Đạt",   "Đông",  "Đức",
    "Giang", "Hải",  "Hiếu", "Hòa",   "Hoàng", "Hùng",  "Huy",  "Hưng",  "Khang", "Khánh", "Khoa",
    "Kiên",  "Lâm",  "Linh", "Long",  "Lộc",   "Minh",  "Nam",  "Nghĩa", "Nhân",  "Phát",  "Phong",
    "Phú",   "Phúc", "Quân", "Quang", "Sơn",   "Sang",  "Tài",  "Tâm",   "Thái",  "Thắng", "Thành",
    "Thịnh", "Tiến", "Toàn", "Trung", "Tuấn",  "Tùng",  "Tú",   "Vinh",  "Việt",  "Vũ"};
constexpr absl::string_view kFemaleGivens[] = {
    "An",     "Anh",   "Ánh",   "Bình",  "Chi",  "Châu",   "Dung",  "Duyên", "Diễm",
    "Giang",  "Hà",    "Hạnh",  "Hằng",  "Hiền", "Hoa",    "Hòa",   "Huệ",   "Hương",
    "Hường",  "Huyền", "Khánh", "Lan",   "Liên", "Linh",   "Loan",  "Ly",    "Mai",
    "My",     "Minh",  "Nga",   "Ngân",  "Ngọc", "Nguyệt", "Nhung", "Như",   "Oanh",
    "Phượng", "Quyên", "Quỳnh", "Tâm",   "Thảo", "Thanh",  "Thu",   "Thúy",  "Thủy",
    "Trang",  "Trâm",  "Trinh", "Tuyết", "Uyên", "Vân",    "Vy",    "Xuân",  "Yến"};

constexpr EnterpriseKind kKinds[] = {
    {"TNHH1", "Công ty TNHH một thành viên", "Công ty TNHH MTV"},
    {"TNHH2", "Công ty TNHH hai thành viên trở lên", "Công ty TNHH"},
    {"CP", "Công ty cổ phần", "Công ty Cổ phần"},
    {"DNTN", "Doanh nghiệp tư nhân", "Doanh nghiệp tư nhân"},
};
constexpr uint16_t kNameKindWeights[] = {420, 300, 230, 50};

constexpr Trade kTrades[] = {
    {"Thương mại", "4690", "Bán buôn tổng hợp"},
    {"Xây dựng", "4101", "Xây dựng nhà để ở"},
    {"Vận tải", "4933", "Vận tải hàng hóa bằng đường bộ"},
    {"Thực phẩm", "4632", "Bán buôn thực phẩm"},
    {"Nông sản", "4620", "Bán buôn nông, lâm sản nguyên liệu (trừ gỗ, tre, nứa) và động vật sống"},
    {"Cơ khí", "2592", "Gia công cơ khí; xử lý và tráng phủ kim loại"},
    {"May mặc", "1410", "May trang phục (trừ trang phục từ da lông thú)"},
    {"Phần mềm", "6201", "Lập trình máy vi tính"},
    {"Du lịch", "7911", "Đại lý du lịch"},
    {"Dược phẩm", "4772",
     "Bán lẻ thuốc, dụng cụ y tế, mỹ phẩm và vật phẩm vệ sinh trong các cửa hàng chuyên doanh"},
    {"Nội thất", "3100", "Sản xuất giường, tủ, bàn, ghế"},
    {"Thủy sản", "1020", "Chế biến, bảo quản thủy sản và các sản phẩm từ thủy sản"},
    {"Vật liệu", "4663", "Bán buôn vật liệu, thiết bị lắp đặt khác trong xây dựng"},
    {"Tư vấn", "7020", "Hoạt động tư vấn quản lý"},
    {"Bao bì", "1702", "Sản xuất giấy nhăn, bìa nhăn, bao bì từ giấy và bìa"},
    {"Ăn uống", "5610", "Nhà hàng và các dịch vụ ăn uống phục vụ lưu động"},
};
constexpr absl::string_view kTradesInEnglish[] = {
    "Trading",   "Construction", "Transport", "Food",           "Farm Produce", "Mechanical",
    "Garment",   "Software",     "Tourism",   "Pharmaceutical", "Furniture",    "Seafood",
    "Materials", "Consulting",   "Packaging", "Catering"};
static_assert(std::size(kTradesInEnglish) == std::size(kTrades));

constexpr absl::string_view kPlaceFirsts[] = {"Tân",  "An",    "Phú",   "Long", "Bình",  "Hòa",
                                              "Mỹ",   "Thanh", "Đông",  "Tây",  "Nam",   "Vĩnh",
                                              "Hưng", "Yên",   "Quảng", "Xuân", "Hải",   "Sơn",
                                              "Đại",  "Thái",  "Phước", "Lộc",  "Trung", "Nghĩa"};
constexpr absl::string_view kPlaceSeconds[] = {"Phú",   "Lợi",   "Thành", "Thịnh", "Sơn",   "Hòa",
                                               "Bình",  "Giang", "Lâm",   "Tiến",  "Cường", "Minh",
                                               "Phong", "Lập",   "Hiệp",  "Thủy",  "Khê",   "Trung",
                                               "Thắng", "Mai",   "Quang", "Đức",   "Dương", "Xá"};

absl::Span<const absl::string_view> Middles(bool male) {
  return male ? absl::Span<const absl::string_view>(kMaleMiddles)
              : absl::Span<const absl::string_view>(kFemaleMiddles);
}
absl::Span<const absl::string_view> Extras(bool male) {
  return male ? absl::Span<const absl::string_view>(kMaleExtras)
              : absl::Span<const absl::string_view>(kFemaleExtras);
}
absl::Span<const absl::string_view> Givens(bool male) {
  return male ? absl::Span<const absl::string_view>(kMaleGivens)
              : absl::Span<const absl::string_view>(kFemaleGivens);
}

// Vietnamese letters with marks, by the letter they lose their marks to.
constexpr std::pair<char, absl::string_view> kMarked[] = {
    {'A', "ÀÁẢÃẠĂẰẮẲẴẶÂẦẤẨẪẬàáảãạăằắẳẵặâầấẩẫậ"},
    {'D', "Đđ"},
    {'E', "ÈÉẺẼẸÊỀẾỂỄỆèéẻẽẹêềếểễệ"},
    {'I', "ÌÍỈĨỊìíỉĩị"},
    {'O', "ÒÓỎÕỌÔỒỐỔỖỘƠỜỚỞỠỢòóỏõọôồốổỗộơờớởỡợ"},
    {'U', "ÙÚỦŨỤƯỪỨỬỮỰùúủũụưừứửữự"},
    {'Y', "ỲÝỶỸỴỳýỷỹỵ"},
};

// Bytes of the UTF-8 character that begins with this byte.
size_t LengthOf(char lead) {
  const auto byte = static_cast<unsigned char>(lead);
  return byte < 0x80 ? 1 : byte < 0xE0 ? 2 : byte < 0xF0 ? 3 : 4;
}

// The bare upper-case letter of a character; 0 when it has none.
char BareLetter(absl::string_view character) {
  if (character.size() == 1) {
    const char c = character[0];
    if (c >= 'a' && c <= 'z') return static_cast<char>(c - 'a' + 'A');
    return c;
  }
  for (const auto& [letter, marked] : kMarked) {
    for (size_t at = 0; at < marked.size(); at += LengthOf(marked[at])) {
      if (marked.substr(at, LengthOf(marked[at])) == character) return letter;
    }
  }
  return 0;
}

}  // namespace

Name DrawName(Draws& draws, bool male) {
  return DrawNameInFamily(draws, male, static_cast<uint8_t>(draws.Weighted(kFamilyWeights)));
}

Name DrawNameInFamily(Draws& draws, bool male, uint8_t family) {
  Name name;
  name.family = family;
  name.middle = static_cast<uint8_t>(male ? draws.Weighted(kMaleMiddleWeights)
                                          : draws.Weighted(kFemaleMiddleWeights));
  // A second middle name mostly follows the first of the table: Nguyễn Thị Thu Hà.
  if (draws.Chance(name.middle == 0 ? 450 : 100)) {
    name.extra = static_cast<uint8_t>(1 + draws.Below(Extras(male).size() - 1));
    if (Extras(male)[name.extra] == Middles(male)[name.middle]) name.extra = 0;
  }
  name.given = static_cast<uint8_t>(draws.Below(Givens(male).size()));
  return name;
}

absl::string_view FamilyName(const Name& name) { return kFamilies[name.family]; }

std::string MiddleName(const Name& name, bool male) {
  std::string text(Middles(male)[name.middle]);
  if (name.extra != 0) absl::StrAppend(&text, " ", Extras(male)[name.extra]);
  return text;
}

absl::string_view GivenName(const Name& name, bool male) { return Givens(male)[name.given]; }

std::string FullName(const Name& name, bool male) {
  const absl::string_view middle = Middles(male)[name.middle];
  if (name.extra == 0) {
    return absl::StrCat(FamilyName(name), " ", middle, " ", GivenName(name, male));
  }
  return absl::StrCat(FamilyName(name), " ", middle, " ", Extras(male)[name.extra], " ",
                      GivenName(name, male));
}

std::string MisspelledName(const Name& name, bool male, Draws& draws) {
  constexpr std::pair<absl::string_view, absl::string_view> kAlike[] = {
      {"Tr", "Ch"}, {"Ch", "Tr"}, {"S", "X"}, {"X", "S"}, {"Gi", "D"}, {"D", "Gi"}, {"L", "N"}};
  const absl::string_view given = GivenName(name, male);
  std::string front = absl::StrCat(FamilyName(name), " ", MiddleName(name, male), " ");
  for (const auto& [said, heard] : kAlike) {
    if (absl::StartsWith(given, said))
      return front + absl::StrCat(heard, given.substr(said.size()));
  }
  const std::string key = SearchKey(given);
  absl::string_view other = given;
  while (SearchKey(other) == key) other = draws.Pick(Givens(male));
  return front + std::string(other);
}

std::string SearchKey(absl::string_view text) {
  std::string key;
  key.reserve(text.size());
  for (size_t at = 0; at < text.size(); at += LengthOf(text[at])) {
    const char letter = BareLetter(text.substr(at, LengthOf(text[at])));
    if ((letter >= 'A' && letter <= 'Z') || (letter >= '0' && letter <= '9')) key.push_back(letter);
  }
  return key;
}

std::string Unaccented(absl::string_view text) {
  std::string plain;
  plain.reserve(text.size());
  for (size_t at = 0; at < text.size(); at += LengthOf(text[at])) {
    const char letter = BareLetter(text.substr(at, LengthOf(text[at])));
    if (letter != 0) plain.push_back(letter);
  }
  return plain;
}

const EnterpriseKind& KindOf(const EnterpriseName& name) { return kKinds[name.kind]; }

absl::Span<const Trade> Trades() { return kTrades; }

EnterpriseName DrawEnterpriseName(Draws& draws) {
  EnterpriseName name;
  name.kind = static_cast<uint8_t>(draws.Weighted(kNameKindWeights));
  name.trade = static_cast<uint8_t>(draws.Below(std::size(kTrades)));
  name.first = static_cast<uint8_t>(draws.Below(std::size(kPlaceFirsts)));
  name.second = static_cast<uint8_t>(draws.Below(std::size(kPlaceSeconds)));
  if (draws.Chance(400)) name.number = static_cast<uint16_t>(draws.Between(2, 999));
  return name;
}

namespace {

std::string OwnName(const EnterpriseName& name) {
  std::string text = absl::StrCat(kPlaceFirsts[name.first], " ", kPlaceSeconds[name.second]);
  if (name.number != 0) absl::StrAppend(&text, " ", name.number);
  return text;
}

}  // namespace

std::string FullEnterpriseName(const EnterpriseName& name) {
  return absl::StrCat(kKinds[name.kind].prefix, " ", kTrades[name.trade].words, " ", OwnName(name));
}

std::string ShortEnterpriseName(const EnterpriseName& name) {
  return SearchKey(absl::StrCat(kPlaceFirsts[name.first], kPlaceSeconds[name.second], name.number));
}

std::string ForeignEnterpriseName(const EnterpriseName& name) {
  return absl::StrCat(Unaccented(OwnName(name)), " ", kTradesInEnglish[name.trade], " ",
                      kKinds[name.kind].code == "CP" ? "Joint Stock Company" : "Company Limited");
}

std::string DrawPlaceName(Draws& draws) {
  return absl::StrCat(draws.Pick<absl::string_view>(kPlaceFirsts), " ",
                      draws.Pick<absl::string_view>(kPlaceSeconds));
}

}  // namespace ndx::tools::datagen
