#include "ndx/routing/format_rules.h"

#include <algorithm>
#include <string>
#include <vector>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "absl/time/time.h"
#include "ndx/registry/agency_code.h"
#include "ndx/registry/calendar.h"
#include "ndx/registry/province_code.h"

namespace ndx::routing {
namespace {

using Kind = FormatVerdict::Kind;

bool IsDigit(char c) { return absl::ascii_isdigit(static_cast<unsigned char>(c)); }

bool Digits(absl::string_view text, size_t count) {
  return text.size() == count && std::all_of(text.begin(), text.end(), IsDigit);
}

int Digit(char c) { return c - '0'; }

Kind GoodIf(bool good) { return good ? Kind::kGood : Kind::kBad; }

// Three digits of the place of birth registration, one of century and sex (even: male; 0 and 1:
// 19xx, 2 and 3: 20xx …), two of the year of birth, six more. There is no check digit; who is born
// after 2099 has no number yet.
Kind CitizenId(absl::string_view text) {
  if (!Digits(text, 12)) return Kind::kBad;
  return Digit(text[3]) > 3 ? Kind::kOdd : Kind::kGood;
}

// The tenth digit is 10 less the weighted sum modulo 11. Where the sum is a multiple of 11 that
// would be 10: some implementations write 0, others never issue such a code.
Kind EnterpriseCode(absl::string_view text) {
  constexpr int kWeights[] = {31, 29, 23, 19, 17, 13, 7, 5, 3};
  const bool branch = text.size() == 14 && text[10] == '-';
  if (!Digits(text.substr(0, 10), 10) || (text.size() != 10 && !branch)) return Kind::kBad;
  if (branch && !Digits(text.substr(11), 3)) return Kind::kBad;
  int sum = 0;
  for (size_t i = 0; i < 9; ++i) sum += Digit(text[i]) * kWeights[i];
  const int check = 10 - sum % 11;
  if (check == 10) return Digit(text[9]) == 0 ? Kind::kOdd : Kind::kBad;
  if (check != Digit(text[9])) return Kind::kBad;
  return branch && text.substr(11) == "000" ? Kind::kOdd : Kind::kGood;
}

Kind HealthCard(absl::string_view text) {
  return GoodIf(text.size() == 15 && absl::ascii_isupper(static_cast<unsigned char>(text[0])) &&
                absl::ascii_isupper(static_cast<unsigned char>(text[1])) && text[2] >= '1' &&
                text[2] <= '5' && Digits(text.substr(3), 12));
}

bool IsAgency(absl::string_view text) {
  const auto code = registry::AgencyCode::Parse(text);
  return code.ok() && !code->is_enterprise();
}

// yyMMdd of this century, or yyyyMMdd.
bool IsCompactDay(absl::string_view text) {
  const std::string full = text.size() == 6 ? absl::StrCat("20", text) : std::string(text);
  return Digits(full, 8) && registry::ParseDay(absl::StrCat(full.substr(0, 4), "-",
                                                            full.substr(4, 2), "-", full.substr(6)))
                                .ok();
}

Kind DossierCode(absl::string_view text) {
  const std::vector<absl::string_view> parts = absl::StrSplit(text, '-');
  if (parts.size() != 3 || !IsAgency(parts[0]) || !IsCompactDay(parts[1])) return Kind::kBad;
  return GoodIf(Digits(parts[2], parts[1].size() == 6 ? 4 : 7));
}

// 1.011442, 1.011442.000.00.00.H38, 2.000815.000.00.00.H55.02
Kind ProcedureCode(absl::string_view text) {
  if (text.size() < 8 || !IsDigit(text[0]) || text[1] != '.' || !Digits(text.substr(2, 6), 6)) {
    return Kind::kBad;
  }
  if (text.size() == 8) return Kind::kGood;
  if (text[8] != '.') return Kind::kBad;
  const absl::string_view agency = text.substr(9);
  if (IsAgency(agency)) return Kind::kGood;
  const bool numbered = agency.size() > 3 && agency[agency.size() - 3] == '.' &&
                        Digits(agency.substr(agency.size() - 2), 2);
  return GoodIf(numbered && IsAgency(agency.substr(0, agency.size() - 3)));
}

// Whether it means anything today is not asked: records keep the codes of their time. A province
// that came after this program was made is only odd.
Kind ProvinceCode(absl::string_view text) {
  if (!Digits(text, 2)) return Kind::kBad;
  return registry::MeaningsOfProvinceCode(text).empty() ? Kind::kOdd : Kind::kGood;
}

Kind PartialDate(absl::string_view text) {
  if (text.size() == 4) return GoodIf(registry::ParseDay(absl::StrCat(text, "-01-01")).ok());
  if (text.size() == 7) return GoodIf(registry::ParseDay(absl::StrCat(text, "-01")).ok());
  return GoodIf(registry::ParseDay(text).ok());
}

Kind Timestamp(absl::string_view text) {
  absl::Time ignored;
  // absl would also take "infinite-future" and blanks around.
  const bool shaped = text.size() >= 20 && text.size() <= 35 && IsDigit(text[0]) &&
                      (text.back() == 'Z' || IsDigit(text.back()));
  return GoodIf(shaped && absl::ParseTime(absl::RFC3339_full, text, &ignored, nullptr));
}

// A letter of the Vietnamese alphabet beyond ASCII, or a mark that belongs to the letter before it:
// Latin-1 and Latin Extended-A and -B (U+00C0 to U+024F), combining marks (U+0300 to U+036F), Latin
// Extended Additional (U+1E00 to U+1EFF), in UTF-8. Its length in bytes, or 0.
size_t LetterBytes(absl::string_view text) {
  const auto byte = [&](size_t i) {
    return i < text.size() ? static_cast<unsigned char>(text[i]) : 0U;
  };
  const auto follows = [&](size_t i) { return (byte(i) & 0xC0U) == 0x80U; };
  if (byte(0) == 0xE1 && byte(1) >= 0xB8 && byte(1) <= 0xBB && follows(2)) return 3;
  const bool two = (byte(0) >= 0xC3 && byte(0) <= 0xC8) || byte(0) == 0xCC || byte(0) == 0xCD ||
                   (byte(0) == 0xC9 && byte(1) <= 0x8F);
  if (!two || !follows(1) || (byte(0) == 0xCD && byte(1) > 0xAF)) return 0;
  const bool sign = byte(0) == 0xC3 && (byte(1) == 0x97 || byte(1) == 0xB7);  // × and ÷
  return sign ? 0 : 2;
}

// VPCP-TTĐT, QĐ-TTg, NĐ-CP
bool IsDocumentSymbol(absl::string_view text) {
  constexpr size_t kSymbolBytesMax = 48;
  if (text.empty() || text.size() > kSymbolBytesMax) return false;
  const auto lead = static_cast<unsigned char>(text[0]);
  if (lead < 0x80 && !absl::ascii_isupper(lead)) return false;
  while (!text.empty()) {
    const auto c = static_cast<unsigned char>(text[0]);
    const bool plain = absl::ascii_isalnum(c) || c == '-' || c == '.' || c == '&';
    const size_t length = plain ? 1 : LetterBytes(text);
    if (length == 0) return false;
    text.remove_prefix(length);
  }
  return true;
}

bool IsDocumentOrdinal(absl::string_view text) {
  if (text.size() > 1 && absl::ascii_islower(static_cast<unsigned char>(text.back()))) {
    text.remove_suffix(1);
  }
  return !text.empty() && text.size() <= 6 && Digits(text, text.size());
}

// 7816/VPCP-TTĐT, 20/2020/QĐ-TTg
Kind DocumentNumber(absl::string_view text) {
  const std::vector<absl::string_view> parts = absl::StrSplit(text, '/');
  if (parts.size() < 2 || parts.size() > 3 || !IsDocumentOrdinal(parts[0])) return Kind::kBad;
  if (parts.size() == 3 && !Digits(parts[1], 4)) return Kind::kBad;
  return GoodIf(IsDocumentSymbol(parts.back()));
}

// 000.00.00.G22,2015/09/30,7816/VPCP-TTĐT
Kind DocumentCode(absl::string_view text) {
  const std::vector<absl::string_view> parts = absl::StrSplit(text, ',');
  if (parts.size() != 3 || !IsAgency(parts[0]) || parts[1].size() != 10) return Kind::kBad;
  std::string day(parts[1]);
  if (day[4] != '/' || day[7] != '/') return Kind::kBad;
  day[4] = day[7] = '-';
  return registry::ParseDay(day).ok() ? DocumentNumber(parts[2]) : Kind::kBad;
}

struct Rule {
  Kind (*check)(absl::string_view);
  absl::string_view vi;
  absl::string_view en;
  // What is said of an odd one, where it is something else.
  absl::string_view odd_vi = "";
  absl::string_view odd_en = "";
};

Rule RuleOf(options::v1::Format format) {
  switch (format) {
    case options::v1::FORMAT_CITIZEN_ID:
      return {CitizenId, "phải có 12 chữ số", "must have 12 digits"};
    case options::v1::FORMAT_IDENTITY_CARD:
      return {[](absl::string_view text) { return GoodIf(Digits(text, 9)); }, "phải có 9 chữ số",
              "must have 9 digits"};
    case options::v1::FORMAT_ENTERPRISE_CODE:
      return {
          EnterpriseCode,
          "phải có 10 chữ số với chữ số kiểm tra đúng, có thể thêm `-` và 3 chữ số của chi nhánh",
          "must have 10 digits with a right check digit, optionally `-` and a branch's 3 digits"};
    case options::v1::FORMAT_SOCIAL_INSURANCE_NUMBER:
      return {[](absl::string_view text) { return GoodIf(Digits(text, 10)); }, "phải có 10 chữ số",
              "must have 10 digits"};
    case options::v1::FORMAT_HEALTH_CARD:
      return {HealthCard, "phải có 2 chữ in hoa, mức hưởng 1 đến 5 và 12 chữ số",
              "must have 2 capital letters, a benefit level from 1 to 5 and 12 digits"};
    case options::v1::FORMAT_DOSSIER_CODE:
      return {DossierCode,
              "phải có dạng <mã định danh điện tử>-yyMMdd-NNNN hoặc <mã định danh điện "
              "tử>-yyyyMMdd-NNNNNNN",
              "must have the form <agency code>-yyMMdd-NNNN or <agency code>-yyyyMMdd-NNNNNNN"};
    case options::v1::FORMAT_AGENCY_CODE:
      return {[](absl::string_view text) { return GoodIf(IsAgency(text)); },
              "phải là mã định danh điện tử, dạng G09.20 hoặc 000.00.20.G09",
              "must be an agency code, such as G09.20 or 000.00.20.G09"};
    case options::v1::FORMAT_PROCEDURE_CODE:
      return {ProcedureCode, "phải là mã TTHC, dạng 1.011442",
              "must be a procedure code, such as 1.011442"};
    case options::v1::FORMAT_PROVINCE_CODE:
      return {ProvinceCode, "phải có 2 chữ số", "must have 2 digits",
              "phải là mã tỉnh của một thời kỳ nào đó", "must be a province's code of some time"};
    case options::v1::FORMAT_COMMUNE_CODE:
      return {[](absl::string_view text) { return GoodIf(Digits(text, 5)); }, "phải có 5 chữ số",
              "must have 5 digits"};
    case options::v1::FORMAT_DATE:
      return {[](absl::string_view text) { return GoodIf(registry::ParseDay(text).ok()); },
              "phải là một ngày có thật, dạng yyyy-MM-dd", "must be an existing day, yyyy-MM-dd"};
    case options::v1::FORMAT_PARTIAL_DATE:
      return {PartialDate, "phải có dạng yyyy, yyyy-MM hoặc yyyy-MM-dd",
              "must be yyyy, yyyy-MM or yyyy-MM-dd"};
    case options::v1::FORMAT_TIMESTAMP:
      return {Timestamp, "phải là thời điểm theo RFC 3339", "must be an instant as in RFC 3339"};
    case options::v1::FORMAT_DOCUMENT_NUMBER:
      return {DocumentNumber, "phải là số và ký hiệu văn bản, dạng 7816/VPCP-TTĐT",
              "must be a document's number and symbol, such as 7816/VPCP-TTĐT"};
    case options::v1::FORMAT_DOCUMENT_CODE:
      return {DocumentCode,
              "phải là mã định danh văn bản, dạng <mã định danh điện tử>,yyyy/MM/dd,<số>/<ký hiệu>",
              "must be a document code, <agency code>,yyyy/MM/dd,<number>/<symbol>"};
    default:
      return {[](absl::string_view) { return Kind::kGood; }, "", ""};
  }
}

}  // namespace

FormatVerdict CheckFormat(options::v1::Format format, absl::string_view text) {
  if (text.empty()) return {};
  const Rule rule = RuleOf(format);
  const Kind kind = rule.check(text);
  if (kind == Kind::kGood) return {};
  const bool odd = kind == Kind::kOdd && !rule.odd_en.empty();
  return {
      .kind = kind, .rule_vi = odd ? rule.odd_vi : rule.vi, .rule_en = odd ? rule.odd_en : rule.en};
}

}  // namespace ndx::routing
