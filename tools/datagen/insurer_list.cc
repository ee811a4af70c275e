#include "ndx/tools/datagen/insurer_list.h"

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "ndx/tools/datagen/names.h"
#include "ndx/tools/datagen/numbers.h"
#include "ndx/tools/datagen/record_text.h"

namespace ndx::tools::datagen {
namespace {

// Swaps day and month where that is another date; else a year earlier, as of a slip of the finger.
std::string WrongBirthDate(const Person& person) {
  const absl::CivilDay born = DateOf(person.born);
  if (born.day() <= 12 && born.day() != born.month()) {
    return DateText(DayOf(absl::CivilDay(born.year(), born.day(), born.month())));
  }
  return DateText(DayOf(absl::CivilDay(born.year() - 1, born.month(), born.day())));
}

ListedPerson Copy(const Nation& nation, uint32_t index, ListedAs listed_as, Draws& draws) {
  const Person& person = nation.people[index];
  ListedPerson listed;
  listed.citizen_id = CitizenIdOf(nation, index);
  listed.full_name = NameOf(person);
  listed.birth_date = BirthDateOf(person);
  listed.social_insurance_number = InsuranceNumberOf(nation, person.insured);
  listed.listed_as = listed_as;
  switch (listed_as) {
    case ListedAs::kMatching:
      if (draws.Chance(330)) listed.full_name = Unaccented(listed.full_name);
      break;
    case ListedAs::kNameMisspelled:
      listed.full_name = MisspelledName(person.name, person.male, draws);
      break;
    case ListedAs::kBirthDateDiffers:
      listed.birth_date = WrongBirthDate(person);
      break;
    case ListedAs::kNotFound:
      // The nation gives numbers out from 0 up and never comes near the last ones.
      listed.citizen_id = PersonalId(person.male, static_cast<int>(DateOf(person.born).year()),
                                     kPersonalIdSerials - 1 - draws.Below(1000));
      break;
  }
  return listed;
}

}  // namespace

absl::string_view NameOfCause(ListedAs cause) {
  switch (cause) {
    case ListedAs::kMatching:
      return "matching";
    case ListedAs::kNameMisspelled:
      return "name_misspelled";
    case ListedAs::kBirthDateDiffers:
      return "birth_date_differs";
    case ListedAs::kNotFound:
      return "not_found";
  }
  return "matching";
}

absl::StatusOr<std::vector<ListedPerson>> MakeInsurerList(const Nation& nation, uint32_t count) {
  std::vector<uint32_t> eligible;
  for (const Insured& insured : nation.insured) {
    const Person& person = nation.people[insured.person];
    if (IsAlive(person) && !person.only_year_known) eligible.push_back(insured.person);
  }
  if (count > eligible.size()) {
    return absl::InvalidArgumentError(
        absl::StrCat("the nation has only ", eligible.size(), " people for the insurer's list"));
  }
  Draws draws(nation.seed, Stream::kInsurerList, count);
  std::vector<ListedPerson> list;
  list.reserve(count);
  const uint32_t misspelled = count * kMisspelledPermille / 1000;
  const uint32_t wrong_date = misspelled + count * kBirthDatePermille / 1000;
  const uint32_t not_found = wrong_date + count * kNotFoundPermille / 1000;
  for (uint32_t at = 0; at < count; ++at) {
    std::swap(eligible[at], eligible[at + draws.Below(eligible.size() - at)]);
    const ListedAs listed_as = at < misspelled   ? ListedAs::kNameMisspelled
                               : at < wrong_date ? ListedAs::kBirthDateDiffers
                               : at < not_found  ? ListedAs::kNotFound
                                                 : ListedAs::kMatching;
    list.push_back(Copy(nation, eligible[at], listed_as, draws));
  }
  for (uint32_t at = count; at-- > 1;) std::swap(list[at], list[draws.Below(at + 1)]);
  return list;
}

std::string InsurerListCsv(const std::vector<ListedPerson>& list) {
  std::string csv = "number,citizen_id,full_name,birth_date,social_insurance_number\r\n";
  for (size_t at = 0; at < list.size(); ++at) {
    absl::StrAppend(&csv, at + 1, ",", list[at].citizen_id, ",", list[at].full_name, ",",
                    list[at].birth_date, ",", list[at].social_insurance_number, "\r\n");
  }
  return csv;
}

std::string InsurerListTruthCsv(const std::vector<ListedPerson>& list) {
  std::string csv = "number,cause\r\n";
  for (size_t at = 0; at < list.size(); ++at) {
    absl::StrAppend(&csv, at + 1, ",", NameOfCause(list[at].listed_as), "\r\n");
  }
  return csv;
}

}  // namespace ndx::tools::datagen
