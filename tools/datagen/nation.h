// A synthetic nation: people in households, enterprises, insured people with their cards, land with
// its holders. One model for all four databases, so that what one of them says of a person agrees
// with what the others say.
//
// The same seed and number of people give the same nation, on any machine. It stands as of kAsOf
// and does not depend on today's date.
//
// Thread-safety: immutable after Generate.
// Ownership: plain values; people refer to each other by index.
// Units: days are counted from 1970-01-01 (absl::CivilDay), areas in 0.01 square metres, money in
// thousand dong.
#pragma once

#include <cstdint>
#include <limits>
#include <memory>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/civil_time.h"
#include "absl/types/span.h"
#include "ndx/tools/datagen/names.h"
#include "ndx/tools/datagen/places.h"

namespace ndx::tools::datagen {

using Day = int32_t;

inline constexpr uint32_t kNobody = std::numeric_limits<uint32_t>::max();
inline constexpr Day kNever = std::numeric_limits<Day>::max();

// The day as of which the nation stands: 2026-01-01.
inline constexpr Day kAsOf = 20454;
// The day from which provinces and communes are the present ones: 2025-07-01.
inline constexpr Day kMergerDay = 20270;

inline constexpr uint32_t kPeopleLeast = 10;
inline constexpr uint32_t kPeopleMost = 10'000'000;

enum class Relation : uint8_t { kHead, kSpouse, kChild, kFather, kMother };
enum class Marital : uint8_t { kSingle, kMarried, kDivorced, kWidowed };

struct Person {
  uint32_t household = 0;
  uint32_t serial = 0;  // within sex and year of birth
  uint32_t father = kNobody;
  uint32_t mother = kNobody;
  uint32_t spouse = kNobody;
  uint32_t birth_commune = 0;    // where the birth was registered
  uint32_t current_commune = 0;  // where the person lives; most where the household is registered
  uint32_t insured = kNobody;    // index of the insurance record
  Day born = 0;
  Day died = kNever;
  Name name;
  Name father_name;  // also of a father who is not of this nation
  Name mother_name;
  uint16_t house_number = 0;  // of the present residence where it is another one
  Relation relation = Relation::kHead;
  Marital marital = Marital::kSingle;
  uint8_t ethnicity = 1;    // number of the catalogue of ethnic groups, 1 Kinh
  uint8_t religion = 0;     // number of the catalogue of religions, 0 none
  uint8_t blood_group = 0;  // 0 not known, 1 A, 2 B, 3 AB, 4 O
  bool male = false;
  bool only_year_known = false;    // of the date of birth
  bool has_identity_card = false;  // a former nine-digit one
};

struct Household {
  uint32_t first_person = 0;  // the head; the others follow
  uint32_t people = 0;
  uint32_t commune = 0;
  uint16_t house_number = 0;
  uint8_t hamlet = 0;
};

enum class EnterpriseState : uint8_t { kActive = 1, kSuspended, kDissolving, kDissolved, kRevoked };

struct EnterpriseShare {
  uint32_t person = 0;
  uint32_t amount = 0;  // thousand dong
};

enum class DossierState : uint8_t {
  kReceived = 1,
  kProcessing,
  kSupplementRequired,
  kApproved,
  kRefused,
  kWithdrawn
};

struct Dossier {
  uint32_t enterprise = 0;
  Day received = 0;
  uint16_t minute = 0;  // of the day, Vietnam time
  Day due = 0;
  Day registered = kNever;
  Day supplement_asked = kNever;
  DossierState state = DossierState::kReceived;
  bool founding = false;
  uint8_t submission = 1;  // 1 in person, 2 online, 3 by post
};

struct Enterprise {
  uint32_t serial = 0;
  uint32_t commune = 0;
  uint32_t capital = 0;  // thousand dong
  uint32_t first_share = 0;
  uint32_t shares = 0;  // the first is the legal representative
  uint32_t first_dossier = 0;
  uint32_t dossiers = 0;  // the first is the founding
  Day founded = 0;
  Day last_amended = 0;
  uint16_t amendments = 0;
  uint16_t house_number = 0;
  EnterpriseName name;
  EnterpriseState state = EnterpriseState::kActive;
};

enum class InsuredState : uint8_t { kActive = 1, kPaused, kPensioner, kEnded };

// Why a card is not good on any day within its validity; values are those of the result codes (mã
// kết quả).
enum class CardState : uint16_t {
  kGood = 0,
  kReplaced = 3,
  kWithdrawn = 110,
  kReduced = 120,
  kReducedMovedOut = 121,
  kReducedMovedWithin = 122,
  kReducedGroupChanged = 123,
  kReducedDeceased = 124,
};

enum class CardGroup : uint8_t {
  kChild,
  kPupil,
  kEmployee,
  kPensioner,
  kPoor,
  kHousehold,
  kDefence,
  kPublicSecurity
};

struct Card {
  uint32_t insured = 0;
  Day from = 0;
  Day to = 0;
  CardGroup group = CardGroup::kHousehold;
  CardState state = CardState::kGood;
};

struct Visit {
  uint32_t insured = 0;
  Day from = 0;
  Day to = 0;
  uint8_t disease = 0;
  uint8_t facility = 0;
};

struct Insured {
  uint32_t person = 0;
  uint32_t serial = 0;
  uint32_t employer = kNobody;  // an enterprise
  uint32_t first_card = 0;
  uint32_t cards = 0;  // the last one is the present one
  InsuredState state = InsuredState::kActive;
  uint8_t facility = 0;
};

enum class ParcelState : uint8_t { kActive = 1, kBlocked, kEnded };
enum class ChangeKind : uint8_t { kTransfer = 1, kAddress, kLandUse, kMortgage, kCorrection };

struct Use {
  uint8_t land_type = 0;
  uint32_t area = 0;  // 0.01 square metres
  uint8_t origin = 0;
};

struct Parcel {
  uint32_t commune = 0;
  uint16_t sheet = 0;
  uint16_t number = 0;
  uint16_t certificate_sheet = 0;  // as written on the certificate, by the map of before the merger
  uint16_t certificate_number = 0;
  uint32_t holder = kNobody;     // a person, or none where an enterprise holds it
  uint32_t co_holder = kNobody;  // the spouse
  uint32_t enterprise = kNobody;
  uint32_t first_certificate = 0;
  uint32_t certificates = 0;  // the last is in force; 0 where none was issued
  uint32_t changes = 0;
  uint16_t house_number = 0;
  uint8_t hamlet = 0;
  ParcelState state = ParcelState::kActive;
  uint8_t uses = 0;
  Use use[2];
  bool has_house = false;
  bool converted = true;  // carries the codes of the merged commune; else still those of before
};

struct Certificate {
  uint32_t parcel = 0;
  uint32_t serial = 0;
  Day issued = 0;
  uint32_t former_holder = kNobody;  // of one that was replaced by a transfer: a person
};

struct Change {
  uint32_t parcel = 0;
  Day registered = 0;
  uint16_t minute = 0;
  ChangeKind kind = ChangeKind::kAddress;
};

struct NationOptions {
  uint32_t people = 100'000;
  uint64_t seed = 1;
};

class Nation {
 public:
  // kInvalidArgument where people is out of bounds.
  static absl::StatusOr<std::unique_ptr<const Nation>> Generate(const NationOptions& options);

  uint64_t seed = 0;
  Places places;
  std::vector<Person> people;
  std::vector<Household> households;
  std::vector<Enterprise> enterprises;
  std::vector<EnterpriseShare> shares;
  std::vector<Dossier> dossiers;
  std::vector<Insured> insured;
  std::vector<Card> cards;
  std::vector<Visit> visits;
  std::vector<Parcel> parcels;
  std::vector<Certificate> certificates;
  std::vector<Change> changes;  // by day

  const Commune& commune(uint32_t index) const { return places.communes()[index]; }

 private:
  explicit Nation(uint64_t the_seed) : seed(the_seed), places(the_seed) {}
};

// Age in whole years as of kAsOf, of a living person.
int AgeOf(const Person& person);

// True for those who are alive as of kAsOf.
inline bool IsAlive(const Person& person) { return person.died == kNever; }

// Day to date and back.
absl::CivilDay DateOf(Day day);
Day DayOf(absl::CivilDay date);

}  // namespace ndx::tools::datagen
