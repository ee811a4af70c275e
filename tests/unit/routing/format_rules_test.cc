#include "ndx/routing/format_rules.h"

#include <catch2/catch.hpp>
#include <string>
#include <vector>

#include "google/protobuf/descriptor.h"

namespace ndx::routing {
namespace {

using Kind = FormatVerdict::Kind;

Kind Check(options::v1::Format format, const std::string& text) {
  return CheckFormat(format, text).kind;
}

struct Rule {
  options::v1::Format format;
  std::vector<std::string> good;
  std::vector<std::string> bad;
};

void CheckAll(const Rule& rule) {
  INFO(options::v1::Format_Name(rule.format));
  for (const std::string& text : rule.good) {
    INFO(text);
    CHECK(Check(rule.format, text) == Kind::kGood);
  }
  for (const std::string& text : rule.bad) {
    INFO(text);
    CHECK(Check(rule.format, text) == Kind::kBad);
  }
}

TEST_CASE("numbers of people") {
  CheckAll({options::v1::FORMAT_CITIZEN_ID,
            {"001085012345", "999301000000", "096207654321"},
            {"00108501234", "0010850123456", "00108501234x", "001 85012345", "٠٠١٠٨٥٠١٢٣٤٥",
             "-01085012345"}});
  CheckAll(
      {options::v1::FORMAT_IDENTITY_CARD, {"123456789"}, {"12345678", "1234567890", "12345678a"}});
  CheckAll({options::v1::FORMAT_SOCIAL_INSURANCE_NUMBER,
            {"9012345678"},
            {"901234567", "90123456789", "901234567a"}});
  CheckAll({options::v1::FORMAT_HEALTH_CARD,
            {"GD4199012345678", "DN1019012345678", "TE5990000000000"},
            {"GD0199012345678", "GD6199012345678", "gd4199012345678", "G14199012345678",
             "GD419901234567", "GD41990123456789", "GD4A99012345678"}});
}

TEST_CASE("a province's code of any time is good, one of no time is odd and said to be so") {
  for (const char* const code : {"02", "06", "15", "24", "44", "52", "80", "82", "91", "95"}) {
    CHECK(Check(options::v1::FORMAT_PROVINCE_CODE, code) == Kind::kGood);
  }
  const FormatVerdict verdict = CheckFormat(options::v1::FORMAT_PROVINCE_CODE, "03");
  CHECK(verdict.kind == Kind::kOdd);
  CHECK(verdict.rule_en == "must be a province's code of some time");
  CHECK(verdict.rule_vi == "phải là mã tỉnh của một thời kỳ nào đó");
}

TEST_CASE("a person born after 2099 is odd, and let through") {
  CHECK(Check(options::v1::FORMAT_CITIZEN_ID, "001385012345") == Kind::kGood);
  CHECK(Check(options::v1::FORMAT_CITIZEN_ID, "001485012345") == Kind::kOdd);
  CHECK(Check(options::v1::FORMAT_CITIZEN_ID, "001985012345") == Kind::kOdd);
}

// The check digit by the book, or -1 where the weighted sum is a multiple of 11.
int CheckDigit(const std::string& nine) {
  constexpr int kWeights[] = {31, 29, 23, 19, 17, 13, 7, 5, 3};
  int sum = 0;
  for (size_t i = 0; i < 9; ++i) sum += (nine[i] - '0') * kWeights[i];
  return sum % 11 == 0 ? -1 : 10 - sum % 11;
}

TEST_CASE("every enterprise code has one right check digit, or an odd one") {
  constexpr auto kFormat = options::v1::FORMAT_ENTERPRISE_CODE;
  int odd = 0;
  for (int serial = 990'000'000; serial < 990'002'000; ++serial) {
    const std::string nine = std::to_string(serial);
    const int right = CheckDigit(nine);
    for (int digit = 0; digit < 10; ++digit) {
      const Kind kind = Check(kFormat, nine + std::to_string(digit));
      const Kind expected = right == digit            ? Kind::kGood
                            : right < 0 && digit == 0 ? Kind::kOdd
                                                      : Kind::kBad;
      REQUIRE(kind == expected);
      odd += kind == Kind::kOdd ? 1 : 0;
    }
  }
  CHECK(odd > 100);
}

TEST_CASE("branches of enterprises") {
  const std::string code = "990000001" + std::to_string(CheckDigit("990000001"));
  CheckAll({options::v1::FORMAT_ENTERPRISE_CODE,
            {code, code + "-001", code + "-999"},
            {code + "-01", code + "-0001", code + "001", code + "-", code + "-0a1",
             code.substr(0, 9), code + "1", "-" + code}});
  CHECK(Check(options::v1::FORMAT_ENTERPRISE_CODE, code + "-000") == Kind::kOdd);
}

TEST_CASE("codes of dossiers, agencies, procedures and places") {
  CheckAll({options::v1::FORMAT_DOSSIER_CODE,
            {"000.00.14.H20-200703-0002", "G09.20-20260609-0092637", "H55-20260101-0000001",
             "H20-200703-0002", "000.00.14.H20-20260609-0092637", "H55-240229-0001"},
            {"H55-20260101-001", "H55-20260101-00000001", "H55-260101-0000001",
             "H55-20261301-0000001", "H55-250229-0001", "H55-20260101", "20260101-0000001",
             "h55-20260101-0000001", "H55--0000001", "H55-20260101-000000a",
             "0100109106-20260101-0000001", "H55-20260101-0000001-1", "H55_20260101_0000001"}});
  CheckAll({options::v1::FORMAT_AGENCY_CODE,
            {"G09.20", "000.00.20.G09", "H55"},
            {"0100109106", "g09", "G09.", " H55"}});
  CheckAll({options::v1::FORMAT_PROCEDURE_CODE,
            {"1.011442", "1.011442.000.00.00.H38", "2.000815.000.00.00.H55.02", "1.011442.H38"},
            {"1.01144", "1.0114422", "11.011442", "1011442", "a.011442", "1.011442.", "1.011442.38",
             "1.011442.H38.0x", "2.000815.000.00.00.H55.0a"}});
  CheckAll({options::v1::FORMAT_PROVINCE_CODE, {"01", "96"}, {"1", "001", "0a"}});
  CheckAll({options::v1::FORMAT_COMMUNE_CODE, {"00269", "99999"}, {"0269", "000269", "0026a"}});
}

TEST_CASE("numbers and codes of official documents") {
  const std::string decomposed =
      "12/BC-U\xCC\x9B"
      "BND";  // U and a combining horn
  CheckAll({options::v1::FORMAT_DOCUMENT_NUMBER,
            {"7816/VPCP-TTĐT", "20/2020/QĐ-TTg", "30/2020/NĐ-CP", "1/ĐA-UBND", "12a/TTr-SNV",
             "05/BC-ƯBND", "3/2024/TTLT-BNV&BTC", decomposed},
            {"7816", "/VPCP", "7816/", "7816/vpcp", "7816-VPCP", "7816/VPCP TTĐT", "1234567/QĐ",
             "7816/20/QĐ", "a/QĐ", "12ab/QĐ", "1/2020/3/QĐ", "1/QĐ×A", "1/QĐ,A", "1/\xC4",
             "1/Q\xFF", "1/" + std::string(49, 'A')}});
  CheckAll({options::v1::FORMAT_DOCUMENT_CODE,
            {"000.00.00.G22,2015/09/30,7816/VPCP-TTĐT", "G22,2024/02/29,20/2020/QĐ-TTg"},
            {"G22,2015/09/31,7816/VPCP-TTĐT", "G22,2015-09-30,7816/VPCP-TTĐT",
             "G22,2015/09/30,7816", "G22,2015/09/30", "2015/09/30,7816/VPCP-TTĐT",
             "G22,2015/09/30,7816/VPCP,x", "g22,2015/09/30,1/QĐ", "G22,2015/9/30,1/QĐ"}});
}

TEST_CASE("days and instants") {
  CheckAll({options::v1::FORMAT_DATE,
            {"2024-02-29", "1900-01-01"},
            {"2025-02-29", "2024", "20240229", "29/02/2024"}});
  CheckAll({options::v1::FORMAT_PARTIAL_DATE,
            {"1985", "1985-12", "1985-12-31"},
            {"85", "1985-13", "1985-1", "1985-", "1985-02-30", "0000", "31/12/1985", "12/1985"}});
  CheckAll(
      {options::v1::FORMAT_TIMESTAMP,
       {"2026-01-02T03:04:05Z", "2026-01-02T03:04:05+07:00", "2026-01-02T03:04:05.123456789+07:00"},
       {"2026-01-02", "2026-01-02T03:04:05", "2026-01-02 03:04:05Z", "infinite-future",
        "2026-02-30T03:04:05Z", " 2026-01-02T03:04:05Z", "2026-01-02T03:04:05Z "}});
}

TEST_CASE("an empty text is another rule's business, and free text has no form") {
  const auto* formats = options::v1::Format_descriptor();
  for (int i = 0; i < formats->value_count(); ++i) {
    const auto format = static_cast<options::v1::Format>(formats->value(i)->number());
    CHECK(Check(format, "") == Kind::kGood);
  }
  CHECK(Check(options::v1::FORMAT_UNSPECIFIED, "\x01 anything") == Kind::kGood);
}

TEST_CASE("every format has a rule in both languages, and none repeats the text") {
  const auto* formats = options::v1::Format_descriptor();
  for (int i = 0; i < formats->value_count(); ++i) {
    const auto format = static_cast<options::v1::Format>(formats->value(i)->number());
    if (format == options::v1::FORMAT_UNSPECIFIED) continue;
    INFO(options::v1::Format_Name(format));
    const FormatVerdict verdict = CheckFormat(format, "zq17");
    CHECK(verdict.kind == Kind::kBad);
    CHECK_FALSE(verdict.rule_vi.empty());
    CHECK_FALSE(verdict.rule_en.empty());
    CHECK(verdict.rule_vi.find("zq17") == absl::string_view::npos);
    CHECK(verdict.rule_en.find("zq17") == absl::string_view::npos);
  }
}

TEST_CASE("long and hostile texts end as bad") {
  const auto* formats = options::v1::Format_descriptor();
  const std::string long_text(4'000'000, '1');
  const std::string dashes(100'000, '-');
  const std::string dots(100'000, '.');
  for (int i = 1; i < formats->value_count(); ++i) {
    const auto format = static_cast<options::v1::Format>(formats->value(i)->number());
    INFO(options::v1::Format_Name(format));
    CHECK(Check(format, long_text) == Kind::kBad);
    CHECK(Check(format, dashes) == Kind::kBad);
    CHECK(Check(format, dots) == Kind::kBad);
    CHECK(Check(format, std::string("\0\0\0\0", 4)) == Kind::kBad);
  }
}

}  // namespace
}  // namespace ndx::routing
