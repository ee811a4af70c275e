#include <algorithm>

#include "generate.h"
#include "ndx/tools/datagen/numbers.h"

namespace ndx::tools::datagen {
namespace {

constexpr uint32_t kPeoplePerEnterprise = 50;
constexpr int kOldestEnterpriseDays = 25 * 365;
constexpr uint16_t kStateWeights[] = {0, 840, 70, 20, 50, 20};
// Charter capital in million dong, by class.
constexpr uint32_t kCapitals[] = {100, 500, 1'000, 2'000, 5'000, 10'000, 50'000, 200'000};
constexpr uint16_t kCapitalWeights[] = {80, 160, 240, 200, 170, 90, 45, 15};
constexpr int kOfficeOpens = 7 * 60 + 30;
constexpr int kOfficeCloses = 16 * 60 + 59;
constexpr int kHandlingDays = 5;  // counting weekends
// One dossier in five of an active enterprise came in during the last days and may still be open.
constexpr int kRecentDays = 12;

class EnterpriseDraft {
 public:
  EnterpriseDraft(Nation& nation, uint32_t index)
      : nation_(nation), draws_(nation.seed, Stream::kEnterprise, index), index_(index) {}

  // The serial is the smallest one not below `serial` that has a check digit; returns the next one
  // free.
  uint32_t Add(uint32_t serial) {
    while (EnterpriseCode(serial).empty()) ++serial;
    enterprise_.serial = serial;
    enterprise_.name = DrawEnterpriseName(draws_);
    enterprise_.state = static_cast<EnterpriseState>(draws_.Weighted(kStateWeights));
    enterprise_.founded = kAsOf - draws_.Between(60, kOldestEnterpriseDays);
    enterprise_.house_number = static_cast<uint16_t>(draws_.Between(1, 500));
    enterprise_.capital = kCapitals[draws_.Weighted(kCapitalWeights)] * 1000;
    AddShares();
    AddDossiers();
    nation_.enterprises.push_back(enterprise_);
    return serial + 1;
  }

 private:
  uint32_t DrawAdult() {
    for (;;) {
      const uint32_t at = draws_.Below(nation_.people.size());
      const Person& person = nation_.people[at];
      // Somebody young may stand for lack of anybody older in a nation of a few people.
      if (IsAlive(person) && (person.relation == Relation::kHead || AgeOf(person) >= 18)) return at;
    }
  }

  void AddShares() {
    const auto kind = KindOf(enterprise_.name).code;
    int members = 1;
    if (kind == "TNHH2") members = draws_.Between(2, 4);
    if (kind == "CP") members = draws_.Between(3, 6);
    enterprise_.first_share = static_cast<uint32_t>(nation_.shares.size());
    uint32_t left = enterprise_.capital;
    for (int member = 0; member < members; ++member) {
      const uint32_t person = DrawAdult();
      const auto begin = nation_.shares.begin() + enterprise_.first_share;
      const bool is_in =
          std::any_of(begin, nation_.shares.end(),
                      [person](const EnterpriseShare& s) { return s.person == person; });
      if (is_in) continue;
      // The first takes what the others leave.
      const uint32_t part =
          member == 0 ? 0 : left / 100 * static_cast<uint32_t>(draws_.Between(5, 30));
      left -= part;
      nation_.shares.push_back({person, part});
    }
    nation_.shares[enterprise_.first_share].amount = left;
    enterprise_.shares = static_cast<uint32_t>(nation_.shares.size()) - enterprise_.first_share;
    const Person& representative = nation_.people[nation_.shares[enterprise_.first_share].person];
    enterprise_.commune =
        nation_.places.DrawNeighbour(draws_, nation_.households[representative.household].commune);
  }

  void AddDossiers() {
    enterprise_.first_dossier = static_cast<uint32_t>(nation_.dossiers.size());
    enterprise_.last_amended = enterprise_.founded;
    AddDossier(enterprise_.founded - kHandlingDays, true, DossierState::kApproved);
    const int amendments = draws_.Between(0, 4);
    Day day = enterprise_.founded;
    for (int at = 0; at < amendments; ++at) {
      day += draws_.Between(30, 900);
      if (day > kAsOf - kRecentDays) break;
      AddDossier(day - kHandlingDays, false, DossierState::kApproved);
      enterprise_.last_amended = day;
      ++enterprise_.amendments;
    }
    if (enterprise_.state == EnterpriseState::kActive && draws_.Chance(200)) {
      constexpr uint16_t kOpenStates[] = {0, 350, 350, 150, 0, 80, 70};
      AddDossier(kAsOf - draws_.Between(1, kRecentDays), false,
                 static_cast<DossierState>(draws_.Weighted(kOpenStates)));
    }
    enterprise_.dossiers =
        static_cast<uint32_t>(nation_.dossiers.size()) - enterprise_.first_dossier;
  }

  void AddDossier(Day received, bool founding, DossierState state) {
    Dossier dossier;
    dossier.enterprise = index_;
    // Offices are closed on Sunday.
    dossier.received =
        absl::GetWeekday(DateOf(received)) == absl::Weekday::sunday ? received - 1 : received;
    dossier.minute = static_cast<uint16_t>(draws_.Between(kOfficeOpens, kOfficeCloses));
    dossier.due = received + kHandlingDays;
    dossier.state = state;
    dossier.founding = founding;
    dossier.submission = static_cast<uint8_t>(draws_.Chance(700) ? 2 : draws_.Chance(850) ? 1 : 3);
    if (state == DossierState::kApproved) dossier.registered = received + kHandlingDays;
    if (state == DossierState::kSupplementRequired) dossier.supplement_asked = received + 1;
    nation_.dossiers.push_back(dossier);
  }

  Nation& nation_;
  Draws draws_;
  const uint32_t index_;
  Enterprise enterprise_;
};

}  // namespace

void GenerateEnterprises(Nation& nation) {
  const auto count =
      std::max<uint32_t>(1, static_cast<uint32_t>(nation.people.size()) / kPeoplePerEnterprise);
  nation.enterprises.reserve(count);
  uint32_t serial = 1;
  for (uint32_t index = 0; index < count; ++index) {
    serial = EnterpriseDraft(nation, index).Add(serial);
  }
}

}  // namespace ndx::tools::datagen
