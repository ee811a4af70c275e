#include "ndx/tools/datagen/insurer_list.h"

#include <catch2/catch.hpp>
#include <map>
#include <set>
#include <string>

#include "ndx/tools/datagen/names.h"
#include "ndx/tools/datagen/record_text.h"

namespace ndx::tools::datagen {
namespace {

struct Record {
  std::string name_key;
  std::string birth_date;
};

// What the population database knows, by personal identification number.
std::map<std::string, Record> RecordsOf(const Nation& nation) {
  std::map<std::string, Record> records;
  for (uint32_t at = 0; at < nation.people.size(); ++at) {
    records[CitizenIdOf(nation, at)] = {SearchKey(NameOf(nation.people[at])),
                                        BirthDateOf(nation.people[at])};
  }
  return records;
}

TEST_CASE("insurer's list: each line differs from the population for its own cause only") {
  const auto nation = Nation::Generate({5000, 1});
  REQUIRE(nation.ok());
  const auto list = MakeInsurerList(**nation, 1000);
  REQUIRE(list.ok());
  REQUIRE(list->size() == 1000);
  const std::map<std::string, Record> records = RecordsOf(**nation);
  std::map<ListedAs, int> causes;
  std::set<std::string> people;
  int plain = 0;
  for (const ListedPerson& listed : *list) {
    ++causes[listed.listed_as];
    CHECK(people.insert(listed.citizen_id).second);
    const auto record = records.find(listed.citizen_id);
    INFO(NameOfCause(listed.listed_as));
    if (listed.listed_as == ListedAs::kNotFound) {
      CHECK(record == records.end());
      CHECK(listed.citizen_id.substr(0, 3) == "999");
      continue;
    }
    REQUIRE(record != records.end());
    const bool same_name = SearchKey(listed.full_name) == record->second.name_key;
    const bool same_date = listed.birth_date == record->second.birth_date;
    CHECK(same_name == (listed.listed_as != ListedAs::kNameMisspelled));
    CHECK(same_date == (listed.listed_as != ListedAs::kBirthDateDiffers));
    if (listed.full_name == Unaccented(listed.full_name)) ++plain;
  }
  CHECK(causes[ListedAs::kNameMisspelled] == 30);
  CHECK(causes[ListedAs::kBirthDateDiffers] == 20);
  CHECK(causes[ListedAs::kNotFound] == 15);
  CHECK(causes[ListedAs::kMatching] == 935);
  CHECK(plain > 200);
}

TEST_CASE("insurer's list: the same for the same nation, and no longer than the nation") {
  const auto nation = Nation::Generate({200, 4});
  REQUIRE(nation.ok());
  const auto list = MakeInsurerList(**nation, 50);
  REQUIRE(list.ok());
  CHECK(InsurerListCsv(*list) == InsurerListCsv(*MakeInsurerList(**nation, 50)));
  const std::string truth = InsurerListTruthCsv(*list);
  CHECK(truth.substr(0, 14) == "number,cause\r\n");
  CHECK(truth.find("1,") != std::string::npos);
  CHECK(MakeInsurerList(**nation, 201).status().code() == absl::StatusCode::kInvalidArgument);
}

}  // namespace
}  // namespace ndx::tools::datagen
