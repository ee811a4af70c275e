// Rows of the population database, as adapters/population/schema.sql has them.
#include <algorithm>
#include <numeric>

#include "ndx/tools/datagen/names.h"
#include "ndx/tools/datagen/numbers.h"
#include "ndx/tools/datagen/record_text.h"
#include "ndx/tools/datagen/row.h"
#include "schemas.h"

namespace ndx::tools::datagen {
namespace {

constexpr absl::string_view kNationality = "VN";
constexpr int kOfAge = 18;
constexpr int kAlive = 1;
constexpr int kDeceased = 2;

int GenderOf(const Person& person) { return person.male ? 1 : 2; }

void WritePlace(const Nation& nation, uint32_t commune, Day day, absl::string_view detail,
                Row& row) {
  const PlaceCodes codes = CodesOn(nation, commune, day);
  row.Text(codes.province);
  row.TextOrNull(codes.district);
  row.Text(codes.commune);
  row.TextOrNull(detail);
  row.Text(kNationality);
}

// A relative of this nation.
void WriteRelative(const Nation& nation, uint32_t person, Row& row) {
  row.Text(NameOf(nation.people[person]));
  row.Text(CitizenIdOf(nation, person));
  row.TextOrNull(IdentityCardOf(nation, person));
  row.Text(kNationality);
}

// A parent: of this nation, or one of whom only the name is recorded.
void WriteParent(const Nation& nation, uint32_t person, const Name& name, bool male, Row& row) {
  if (person != kNobody) return WriteRelative(nation, person, row);
  row.Text(FullName(name, male));
  row.Null();
  row.Null();
  row.Text(kNationality);
}

void WriteNobody(Row& row) {
  for (int column = 0; column < 4; ++column) row.Null();
}

void WriteIdentity(const Nation& nation, uint32_t index, Row& row) {
  const Person& person = nation.people[index];
  const std::string name = NameOf(person);
  row.Text(CitizenIdOf(nation, index));
  row.TextOrNull(IdentityCardOf(nation, index));
  row.Text(name);
  row.Text(SearchKey(name));
  row.Integer(GenderOf(person));
  row.Text(BirthDateOf(person));
  row.Integer(DateOf(person.born).year());
  row.Text(Digits(person.ethnicity, 2));
  row.Text(Digits(person.religion, 2));
  row.Integer(static_cast<int>(person.marital) + 1);
  row.Text(Digits(person.blood_group, 2));
  row.Text(kNationality);
}

void WritePlaces(const Nation& nation, const Person& person, Row& row) {
  const Household& household = nation.households[person.household];
  const uint32_t home =
      person.father == kNobody ? person.birth_commune : nation.people[person.father].birth_commune;
  const std::string detail =
      AddressDetail(nation.commune(household.commune), household.house_number, household.hamlet);
  WritePlace(nation, person.birth_commune, person.born, "", row);
  WritePlace(nation, home, person.born, "", row);
  WritePlace(nation, household.commune, kAsOf, detail, row);
  if (person.house_number == 0) {
    WritePlace(nation, person.current_commune, kAsOf, detail, row);
  } else {
    WritePlace(nation, person.current_commune, kAsOf,
               AddressDetail(nation.commune(person.current_commune), person.house_number,
                             1 + person.house_number % 18),
               row);
  }
}

void WritePerson(const Nation& nation, uint32_t index, Row& row) {
  const Person& person = nation.people[index];
  WriteIdentity(nation, index, row);
  WritePlaces(nation, person, row);
  WriteParent(nation, person.father, person.father_name, true, row);
  WriteParent(nation, person.mother, person.mother_name, false, row);
  if (person.spouse == kNobody) {
    WriteNobody(row);
  } else {
    WriteRelative(nation, person.spouse, row);
  }
  const uint32_t representative = person.father != kNobody ? person.father : person.mother;
  if (representative == kNobody || AgeOf(person) >= kOfAge) {
    WriteNobody(row);
  } else {
    WriteRelative(nation, representative, row);
  }
  if (IsAlive(person)) {
    row.Text(HouseholdNumberOf(person.household));
    row.Text(RelationCodeOf(person.relation));
  } else {
    row.Null();
    row.Null();
  }
  row.Integer(IsAlive(person) ? kAlive : kDeceased);
}

void WritePeople(const Nation& nation, RowConsumer consumer) {
  // In the order of the primary key, which spares the database a sort.
  const auto key = [&nation](uint32_t index) {
    const Person& person = nation.people[index];
    const auto year = static_cast<uint64_t>(DateOf(person.born).year() - 1900);
    const uint64_t century_and_sex = year / 100 * 2 + (person.male ? 0 : 1);
    return (century_and_sex * 100 + year % 100) * kPersonalIdSerials + person.serial;
  };
  std::vector<std::pair<uint64_t, uint32_t>> order;
  order.reserve(nation.people.size());
  for (uint32_t index = 0; index < nation.people.size(); ++index)
    order.emplace_back(key(index), index);
  std::sort(order.begin(), order.end());
  Row row;
  for (const auto& [ignored, index] : order) {
    row.Clear();
    WritePerson(nation, index, row);
    consumer(row);
  }
}

void WriteHouseholds(const Nation& nation, RowConsumer consumer) {
  Row row;
  for (uint32_t index = 0; index < nation.households.size(); ++index) {
    const Household& household = nation.households[index];
    row.Clear();
    row.Text(HouseholdNumberOf(index));
    row.Text(CitizenIdOf(nation, household.first_person));
    WritePlace(
        nation, household.commune, kAsOf,
        AddressDetail(nation.commune(household.commune), household.house_number, household.hamlet),
        row);
    consumer(row);
  }
}

}  // namespace

Database PopulationDatabase() {
  return {"population",
          kPopulationSchema,
          {{"people",
            {"citizen_id",
             "identity_card",
             "full_name",
             "name_key",
             "gender",
             "birth_date",
             "birth_year",
             "ethnicity_code",
             "religion_code",
             "marital_status",
             "blood_group_code",
             "nationality_code",
             "birth_province_code",
             "birth_district_code",
             "birth_commune_code",
             "birth_detail",
             "birth_country_code",
             "home_province_code",
             "home_district_code",
             "home_commune_code",
             "home_detail",
             "home_country_code",
             "permanent_province_code",
             "permanent_district_code",
             "permanent_commune_code",
             "permanent_detail",
             "permanent_country_code",
             "current_province_code",
             "current_district_code",
             "current_commune_code",
             "current_detail",
             "current_country_code",
             "father_name",
             "father_citizen_id",
             "father_identity_card",
             "father_nationality_code",
             "mother_name",
             "mother_citizen_id",
             "mother_identity_card",
             "mother_nationality_code",
             "spouse_name",
             "spouse_citizen_id",
             "spouse_identity_card",
             "spouse_nationality_code",
             "representative_name",
             "representative_citizen_id",
             "representative_identity_card",
             "representative_nationality_code",
             "household_number",
             "relation_code",
             "life_status"},
            WritePeople},
           {"households",
            {"household_number", "head_citizen_id", "province_code", "district_code",
             "commune_code", "detail", "country_code"},
            WriteHouseholds}},
          nullptr};
}

std::vector<Database> Databases() {
  return {PopulationDatabase(), BusinessRegistryDatabase(), SocialInsuranceDatabase(),
          LandDatabase()};
}

}  // namespace ndx::tools::datagen
