#include "ndx/settings/nearest_name.h"

#include <catch2/catch.hpp>
#include <string>
#include <vector>

namespace ndx::settings {
namespace {

const std::vector<std::string> kKeys = {"consumer", "purposes", "methods", "quota"};

TEST_CASE("the nearest name is the one with the fewest edits") {
  CHECK(NearestName("consumr", kKeys) == "consumer");
  CHECK(NearestName("CONSUMER", kKeys) == "consumer");
  CHECK(NearestName("pruposes", kKeys) == "purposes");  // neighbours swapped
  CHECK(NearestName("qouta", kKeys) == "quota");
  CHECK(NearestName("", kKeys) == "quota");
  CHECK(NearestName("x", {}).empty());
}

TEST_CASE("a hint suggests what is near and lists what is known otherwise") {
  CHECK(NearestHint("consumr", kKeys) == " (did you mean `consumer`?)");
  CHECK(NearestHint("zzzzzzzz", kKeys) == "; known: consumer, purposes, methods, quota");
  CHECK(NearestHint("x", {}) == "; none is known");
  const std::vector<std::string> many(11, "abcdef");
  CHECK_THAT(NearestHint("zzzzzz", many), Catch::EndsWith(", …"));
}

TEST_CASE("only the beginning of a long name is compared") {
  const std::string a(kNearestNameCompared, 'a');
  CHECK(NearestName(a + std::string(100'000, 'z'), {"b", a}) == a);
}

}  // namespace
}  // namespace ndx::settings
