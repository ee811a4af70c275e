#include "ndx/tools/datagen/record_text.h"

#include "absl/strings/str_cat.h"
#include "ndx/core/status_macros.h"
#include "ndx/tools/datagen/numbers.h"

namespace ndx::tools::datagen {
namespace {

constexpr char kHouseholdBookPrefix[] = "99";
constexpr char kInsurerHouseholdPrefix[] = "88";
// Real districts ended with 973.
constexpr char kDistrictPrefix[] = "99";
constexpr int kMinutesFromUtc = 7 * 60;
constexpr absl::string_view kCardGroups[] = {"TE", "HS", "DN", "HT", "HN", "GD", "QN", "CA"};
constexpr int kCardBenefits[] = {1, 4, 4, 3, 2, 4, 1, 1};

// The two digits under which a commune is counted within its province.
absl::string_view NumberIn(const Commune& commune) {
  return absl::string_view(commune.code).substr(3, 2);
}

const FormerProvince& FormerProvinceOf(const Commune& commune) {
  return Provinces()[commune.province].former[commune.former_province];
}

}  // namespace

std::string CitizenIdOf(const Nation& nation, uint32_t index) {
  const Person& person = nation.people[index];
  return PersonalId(person.male, static_cast<int>(DateOf(person.born).year()), person.serial);
}

std::string IdentityCardOf(const Nation& nation, uint32_t index) {
  return nation.people[index].has_identity_card ? IdentityCard(index) : std::string();
}

std::string NameOf(const Person& person) { return FullName(person.name, person.male); }

std::string BirthDateOf(const Person& person) {
  if (person.only_year_known) return absl::StrCat(DateOf(person.born).year());
  return DateText(person.born);
}

std::string HouseholdNumberOf(uint32_t household) {
  return absl::StrCat(kHouseholdBookPrefix, Digits(household, 7));
}

std::string InsurerHouseholdNumberOf(uint32_t household) {
  return absl::StrCat(kInsurerHouseholdPrefix, Digits(household, 8));
}

std::string RelationCodeOf(Relation relation) {
  return absl::StrCat("CH0", static_cast<int>(relation) + 1);
}

std::string EnterpriseCodeOf(const Nation& nation, uint32_t index) {
  return EnterpriseCode(nation.enterprises[index].serial);
}

std::string InsuranceNumberOf(const Nation& nation, uint32_t index) {
  return InsuranceNumber(nation.insured[index].serial);
}

std::string HealthCardOf(const Nation& nation, uint32_t index) {
  const Card& card = nation.cards[index];
  const auto group = static_cast<size_t>(card.group);
  const Person& person = nation.people[nation.insured[card.insured].person];
  const Commune& commune = nation.commune(nation.households[person.household].commune);
  return HealthCard(kCardGroups[group], kCardBenefits[group], FormerProvinceOf(commune).code,
                    InsuranceNumberOf(nation, card.insured));
}

std::string ParcelIdOf(const Nation& nation, uint32_t index) {
  const Parcel& parcel = nation.parcels[index];
  const Commune& commune = nation.commune(parcel.commune);
  return absl::StrCat(parcel.converted ? commune.code : commune.former_code, "_", parcel.sheet, "_",
                      parcel.number);
}

std::string CertificateSerialOf(const Nation& nation, uint32_t index) {
  return CertificateSerial(nation.certificates[index].serial);
}

std::string DateText(Day day) {
  const absl::CivilDay date = DateOf(day);
  return absl::StrCat(Digits(static_cast<uint64_t>(date.year()), 4), "-",
                      Digits(static_cast<uint64_t>(date.month()), 2), "-",
                      Digits(static_cast<uint64_t>(date.day()), 2));
}

namespace {

std::string TimeText(int minute) {
  return absl::StrCat("T", Digits(static_cast<uint64_t>(minute / 60), 2), ":",
                      Digits(static_cast<uint64_t>(minute % 60), 2), ":00");
}

}  // namespace

std::string VietnamTimeText(Day day, int minute) {
  return absl::StrCat(DateText(day), TimeText(minute), "+07:00");
}

std::string UtcTimeText(Day day, int minute) {
  int utc = minute - kMinutesFromUtc;
  if (utc < 0) {
    utc += 24 * 60;
    --day;
  }
  return absl::StrCat(DateText(day), TimeText(utc), "Z");
}

PlaceCodes CodesOn(const Nation& nation, uint32_t index, Day day) {
  const Commune& commune = nation.commune(index);
  if (day >= kMergerDay) return {Provinces()[commune.province].code, commune.code, ""};
  return {FormerProvinceOf(commune).code, commune.former_code,
          absl::StrCat(kDistrictPrefix, NumberIn(commune).substr(1))};
}

std::string AddressDetail(const Commune& commune, int house_number, int hamlet) {
  if (commune.urban) return absl::StrCat("Số ", house_number, ", Tổ ", hamlet);
  return absl::StrCat("Thôn ", hamlet);
}

std::string FullAddress(const Commune& commune, int house_number, int hamlet, bool former) {
  return absl::StrCat(AddressDetail(commune, house_number, hamlet), ", ",
                      former ? commune.former_name : commune.name, ", ",
                      former ? FormerProvinceOf(commune).name : Provinces()[commune.province].name);
}

}  // namespace ndx::tools::datagen
