#include "ndx/console/persons.h"

#include <catch2/catch.hpp>

namespace ndx::console {
namespace {

TEST_CASE("two names are one person once one credential signed in under both") {
  Persons persons;
  CHECK(persons.Same("lan", "lan"));
  CHECK_FALSE(persons.Same("lan", "minh"));
  persons.Note("lan", "key 01");
  persons.Note("minh", "key 02");
  CHECK_FALSE(persons.Same("lan", "minh"));
  persons.Note("minh", "key 01");
  CHECK(persons.Same("lan", "minh"));
  CHECK(persons.Same("minh", "lan"));
}

TEST_CASE("whoever shares with one of two is not the other") {
  Persons persons;
  persons.Note("lan", "token a 1");
  persons.Note("minh", "token a 1");
  persons.Note("minh", "key 02");
  persons.Note("hoa", "key 02");
  CHECK(persons.Same("minh", "hoa"));
  CHECK_FALSE(persons.Same("lan", "hoa"));
}

TEST_CASE("without a record of persons their names tell them apart") {
  CHECK(SamePerson(nullptr, "lan", "lan"));
  CHECK_FALSE(SamePerson(nullptr, "lan", "minh"));
  CHECK(PersonText("lan", "lan") == "lan");
  CHECK(PersonText("minh", "lan") == "minh (= lan)");
}

}  // namespace
}  // namespace ndx::console
