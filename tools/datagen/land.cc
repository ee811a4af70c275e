#include <algorithm>

#include "generate.h"
#include "ndx/tools/datagen/numbers.h"

namespace ndx::tools::datagen {
namespace {

constexpr uint16_t kParcelsPerSheet = 150;
constexpr int kCertificatePermille = 920;
// Parcels whose record still has the codes of before the merger of communes.
constexpr int kUnconvertedPermille = 120;
constexpr int kOrigins = 4;
// Indices of kinds of land, in the order of land_rows.cc: urban and rural residential, perennial
// crops, annual crops, rice, production and business.
constexpr uint8_t kUrban = 0;
constexpr uint8_t kRural = 1;
constexpr uint8_t kPerennial = 2;
constexpr uint8_t kRice = 4;
constexpr uint8_t kBusiness = 5;

class ParcelDraft {
 public:
  // place_on_map counts the parcels of the commune so far.
  ParcelDraft(Nation& nation, Draws& draws, uint32_t commune, uint32_t& place_on_map)
      : nation_(nation), draws_(draws), index_(static_cast<uint32_t>(nation.parcels.size())) {
    parcel_.commune = commune;
    parcel_.sheet = static_cast<uint16_t>(1 + place_on_map / kParcelsPerSheet);
    parcel_.number = static_cast<uint16_t>(1 + place_on_map % kParcelsPerSheet);
    ++place_on_map;
    parcel_.house_number = static_cast<uint16_t>(draws_.Between(1, 320));
    parcel_.hamlet = static_cast<uint8_t>(draws_.Between(1, 18));
    urban_ = nation.commune(commune).urban;
  }

  void AddForHousehold(const Household& household, bool home) {
    const Person& head = nation_.people[household.first_person];
    parcel_.holder = household.first_person;
    if (head.spouse != kNobody && draws_.Chance(800)) parcel_.co_holder = head.spouse;
    const bool farm = !home && !urban_ && draws_.Chance(700);
    parcel_.has_house = home;
    if (home) {
      parcel_.house_number = household.house_number;
      parcel_.hamlet = household.hamlet;
    }
    parcel_.uses = 1;
    parcel_.use[0] = {farm     ? kRice
                      : urban_ ? kUrban
                               : kRural,
                      static_cast<uint32_t>(farm     ? draws_.Between(30'000, 400'000)
                                            : urban_ ? draws_.Between(3'000, 20'000)
                                                     : draws_.Between(10'000, 40'000)),
                      static_cast<uint8_t>(draws_.Below(kOrigins))};
    if (home && !urban_ && draws_.Chance(450)) {
      parcel_.uses = 2;
      parcel_.use[1] = {kPerennial, static_cast<uint32_t>(draws_.Between(10'000, 150'000)),
                        parcel_.use[0].origin};
    }
    Finish(household.first_person == 0);
  }

  void AddForEnterprise(uint32_t enterprise) {
    parcel_.enterprise = enterprise;
    parcel_.uses = 1;
    parcel_.use[0] = {kBusiness, static_cast<uint32_t>(draws_.Between(20'000, 2'000'000)),
                      static_cast<uint8_t>(draws_.Below(kOrigins))};
    Finish(false);
  }

 private:
  // Certificates and the changes registered so far.
  void Finish(bool of_scene) {
    if (!of_scene && draws_.Chance(8)) parcel_.state = ParcelState::kBlocked;
    parcel_.converted = !of_scene && !draws_.Chance(kUnconvertedPermille);
    parcel_.first_certificate = static_cast<uint32_t>(nation_.certificates.size());
    if (of_scene || draws_.Chance(kCertificatePermille)) AddCertificates(of_scene);
    // Maps were drawn anew for the merged communes; certificates of before still have the old
    // numbers.
    const bool old_numbers = parcel_.certificates != 0 &&
                             nation_.certificates.back().issued < kMergerDay && draws_.Chance(400);
    parcel_.certificate_sheet =
        static_cast<uint16_t>(old_numbers ? draws_.Between(1, 60) : parcel_.sheet);
    parcel_.certificate_number =
        static_cast<uint16_t>(old_numbers ? draws_.Between(1, 400) : parcel_.number);
    nation_.parcels.push_back(parcel_);
  }

  void AddCertificates(bool of_scene) {
    Day issued = kAsOf - draws_.Between(200, 22 * 365);
    AddCertificate(issued);
    if (of_scene || parcel_.enterprise != kNobody) return;
    if (draws_.Chance(120)) {  // bought from somebody: the seller's certificate was replaced
      nation_.certificates.back().former_holder = draws_.Below(nation_.people.size());
      issued = std::min(kAsOf - 10, issued + draws_.Between(100, 3000));
      AddChange(issued, ChangeKind::kTransfer);
      AddCertificate(issued);
    }
    if (draws_.Chance(150)) {
      AddChange(std::min(kAsOf - 1, issued + draws_.Between(20, 2500)), ChangeKind::kMortgage);
    }
    if (parcel_.converted && draws_.Chance(60)) {
      AddChange(draws_.Between(kMergerDay, kAsOf - 1), ChangeKind::kAddress);
    }
  }

  void AddCertificate(Day issued) {
    nation_.certificates.push_back(
        {index_, static_cast<uint32_t>(nation_.certificates.size()) + 1, issued, kNobody});
    ++parcel_.certificates;
  }

  void AddChange(Day day, ChangeKind kind) {
    nation_.changes.push_back(
        {index_, day, static_cast<uint16_t>(draws_.Between(7 * 60 + 30, 17 * 60)), kind});
    ++parcel_.changes;
  }

  Nation& nation_;
  Draws& draws_;
  const uint32_t index_;
  Parcel parcel_;
  bool urban_ = false;
};

}  // namespace

void GenerateLand(Nation& nation) {
  std::vector<uint32_t> places_on_map(nation.places.communes().size(), 0);
  for (uint32_t index = 0; index < nation.households.size(); ++index) {
    const Household household = nation.households[index];
    Draws draws(nation.seed, Stream::kLand, index);
    const bool of_scene = index == 0;
    if (!of_scene && draws.Chance(250)) continue;  // rents, or lives with others
    uint32_t& home_place = places_on_map[household.commune];
    ParcelDraft(nation, draws, household.commune, home_place).AddForHousehold(household, true);
    for (int more = of_scene ? 0 : draws.Between(0, 5) - 3; more > 0; --more) {
      const uint32_t commune = nation.places.DrawNeighbour(draws, household.commune);
      ParcelDraft(nation, draws, commune, places_on_map[commune]).AddForHousehold(household, false);
    }
  }
  for (uint32_t index = 0; index < nation.enterprises.size(); ++index) {
    Draws draws(nation.seed, Stream::kLand, (uint64_t{1} << 32) + index);
    if (!draws.Chance(300)) continue;
    const uint32_t commune = nation.enterprises[index].commune;
    ParcelDraft(nation, draws, commune, places_on_map[commune]).AddForEnterprise(index);
  }
  std::stable_sort(
      nation.changes.begin(), nation.changes.end(), [](const Change& a, const Change& b) {
        return a.registered != b.registered ? a.registered < b.registered : a.minute < b.minute;
      });
}

}  // namespace ndx::tools::datagen
