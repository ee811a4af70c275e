#include "ndx/tools/datagen/numbers.h"

#include <catch2/catch.hpp>
#include <string>

namespace ndx::tools::datagen {
namespace {

TEST_CASE("enterprise codes: the check digit is ten less the weighted sum modulo eleven") {
  struct Case {
    std::string nine;
    int check;
  };
  // Worked out by hand: 31 29 23 19 17 13 7 5 3.
  for (const Case& c : {Case{"000000000", 10},    // 0: no code is made of it
                        Case{"000000001", 7},     // 3
                        Case{"100000000", 1},     // 31 = 2*11 + 9
                        Case{"990000001", 6},     // 9*31 + 9*29 + 3 = 543 = 49*11 + 4
                        Case{"123456789", 3}}) {  // 31+58+69+76+85+78+49+40+27 = 513 = 46*11 + 7
    INFO(c.nine);
    CHECK(EnterpriseCheckDigit(c.nine) == c.check);
  }
}

TEST_CASE("enterprise codes: a serial whose check digit would be ten has none") {
  int without = 0;
  for (uint32_t serial = 0; serial < 1100; ++serial) {
    const std::string code = EnterpriseCode(serial);
    if (code.empty()) {
      ++without;
      continue;
    }
    REQUIRE(code.size() == 10);
    CHECK(code.substr(0, 2) == "99");
    CHECK(code[9] - '0' == EnterpriseCheckDigit(code.substr(0, 9)));
  }
  CHECK(without == 100);  // one in eleven
  CHECK(EnterpriseCode(kEnterpriseSerials - 1).substr(0, 9) == "999999999");
}

TEST_CASE("personal identification numbers: prefix, century and sex, year, serial") {
  CHECK(PersonalId(true, 1978, 0) == "999078000000");
  CHECK(PersonalId(false, 1978, 12) == "999178000012");
  CHECK(PersonalId(true, 2000, 0) == "999200000000");
  CHECK(PersonalId(false, 2025, kPersonalIdSerials - 1) == "999325999999");
}

TEST_CASE("other numbers are as long as the real ones and begin with a free prefix") {
  CHECK(IdentityCard(7) == "990000007");
  CHECK(IdentityCard(kIdentityCardSerials - 1) == "999999999");
  CHECK(InsuranceNumber(7) == "9000000007");
  CHECK(InsuranceNumber(kInsuranceSerials - 1) == "9099999999");
  CHECK(HealthCard("GD", 4, "19", InsuranceNumber(7)) == "GD4199000000007");
  CHECK(CertificateSerial(7) == "ZZ 00000007");
  CHECK(CertificateBookNumber(7) == "ZZ00000007");
  CHECK(Digits(0, 3) == "000");
  CHECK(Digits(42, 2) == "42");
}

}  // namespace
}  // namespace ndx::tools::datagen
