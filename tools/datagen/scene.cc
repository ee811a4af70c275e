#include "ndx/tools/datagen/scene.h"

#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "ndx/tools/datagen/record_text.h"

namespace ndx::tools::datagen {
namespace {

using Members = std::vector<std::pair<absl::string_view, std::string>>;

std::string Quoted(absl::string_view text) {
  return absl::StrCat("\"", absl::StrReplaceAll(text, {{"\\", "\\\\"}, {"\"", "\\\""}}), "\"");
}

// An object of members that are JSON already.
std::string Object(const Members& members, absl::string_view indent) {
  std::string json = "{";
  const char* separator = "\n";
  for (const auto& [name, value] : members) {
    absl::StrAppend(&json, separator, indent, "  ", Quoted(name), ": ", value);
    separator = ",\n";
  }
  return absl::StrCat(json, "\n", indent, "}");
}

std::string PersonJson(const Nation& nation, uint32_t index) {
  const Person& person = nation.people[index];
  Members members = {{"citizen_id", Quoted(CitizenIdOf(nation, index))},
                     {"identity_card", Quoted(IdentityCardOf(nation, index))},
                     {"full_name", Quoted(NameOf(person))},
                     {"birth_date", Quoted(BirthDateOf(person))},
                     {"household_number", Quoted(HouseholdNumberOf(person.household))}};
  if (person.insured != kNobody) {
    const Insured& insured = nation.insured[person.insured];
    members.emplace_back("social_insurance_number",
                         Quoted(InsuranceNumberOf(nation, person.insured)));
    members.emplace_back("health_card",
                         Quoted(HealthCardOf(nation, insured.first_card + insured.cards - 1)));
  }
  return Object(members, "  ");
}

std::string ParcelJson(const Nation& nation, uint32_t index) {
  const Parcel& parcel = nation.parcels[index];
  const Commune& commune = nation.commune(parcel.commune);
  return Object(
      {{"parcel_id", Quoted(ParcelIdOf(nation, index))},
       {"version", absl::StrCat(1 + parcel.changes)},
       {"map_sheet", Quoted(absl::StrCat(parcel.sheet))},
       {"parcel_number", Quoted(absl::StrCat(parcel.number))},
       {"certificate_serial",
        Quoted(CertificateSerialOf(nation, parcel.first_certificate + parcel.certificates - 1))},
       {"new_address", Quoted(FullAddress(commune, parcel.house_number, parcel.hamlet, false))}},
      "  ");
}

std::string CommuneJson(const Nation& nation, uint32_t index) {
  const Commune& commune = nation.commune(index);
  const Province& province = Provinces()[commune.province];
  const FormerProvince& former = province.former[commune.former_province];
  return Object({{"commune_code", Quoted(commune.code)},
                 {"commune_name", Quoted(commune.name)},
                 {"province_code", Quoted(province.code)},
                 {"province_name", Quoted(province.name)},
                 {"former_commune_code", Quoted(commune.former_code)},
                 {"former_commune_name", Quoted(commune.former_name)},
                 {"former_province_code", Quoted(former.code)},
                 {"former_province_name", Quoted(former.name)}},
                "  ");
}

}  // namespace

std::string SceneJson(const Nation& nation) {
  const Person& applicant = nation.people.front();
  return absl::StrCat(Object({{"applicant", PersonJson(nation, 0)},
                              {"spouse", PersonJson(nation, applicant.spouse)},
                              {"commune", CommuneJson(nation, nation.places.merged_commune())},
                              {"parcel", ParcelJson(nation, 0)},
                              {"enterprise_code", Quoted(EnterpriseCodeOf(nation, 0))}},
                             ""),
                      "\n");
}

std::string ParcelListCsv(const Nation& nation, uint32_t count) {
  std::string csv = "parcel_id,version,commune_code\r\n";
  // The first parcel is the scene's.
  for (uint32_t index = 1, listed = 0; index < nation.parcels.size() && listed < count; ++index) {
    const Parcel& parcel = nation.parcels[index];
    if (parcel.state != ParcelState::kActive) continue;
    const Commune& commune = nation.commune(parcel.commune);
    absl::StrAppend(&csv, ParcelIdOf(nation, index), ",", 1 + parcel.changes, ",",
                    parcel.converted ? commune.code : commune.former_code, "\r\n");
    ++listed;
  }
  return csv;
}

}  // namespace ndx::tools::datagen
