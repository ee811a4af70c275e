#include "ndx/tools/datagen/nation.h"

#include <catch2/catch.hpp>
#include <set>
#include <string>

#include "ndx/tools/datagen/record_text.h"
#include "ndx/tools/datagen/row.h"

namespace ndx::tools::datagen {
namespace {

std::unique_ptr<const Nation> Make(uint32_t people, uint64_t seed) {
  auto nation = Nation::Generate({people, seed});
  REQUIRE(nation.ok());
  return *std::move(nation);
}

// FNV-1a over every cell of every row of every table.
uint64_t DigestOf(const Nation& nation) {
  uint64_t digest = 0xCBF29CE484222325ULL;
  const auto add = [&digest](absl::string_view bytes) {
    for (const char c : bytes) digest = (digest ^ static_cast<unsigned char>(c)) * 0x100000001B3ULL;
  };
  for (const Database& database : Databases()) {
    for (const Table& table : database.tables) {
      add(table.name);
      table.write(nation, [&](const Row& row) {
        REQUIRE(row.cells().size() == table.columns.size());
        for (const Row::Cell& cell : row.cells()) {
          add(cell.kind == Row::Kind::kText ? "t" : cell.kind == Row::Kind::kInteger ? "i" : "n");
          add(row.TextOf(cell));
          add(std::to_string(cell.integer));
        }
      });
    }
  }
  return digest;
}

TEST_CASE("the same seed and size give the same rows, others do not") {
  const uint64_t digest = DigestOf(*Make(1000, 1));
  CHECK(DigestOf(*Make(1000, 1)) == digest);
  CHECK(DigestOf(*Make(1000, 2)) != digest);
  CHECK(DigestOf(*Make(1001, 1)) != digest);
  // Changes only when what is made changes, and then on purpose; not with the machine or the
  // compiler.
  CHECK(digest == 0x4230EB161B5D0155ULL);
}

TEST_CASE("a nation has exactly as many people as asked for, within its bounds") {
  for (const uint32_t people : {kPeopleLeast, kPeopleLeast + 1, 57U, 5000U}) {
    const auto nation = Make(people, 3);
    CHECK(nation->people.size() == people);
    uint32_t in_households = 0;
    for (const Household& household : nation->households) {
      CHECK(household.first_person == in_households);
      in_households += household.people;
    }
    CHECK(in_households == people);
    CHECK_FALSE(nation->enterprises.empty());
  }
  CHECK(Nation::Generate({kPeopleLeast - 1, 1}).status().code() ==
        absl::StatusCode::kInvalidArgument);
  CHECK(Nation::Generate({kPeopleMost + 1, 1}).status().code() ==
        absl::StatusCode::kInvalidArgument);
}

TEST_CASE("numbers are unique") {
  const auto nation = Make(20'000, 1);
  std::set<std::string> seen;
  for (uint32_t at = 0; at < nation->people.size(); ++at) {
    CHECK(seen.insert(CitizenIdOf(*nation, at)).second);
  }
  for (uint32_t at = 0; at < nation->cards.size(); ++at) {
    CHECK(seen.insert(HealthCardOf(*nation, at)).second);
  }
  for (uint32_t at = 0; at < nation->parcels.size(); ++at) {
    CHECK(seen.insert(ParcelIdOf(*nation, at)).second);
  }
  for (uint32_t at = 0; at < nation->enterprises.size(); ++at) {
    CHECK(seen.insert(EnterpriseCodeOf(*nation, at)).second);
  }
}

TEST_CASE("families are possible: ages of parents, spouses, names that are handed down") {
  const auto nation = Make(20'000, 1);
  for (const Person& person : nation->people) {
    CHECK(person.born < kAsOf);
    for (const uint32_t parent : {person.father, person.mother}) {
      if (parent == kNobody) continue;
      CHECK(person.born - nation->people[parent].born >= 18 * 365);
      CHECK(person.born - nation->people[parent].born <= 62 * 366);
    }
    if (person.father != kNobody) {
      CHECK(nation->people[person.father].male);
      CHECK(nation->people[person.father].name.family == person.name.family);
    }
    if (person.mother != kNobody) CHECK_FALSE(nation->people[person.mother].male);
    if (person.spouse != kNobody) {
      const Person& spouse = nation->people[person.spouse];
      CHECK(&nation->people[spouse.spouse] == &person);
      CHECK(spouse.male != person.male);
      CHECK(AgeOf(person) >= 18);
      if (IsAlive(spouse)) CHECK(person.marital == Marital::kMarried);
    }
    if (!IsAlive(person)) CHECK((person.died > person.born && person.died < kAsOf));
  }
}

}  // namespace
}  // namespace ndx::tools::datagen
