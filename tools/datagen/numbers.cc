#include "ndx/tools/datagen/numbers.h"

#include "absl/strings/str_cat.h"
#include "ndx/core/status_macros.h"

namespace ndx::tools::datagen {

std::string Digits(uint64_t number, int width) {
  std::string text(static_cast<size_t>(width), '0');
  for (int at = width; at-- > 0; number /= 10) {
    text[static_cast<size_t>(at)] = static_cast<char>('0' + number % 10);
  }
  NDX_CHECK(number == 0);
  return text;
}

std::string PersonalId(bool male, int birth_year, uint32_t serial) {
  NDX_CHECK(birth_year >= 1900 && birth_year < 2100 && serial < kPersonalIdSerials);
  const int century_and_sex = (birth_year < 2000 ? 0 : 2) + (male ? 0 : 1);
  return absl::StrCat(kPersonalIdPrefix, century_and_sex,
                      Digits(static_cast<uint64_t>(birth_year % 100), 2), Digits(serial, 6));
}

std::string IdentityCard(uint32_t serial) {
  NDX_CHECK(serial < kIdentityCardSerials);
  return absl::StrCat(kIdentityCardPrefix, Digits(serial, 7));
}

int EnterpriseCheckDigit(absl::string_view nine_digits) {
  constexpr int kWeights[] = {31, 29, 23, 19, 17, 13, 7, 5, 3};
  NDX_CHECK(nine_digits.size() == 9);
  int sum = 0;
  for (size_t i = 0; i < 9; ++i) sum += (nine_digits[i] - '0') * kWeights[i];
  return 10 - sum % 11;
}

std::string EnterpriseCode(uint32_t serial) {
  NDX_CHECK(serial < kEnterpriseSerials);
  const std::string nine = absl::StrCat(kEnterpriseCodePrefix, Digits(serial, 7));
  const int check = EnterpriseCheckDigit(nine);
  return check == 10 ? std::string() : absl::StrCat(nine, check);
}

std::string InsuranceNumber(uint32_t serial) {
  NDX_CHECK(serial < kInsuranceSerials);
  return absl::StrCat(kInsuranceNumberPrefix, Digits(serial, 8));
}

std::string HealthCard(absl::string_view group, int benefit, absl::string_view province,
                       absl::string_view insurance_number) {
  NDX_CHECK(group.size() == 2 && benefit >= 1 && benefit <= 5 && province.size() == 2 &&
            insurance_number.size() == 10);
  return absl::StrCat(group, benefit, province, insurance_number);
}

std::string CertificateSerial(uint32_t serial) {
  NDX_CHECK(serial < kCertificateSerials);
  return absl::StrCat(kCertificateSerialPrefix, Digits(serial, 8));
}

std::string CertificateBookNumber(uint32_t serial) {
  return absl::StrCat(kCertificateBookPrefix, Digits(serial, 8));
}

}  // namespace ndx::tools::datagen
