// Rows of the insurance database, as adapters/social_insurance/schema.sql has them.
#include <algorithm>

#include "absl/strings/str_cat.h"
#include "ndx/tools/datagen/names.h"
#include "ndx/tools/datagen/numbers.h"
#include "ndx/tools/datagen/record_text.h"
#include "ndx/tools/datagen/row.h"
#include "schemas.h"

namespace ndx::tools::datagen {
namespace {

constexpr absl::string_view kDiseases[] = {"Viêm họng cấp",
                                           "Viêm phế quản cấp",
                                           "Tăng huyết áp vô căn",
                                           "Đái tháo đường típ 2",
                                           "Viêm dạ dày",
                                           "Đau lưng",
                                           "Viêm mũi dị ứng",
                                           "Rối loạn chuyển hóa lipid",
                                           "Viêm ruột thừa cấp",
                                           "Gãy xương cẳng tay",
                                           "Cúm",
                                           "Thoái hóa khớp gối"};

// Health facility (cơ sở khám chữa bệnh): province and a number from 900 on.
std::string FacilityCode(const Nation& nation, uint32_t insured, int facility) {
  const Person& person = nation.people[nation.insured[insured].person];
  const uint32_t commune = nation.households[person.household].commune;
  return absl::StrCat(CodesOn(nation, commune, kMergerDay - 1).province, 900 + facility);
}

void WriteInsured(const Nation& nation, RowConsumer consumer) {
  Row row;
  for (uint32_t index = 0; index < nation.insured.size(); ++index) {
    const Insured& insured = nation.insured[index];
    const Person& person = nation.people[insured.person];
    const PlaceCodes birth = CodesOn(nation, person.birth_commune, person.born);
    const std::string name = NameOf(person);
    row.Clear();
    row.Text(InsuranceNumberOf(nation, index));
    row.Text(CitizenIdOf(nation, insured.person));
    row.Text(name);
    row.Text(SearchKey(name));
    row.Text(BirthDateOf(person));
    row.Integer(person.male ? 1 : 2);
    row.Text(birth.province);
    row.Text(birth.commune);
    row.Integer(static_cast<int>(insured.state));
    if (IsAlive(person)) {
      row.Text(InsurerHouseholdNumberOf(person.household));
      row.Text(RelationCodeOf(person.relation));
    } else {
      row.Null();
      row.Null();
    }
    consumer(row);
  }
}

void WriteHouseholds(const Nation& nation, RowConsumer consumer) {
  Row row;
  for (uint32_t index = 0; index < nation.households.size(); ++index) {
    const Household& household = nation.households[index];
    const auto first = nation.people.begin() + household.first_person;
    const bool has_insured = std::any_of(first, first + household.people, [](const Person& person) {
      return person.insured != kNobody && IsAlive(person);
    });
    if (!has_insured) continue;
    const PlaceCodes codes = CodesOn(nation, household.commune, kAsOf);
    row.Clear();
    row.Text(InsurerHouseholdNumberOf(index));
    row.Text(codes.province);
    row.Text(codes.commune);
    row.Text(FullAddress(nation.commune(household.commune), household.house_number,
                         household.hamlet, false));
    consumer(row);
  }
}

std::string StatusCode(const Card& card) {
  if (card.state == CardState::kGood || card.state == CardState::kReplaced) {
    if (card.group == CardGroup::kDefence) return "001";
    if (card.group == CardGroup::kPublicSecurity) return "002";
    return "000";
  }
  return Digits(static_cast<uint64_t>(card.state), 3);
}

void WriteCards(const Nation& nation, RowConsumer consumer) {
  // In the order of the primary key, which spares the database a sort.
  std::vector<std::pair<std::string, uint32_t>> order;
  order.reserve(nation.cards.size());
  for (uint32_t index = 0; index < nation.cards.size(); ++index) {
    order.emplace_back(HealthCardOf(nation, index), index);
  }
  std::sort(order.begin(), order.end());
  Row row;
  for (const auto& [number, index] : order) {
    const Card& card = nation.cards[index];
    const Insured& insured = nation.insured[card.insured];
    row.Clear();
    row.Text(number);
    row.Text(InsuranceNumberOf(nation, card.insured));
    row.Text(FacilityCode(nation, card.insured, insured.facility));
    row.Text(DateText(card.from));
    row.Text(DateText(card.to));
    row.Text(StatusCode(card));
    if (card.state == CardState::kReplaced) {
      row.Text(HealthCardOf(nation, insured.first_card + insured.cards - 1));
    } else {
      row.Null();
    }
    consumer(row);
  }
}

void WriteVisits(const Nation& nation, RowConsumer consumer) {
  Row row;
  for (uint32_t index = 0; index < nation.visits.size(); ++index) {
    const Visit& visit = nation.visits[index];
    row.Clear();
    row.Text(absl::StrCat("BA", Digits(index + 1, 10)));
    row.Text(InsuranceNumberOf(nation, visit.insured));
    row.Text(FacilityCode(nation, visit.insured, visit.facility));
    row.Text(DateText(visit.from));
    row.Text(DateText(visit.to));
    row.Text(kDiseases[visit.disease]);
    row.Text("1");
    row.Text(visit.from == visit.to ? "1" : "2");
    consumer(row);
  }
}

}  // namespace

Database SocialInsuranceDatabase() {
  return {"social_insurance",
          kSocialInsuranceSchema,
          {{"insured",
            {"social_insurance_number", "citizen_id", "full_name", "name_key", "birth_date",
             "gender", "birth_province_code", "birth_commune_code", "status", "household_number",
             "relation_code"},
            WriteInsured},
           {"insured_households",
            {"household_number", "province_code", "commune_code", "address"},
            WriteHouseholds},
           {"health_cards",
            {"card_number", "social_insurance_number", "registered_facility_code", "valid_from",
             "valid_to", "status_code", "replaced_by"},
            WriteCards},
           {"treatment_visits",
            {"file_number", "social_insurance_number", "facility_code", "from_date", "to_date",
             "disease", "condition_code", "result_code"},
            WriteVisits}},
          nullptr};
}

}  // namespace ndx::tools::datagen
