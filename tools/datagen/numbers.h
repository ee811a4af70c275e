// Numbers of people, enterprises, insurance and land papers, formed like the real ones and taken
// only from ranges that nobody has been allocated, so that none can be a real person's or
// enterprise's. README.md says why each range is free.
//
// Thread-safety: pure functions.
// Errors: none; a serial past its limit is the caller's bug (NDX_CHECK).
#pragma once

#include <cstdint>
#include <string>

#include "absl/strings/string_view.h"

namespace ndx::tools::datagen {

// First digits of every generated number.
inline constexpr char kPersonalIdPrefix[] = "999";
inline constexpr char kIdentityCardPrefix[] = "99";
inline constexpr char kEnterpriseCodePrefix[] = "99";
inline constexpr char kInsuranceNumberPrefix[] = "90";
inline constexpr char kCertificateSerialPrefix[] = "ZZ ";
inline constexpr char kCertificateBookPrefix[] = "ZZ";
inline constexpr char kCommuneCodePrefix[] = "9";
inline constexpr char kFormerCommuneCodePrefix[] = "8";

// Serials go from 0 to these, not included.
inline constexpr uint32_t kPersonalIdSerials = 1'000'000;  // for each sex and year of birth
inline constexpr uint32_t kIdentityCardSerials = 10'000'000;
inline constexpr uint32_t kEnterpriseSerials = 10'000'000;
inline constexpr uint32_t kInsuranceSerials = 100'000'000;
inline constexpr uint32_t kCertificateSerials = 100'000'000;

// Personal identification number (số định danh cá nhân), 12 digits: prefix of the place of birth
// registration, century and sex, year of birth, six more. Born 1900 to 2099.
std::string PersonalId(bool male, int birth_year, uint32_t serial);

// Former identity card number (số CMND), 9 digits.
std::string IdentityCard(uint32_t serial);

// Check digit of the first nine digits of an enterprise code (mã số doanh nghiệp): 10 less the sum,
// weighted by 31 29 23 19 17 13 7 5 3, modulo 11. 10 where the sum is a multiple of 11:
// implementations disagree on those, none is generated.
int EnterpriseCheckDigit(absl::string_view nine_digits);

// Enterprise code, 10 digits; empty for a serial whose check digit would be 10.
std::string EnterpriseCode(uint32_t serial);

// Social insurance number (mã số BHXH), 10 digits.
std::string InsuranceNumber(uint32_t serial);

// Health insurance card (thẻ BHYT), 15 characters: group of people, benefit 1 to 5, province,
// social insurance number.
std::string HealthCard(absl::string_view group, int benefit, absl::string_view province,
                       absl::string_view insurance_number);

// Serial of a land-use certificate (số phát hành), two letters and eight digits.
std::string CertificateSerial(uint32_t serial);

// Number in the register of certificates (số vào sổ cấp giấy chứng nhận).
std::string CertificateBookNumber(uint32_t serial);

// number with zeros before it, width digits in all.
std::string Digits(uint64_t number, int width);

}  // namespace ndx::tools::datagen
