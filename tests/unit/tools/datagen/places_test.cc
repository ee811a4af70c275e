#include "ndx/tools/datagen/places.h"

#include <catch2/catch.hpp>
#include <map>
#include <set>
#include <string>

namespace ndx::tools::datagen {
namespace {

TEST_CASE("the provinces are the 34 in force, made of the 63 before") {
  CHECK(Provinces().size() == 34);
  std::map<std::string, std::string> former;
  for (const Province& province : Provinces()) {
    CHECK(province.code.size() == 2);
    CHECK(province.former.front().name == province.name);
    for (const FormerProvince& old : province.former) {
      CHECK(former.emplace(std::string(old.code), std::string(old.name)).second);
    }
  }
  CHECK(former.size() == 63);
}

TEST_CASE("communes have codes of their own, and are drawn by their weight") {
  const Places places(1);
  std::set<std::string> codes;
  for (const Commune& commune : places.communes()) {
    CHECK(codes.insert(commune.code).second);
    CHECK(codes.insert(commune.former_code).second);
    CHECK(commune.code.substr(1, 2) == Provinces()[commune.province].code);
  }
  Draws draws(1, Stream::kHousehold, 0);
  std::map<std::string, int> drawn;
  for (int at = 0; at < 20'000; ++at) {
    const Commune& commune = places.communes()[places.DrawCommune(draws)];
    ++drawn[std::string(Provinces()[commune.province].code)];
  }
  CHECK(drawn.size() == 34);
  // Hồ Chí Minh City is the largest, and Lai Châu the smallest.
  for (const auto& [code, count] : drawn) {
    CHECK(count <= drawn["79"]);
    CHECK(count >= drawn["12"]);
  }
  for (int at = 0; at < 1000; ++at) {
    const uint32_t commune = places.DrawCommune(draws);
    CHECK(places.communes()[places.DrawNeighbour(draws, commune)].province ==
          places.communes()[commune].province);
  }
}

}  // namespace
}  // namespace ndx::tools::datagen
