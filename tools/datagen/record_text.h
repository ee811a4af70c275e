// How the nation's values are written in the databases' records: numbers of people and households,
// dates, addresses. The one place for it, so that the databases agree.
//
// Thread-safety: pure functions.
#pragma once

#include <string>

#include "ndx/tools/datagen/nation.h"

namespace ndx::tools::datagen {

std::string CitizenIdOf(const Nation& nation, uint32_t person);
// Empty for people who never had one.
std::string IdentityCardOf(const Nation& nation, uint32_t person);
std::string NameOf(const Person& person);
// yyyy-MM-dd, or yyyy where only the year is known.
std::string BirthDateOf(const Person& person);

// Number of the household book (số sổ hộ khẩu), 9 digits; the insurer's number of the household (mã
// hộ), 10 digits.
std::string HouseholdNumberOf(uint32_t household);
std::string InsurerHouseholdNumberOf(uint32_t household);
// Relation to the head: CH01 the head, CH02 spouse, CH03 child, CH04 father, CH05 mother.
std::string RelationCodeOf(Relation relation);

std::string EnterpriseCodeOf(const Nation& nation, uint32_t enterprise);
std::string InsuranceNumberOf(const Nation& nation, uint32_t insured);
std::string HealthCardOf(const Nation& nation, uint32_t card);
std::string ParcelIdOf(const Nation& nation, uint32_t parcel);
std::string CertificateSerialOf(const Nation& nation, uint32_t certificate);

// yyyy-MM-dd.
std::string DateText(Day day);
// An instant of a day in Vietnam: with its offset (…T08:15:00+07:00), or in UTC (…T01:15:00Z).
std::string VietnamTimeText(Day day, int minute);
std::string UtcTimeText(Day day, int minute);

// Province and commune in force on a day, by code.
struct PlaceCodes {
  absl::string_view province;
  absl::string_view commune;
  std::string district;  // three digits, only before 2025-07-01
};
PlaceCodes CodesOn(const Nation& nation, uint32_t commune, Day day);

// Số 12, Tổ 5 or Thôn 5, by the kind of commune.
std::string AddressDetail(const Commune& commune, int house_number, int hamlet);
// The same with the names of commune and province; of before the merger where former is true.
std::string FullAddress(const Commune& commune, int house_number, int hamlet, bool former);

}  // namespace ndx::tools::datagen
