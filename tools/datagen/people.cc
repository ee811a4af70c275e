#include <algorithm>
#include <array>

#include "generate.h"
#include "ndx/core/status_macros.h"
#include "ndx/tools/datagen/numbers.h"

namespace ndx::tools::datagen {
namespace {

constexpr int kAsOfYear = 2026;
constexpr int kOldest = 100;
constexpr int kIdentityCardAge = 20;  // the nine-digit card was last issued around 2020

enum class HouseholdKind : uint8_t { kSingle, kCouple, kFamily, kOneParent, kThreeGenerations };
constexpr uint16_t kHouseholdKindWeights[] = {110, 170, 460, 70, 190};

// Decades of the head's age from 20 on.
constexpr uint16_t kHeadAgeWeights[] = {110, 240, 250, 210, 130, 60};

// Ethnic groups by number of the catalogue: Kinh, Tày, Thái, Hoa, Khmer, Mường, Nùng, Mông, Dao.
constexpr uint8_t kEthnicities[] = {1, 2, 3, 4, 5, 6, 7, 8, 9};
constexpr uint16_t kEthnicityWeights[] = {853, 19, 19, 8, 14, 15, 11, 14, 9};
// Religions by number: none, Buddhism, Catholicism, and three smaller ones.
constexpr uint16_t kReligionWeights[] = {860, 50, 62, 12, 8, 8};
constexpr uint16_t kBloodWeights[] = {600, 84, 120, 24, 172};

class HouseholdDraft {
 public:
  HouseholdDraft(Nation& nation, uint32_t index, uint32_t room)
      : nation_(nation),
        draws_(nation.seed, Stream::kHousehold, index),
        index_(index),
        first_(static_cast<uint32_t>(nation.people.size())),
        room_(room) {}

  // Adds the household with its people; at most `room` of them.
  void Add() {
    Household household;
    household.first_person = first_;
    household.commune =
        index_ == 0 ? nation_.places.merged_commune() : nation_.places.DrawCommune(draws_);
    household.house_number = static_cast<uint16_t>(draws_.Between(1, 320));
    household.hamlet = static_cast<uint8_t>(draws_.Between(1, 18));
    commune_ = household.commune;
    ethnicity_ = kEthnicities[draws_.Weighted(kEthnicityWeights)];
    religion_ = static_cast<uint8_t>(draws_.Weighted(kReligionWeights));
    const auto kind = index_ == 0
                          ? HouseholdKind::kFamily
                          : static_cast<HouseholdKind>(draws_.Weighted(kHouseholdKindWeights));
    AddHead(kind);
    if (kind == HouseholdKind::kThreeGenerations) AddParents();
    if (kind == HouseholdKind::kCouple || kind == HouseholdKind::kFamily ||
        kind == HouseholdKind::kThreeGenerations) {
      AddSpouse();
    }
    if (kind != HouseholdKind::kSingle && kind != HouseholdKind::kCouple) AddChildren();
    household.people = static_cast<uint32_t>(nation_.people.size()) - first_;
    nation_.households.push_back(household);
  }

 private:
  bool Full() const { return nation_.people.size() - first_ >= room_; }
  Person& At(uint32_t index) { return nation_.people[index]; }

  // A person born about so many years ago; parents are not of this nation.
  Person Draft(bool male, int age, Relation relation) {
    Person person;
    person.household = index_;
    person.male = male;
    person.relation = relation;
    const int year = kAsOfYear - 1 - std::clamp(age, 0, kOldest);
    person.born = DayOf(absl::CivilDay(year, 1, 1)) + draws_.Between(0, 364);
    person.name = DrawName(draws_, male);
    person.father_name = DrawNameInFamily(draws_, true, person.name.family);
    person.mother_name = DrawName(draws_, false);
    person.ethnicity = ethnicity_;
    person.religion = religion_;
    person.blood_group = static_cast<uint8_t>(draws_.Weighted(kBloodWeights));
    person.birth_commune = draws_.Chance(780) ? commune_ : nation_.places.DrawCommune(draws_);
    const bool moved = draws_.Chance(80);
    person.current_commune = moved ? nation_.places.DrawCommune(draws_) : commune_;
    if (moved) person.house_number = static_cast<uint16_t>(draws_.Between(1, 320));
    person.only_year_known = age > 60 && draws_.Chance(90);
    person.has_identity_card = age > kIdentityCardAge && draws_.Chance(700);
    return person;
  }

  void AddHead(HouseholdKind kind) {
    int age = 20 + 10 * static_cast<int>(draws_.Weighted(kHeadAgeWeights)) + draws_.Between(0, 9);
    if (kind == HouseholdKind::kOneParent || kind == HouseholdKind::kFamily)
      age = std::max(age, 24);
    if (kind == HouseholdKind::kThreeGenerations) age = std::clamp(age, 26, 62);
    if (index_ == 0) age = 47;
    const bool male = index_ == 0 || draws_.Chance(kind == HouseholdKind::kOneParent ? 300 : 720);
    Person head = Draft(male, age, Relation::kHead);
    if (index_ == 0) {
      head.only_year_known = false;
      head.has_identity_card = true;
      head.current_commune = commune_;
      head.birth_commune = commune_;
    }
    if (kind == HouseholdKind::kSingle) {
      head.marital = age > 60 && draws_.Chance(700)   ? Marital::kWidowed
                     : age > 30 && draws_.Chance(250) ? Marital::kDivorced
                                                      : Marital::kSingle;
    } else if (kind == HouseholdKind::kOneParent) {
      head.marital = draws_.Chance(450) ? Marital::kWidowed : Marital::kDivorced;
    }
    nation_.people.push_back(head);
  }

  void AddSpouse() {
    if (Full()) return;
    const bool male = !At(first_).male;
    const int younger = male ? draws_.Between(-5, 2) : draws_.Between(-2, 6);
    const int age = std::max(20, AgeOf(At(first_)) - younger);
    Person spouse = Draft(male, age, Relation::kSpouse);
    spouse.marital = Marital::kMarried;
    spouse.current_commune = At(first_).current_commune;
    spouse.house_number = At(first_).house_number;
    spouse.spouse = first_;
    const auto at = static_cast<uint32_t>(nation_.people.size());
    nation_.people.push_back(spouse);
    At(first_).marital = Marital::kMarried;
    At(first_).spouse = at;
    spouse_ = at;
  }

  // The head's father and mother; one of them may have died.
  void AddParents() {
    if (Full()) return;
    const int age = AgeOf(At(first_)) + draws_.Between(24, 34);
    Person father = Draft(true, age, Relation::kFather);
    father.name.family = At(first_).name.family;
    father.marital = Marital::kMarried;
    const bool father_died = draws_.Chance(age > 75 ? 450 : 150);
    if (father_died) father.died = kAsOf - draws_.Between(30, 3000);
    father.died = father.died == kNever ? kNever : std::max(father.died, father.born + 366 * 40);
    const auto at = static_cast<uint32_t>(nation_.people.size());
    nation_.people.push_back(father);
    At(first_).father = at;
    At(first_).father_name = father.name;
    if (Full()) {
      At(at).marital = Marital::kWidowed;
      return;
    }
    Person mother = Draft(false, age - draws_.Between(0, 4), Relation::kMother);
    mother.marital = father_died ? Marital::kWidowed : Marital::kMarried;
    mother.spouse = at;
    nation_.people.push_back(mother);
    At(at).spouse = at + 1;
    At(first_).mother = at + 1;
    At(first_).mother_name = mother.name;
  }

  void AddChildren() {
    // The younger of the parents, who decides how old children can be.
    int parent_age = AgeOf(At(first_));
    if (spouse_ != kNobody) parent_age = std::min(parent_age, AgeOf(At(spouse_)));
    const int eldest = parent_age - draws_.Between(20, 28);
    const int wanted = index_ == 0 ? 2 : draws_.Between(1, 3);
    int age = eldest;
    for (int child = 0; child < wanted && age >= 0 && !Full(); ++child) {
      if (index_ == 0 || age < 25 || draws_.Chance(300)) AddChild(age);
      age -= draws_.Between(1, 6);
    }
  }

  void AddChild(int age) {
    const bool male = draws_.Chance(520);
    Person child = Draft(male, age, Relation::kChild);
    const bool head_is_father = At(first_).male;
    child.father = head_is_father ? first_ : spouse_;
    child.mother = head_is_father ? spouse_ : first_;
    if (child.father != kNobody) {
      child.father_name = At(child.father).name;
      child.name.family = At(child.father).name.family;
    } else {
      child.father_name.family = child.name.family;
    }
    if (child.mother != kNobody) child.mother_name = At(child.mother).name;
    child.birth_commune = draws_.Chance(900) ? commune_ : child.birth_commune;
    nation_.people.push_back(child);
  }

  Nation& nation_;
  Draws draws_;
  const uint32_t index_;
  const uint32_t first_;
  const uint32_t room_;
  uint32_t commune_ = 0;
  uint32_t spouse_ = kNobody;
  uint8_t ethnicity_ = 1;
  uint8_t religion_ = 0;
};

}  // namespace

void GeneratePeople(uint32_t count, Nation& nation) {
  nation.people.reserve(count);
  nation.households.reserve(count / 3);
  for (uint32_t index = 0; nation.people.size() < count; ++index) {
    const auto room = static_cast<uint32_t>(count - nation.people.size());
    HouseholdDraft(nation, index, room).Add();
  }
  // Numbers are given out in order within sex and year of birth, as registration offices do.
  std::array<std::array<uint32_t, 200>, 2> next{};
  for (Person& person : nation.people) {
    const auto year = static_cast<size_t>(DateOf(person.born).year() - 1900);
    person.serial = next[person.male ? 1 : 0][year]++;
    NDX_CHECK(person.serial < kPersonalIdSerials);
  }
}

}  // namespace ndx::tools::datagen
