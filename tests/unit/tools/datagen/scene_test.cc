#include "ndx/tools/datagen/scene.h"

#include <google/protobuf/struct.pb.h>
#include <google/protobuf/util/json_util.h>

#include <algorithm>
#include <catch2/catch.hpp>
#include <memory>
#include <string>

#include "ndx/tools/datagen/record_text.h"

namespace ndx::tools::datagen {
namespace {

TEST_CASE("the scene's commune changed its province code and its own") {
  const auto made = Nation::Generate({kPeopleLeast, 9});
  REQUIRE(made.ok());
  const std::unique_ptr<const Nation>& nation = *made;
  const Commune& commune = nation->commune(nation->places.merged_commune());
  CHECK(Provinces()[commune.province].code == "19");
  CHECK(Provinces()[commune.province].former[commune.former_province].code == "06");
  CHECK(CodesOn(*nation, nation->places.merged_commune(), kMergerDay).province == "19");
  CHECK(CodesOn(*nation, nation->places.merged_commune(), kMergerDay - 1).province == "06");
  const Person& applicant = nation->people.front();
  CHECK(nation->households.front().commune == nation->places.merged_commune());
  REQUIRE(applicant.spouse != kNobody);
  CHECK(applicant.insured != kNobody);
  CHECK(nation->parcels.front().holder == 0);
  CHECK_FALSE(nation->parcels.front().converted);
}

TEST_CASE("the scene is JSON and says what the nation holds") {
  const auto nation = Nation::Generate({kPeopleLeast, 9});
  REQUIRE(nation.ok());
  google::protobuf::Struct scene;
  REQUIRE(google::protobuf::util::JsonStringToMessage(SceneJson(**nation), &scene).ok());
  const auto text = [&scene](const char* object, const char* name) {
    return scene.fields().at(object).struct_value().fields().at(name).string_value();
  };
  CHECK(text("applicant", "citizen_id") == CitizenIdOf(**nation, 0));
  CHECK(text("applicant", "full_name") == NameOf((*nation)->people[0]));
  CHECK(text("spouse", "citizen_id") == CitizenIdOf(**nation, (*nation)->people[0].spouse));
  CHECK(text("parcel", "parcel_id") == ParcelIdOf(**nation, 0));
  CHECK(text("commune", "former_province_code") == "06");
  CHECK(text("parcel", "parcel_id").substr(0, 5) == text("commune", "former_commune_code"));
}

TEST_CASE("the applicant and the spouse have good cards in every nation") {
  for (uint64_t seed = 1; seed <= 50; ++seed) {
    const auto nation = Nation::Generate({kPeopleLeast, seed});
    REQUIRE(nation.ok());
    for (const uint32_t person : {0U, (*nation)->people[0].spouse}) {
      const Insured& insured = (*nation)->insured[(*nation)->people[person].insured];
      CHECK(insured.cards == 1);
      const Card& card = (*nation)->cards[insured.first_card];
      CHECK(card.state == CardState::kGood);
      CHECK(card.group == CardGroup::kEmployee);
      CHECK(card.from < kAsOf);
      CHECK(DateOf(card.to) > absl::CivilDay(2030, 1, 1));
    }
  }
}

TEST_CASE("listed parcels may be changed, and are as many as asked for") {
  const auto nation = Nation::Generate({2000, 1});
  REQUIRE(nation.ok());
  const auto lines = [](const std::string& csv) {
    return std::count(csv.begin(), csv.end(), '\n');
  };
  CHECK(lines(ParcelListCsv(**nation, 0)) == 1);
  CHECK(lines(ParcelListCsv(**nation, 25)) == 26);
  const std::string all = ParcelListCsv(**nation, 1'000'000);
  CHECK(all.find(ParcelIdOf(**nation, 0) + ",") == std::string::npos);
  for (uint32_t at = 1; at < (*nation)->parcels.size(); ++at) {
    const bool listed = all.find("\n" + ParcelIdOf(**nation, at) + ",") != std::string::npos;
    CHECK(listed == ((*nation)->parcels[at].state == ParcelState::kActive));
  }
}

}  // namespace
}  // namespace ndx::tools::datagen
