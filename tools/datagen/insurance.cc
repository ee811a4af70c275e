#include <algorithm>

#include "generate.h"
#include "ndx/tools/datagen/numbers.h"

namespace ndx::tools::datagen {
namespace {

constexpr int kInsuredPermille = 930;
constexpr int kPensionAge = 61;
constexpr int kCardsHoldToYear = 2030;  // so that present cards are good on the day of any demo
constexpr int kDiseases = 12;
constexpr int kFacilities = 20;

class InsuredDraft {
 public:
  InsuredDraft(Nation& nation, uint32_t person)
      : nation_(nation), draws_(nation.seed, Stream::kInsurance, person), person_(person) {}

  void Add() {
    Person& person = nation_.people[person_];
    const bool of_scene = person.household == 0;
    if (!of_scene && !draws_.Chance(kInsuredPermille)) return;
    const auto index = static_cast<uint32_t>(nation_.insured.size());
    person.insured = index;
    insured_.person = person_;
    insured_.serial = index;
    insured_.facility = static_cast<uint8_t>(draws_.Between(1, kFacilities));
    // The demo wants a card that is good in every nation.
    const bool employed = of_scene && AgeOf(person) >= 19;
    const CardGroup group = employed ? CardGroup::kEmployee : DrawGroup(person);
    DrawState(person, group);
    AddCards(index, person, group, of_scene);
    if (draws_.Chance(250)) AddVisits(index, person);
    nation_.insured.push_back(insured_);
  }

 private:
  CardGroup DrawGroup(const Person& person) {
    const int age = AgeOf(person);
    if (age < 6) return CardGroup::kChild;
    if (age < 19) return CardGroup::kPupil;
    if (age >= kPensionAge && draws_.Chance(450)) return CardGroup::kPensioner;
    if (draws_.Chance(60)) return CardGroup::kPoor;
    if (age < kPensionAge && draws_.Chance(12)) return CardGroup::kDefence;
    if (age < kPensionAge && draws_.Chance(12)) return CardGroup::kPublicSecurity;
    if (age < kPensionAge && draws_.Chance(480)) return CardGroup::kEmployee;
    return CardGroup::kHousehold;
  }

  void DrawState(const Person& person, CardGroup group) {
    if (!IsAlive(person)) {
      insured_.state = InsuredState::kEnded;
    } else if (group == CardGroup::kPensioner) {
      insured_.state = InsuredState::kPensioner;
    } else if (group == CardGroup::kEmployee) {
      insured_.employer = draws_.Below(nation_.enterprises.size());
    } else if (AgeOf(person) >= 19 && draws_.Chance(80)) {
      insured_.state = InsuredState::kPaused;
    }
  }

  void AddCards(uint32_t index, const Person& person, CardGroup group, bool of_scene) {
    insured_.first_card = static_cast<uint32_t>(nation_.cards.size());
    Card card;
    card.insured = index;
    card.group = group;
    if (!of_scene && IsAlive(person) && AgeOf(person) >= 6 && group != CardGroup::kPupil &&
        draws_.Chance(150)) {
      Card former = card;  // of another group, so that its number is another one
      former.group = group == CardGroup::kHousehold ? CardGroup::kEmployee : CardGroup::kHousehold;
      former.state = CardState::kReplaced;
      former.to = kAsOf - draws_.Between(800, 1600);
      former.from = former.to - 364;
      nation_.cards.push_back(former);
      card.from = former.to + 1;
    } else {
      card.from = kAsOf - draws_.Between(1, 300);
    }
    card.to = DayOf(absl::CivilDay(kCardsHoldToYear, 12, 31));
    if (!IsAlive(person)) {
      card.to = person.died + 200;
      card.from = card.to - 364;
      card.state = CardState::kReducedDeceased;
    } else if (!of_scene) {
      DrawFault(card);
    }
    nation_.cards.push_back(card);
    insured_.cards = static_cast<uint32_t>(nation_.cards.size()) - insured_.first_card;
  }

  // About one card in twenty is not good.
  void DrawFault(Card& card) {
    if (draws_.Chance(20)) {  // expired
      card.to = kAsOf - draws_.Between(1, 400);
      card.from = card.to - 364;
    } else if (draws_.Chance(6)) {
      card.state = CardState::kWithdrawn;
    } else if (draws_.Chance(24)) {
      constexpr CardState kReductions[] = {CardState::kReduced, CardState::kReducedMovedOut,
                                           CardState::kReducedMovedWithin,
                                           CardState::kReducedGroupChanged};
      card.state = draws_.Pick<CardState>(kReductions);
    }
  }

  void AddVisits(uint32_t index, const Person& person) {
    const Day latest = IsAlive(person) ? kAsOf : person.died;
    const int count = draws_.Between(1, 4);
    for (int at = 0; at < count; ++at) {
      Visit visit;
      visit.insured = index;
      visit.to = latest - draws_.Between(0, 900);
      visit.from =
          std::max(person.born, visit.to - (draws_.Chance(700) ? 0 : draws_.Between(1, 12)));
      visit.to = std::max(visit.to, visit.from);
      visit.disease = static_cast<uint8_t>(draws_.Below(kDiseases));
      visit.facility = static_cast<uint8_t>(draws_.Between(1, kFacilities));
      nation_.visits.push_back(visit);
    }
  }

  Nation& nation_;
  Draws draws_;
  const uint32_t person_;
  Insured insured_;
};

}  // namespace

void GenerateInsurance(Nation& nation) {
  nation.insured.reserve(nation.people.size());
  nation.cards.reserve(nation.people.size() + nation.people.size() / 8);
  for (uint32_t person = 0; person < nation.people.size(); ++person)
    InsuredDraft(nation, person).Add();
}

}  // namespace ndx::tools::datagen
