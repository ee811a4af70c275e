#include "ndx/store/ascending_lookup.h"

#include <catch2/catch.hpp>
#include <memory>
#include <string>

#include "ndx/core/big_endian.h"
#include "ndx/tests/support/temp_dir.h"

namespace ndx::store {
namespace {

constexpr Family kAsked = 1;
constexpr Family kBeside = 2;
constexpr uint64_t kKeys = 200;

// Every third number below kKeys, half of them in a table and half in memory, some deleted.
struct Filled {
  Filled()
      : database(Database::Open({.directory = dir.File("db"),
                                 .families = {{.name = "asked"}, {.name = "beside"}}},
                                LogCheck::kWhole)
                     .value()) {
    for (uint64_t i = 0; i < kKeys; i += 3) Put(kAsked, i);
    REQUIRE(database->Flush().ok());
    for (uint64_t i = 0; i < kKeys; i += 6) Put(kAsked, i);
    for (uint64_t i = 0; i < kKeys; ++i) Put(kBeside, i);
    Batch batch;
    for (uint64_t i = 0; i < kKeys; i += 9) batch.Delete(kAsked, core::BigEndian(i));
    REQUIRE(database->WriteSynced(batch).ok());
  }
  void Put(Family family, uint64_t i) const {
    Batch batch;
    batch.Put(family, core::BigEndian(i), "value " + std::to_string(i));
    REQUIRE(database->WriteSynced(batch).ok());
  }
  static bool Has(uint64_t i) { return i < kKeys && i % 3 == 0 && i % 9 != 0; }

  tests::TempDir dir;
  std::unique_ptr<Database> database;
};

void CheckFinds(AscendingLookup& lookup, uint64_t i) {
  INFO("key " << i);
  const auto found = lookup.Find(core::BigEndian(i));
  REQUIRE(found.ok());
  REQUIRE(found->has_value() == Filled::Has(i));
  if (found->has_value()) CHECK(**found == "value " + std::to_string(i));
}

TEST_CASE("a walk finds what single look-ups find, however far apart the keys are") {
  const Filled filled;
  for (const uint64_t apart : {1U, 2U, 3U, 7U, 50U, 170U}) {
    AscendingLookup lookup(*filled.database, kAsked);
    for (uint64_t i = 0; i < kKeys + 2 * apart; i += apart) CheckFinds(lookup, i);
  }
}

TEST_CASE("a key asked for again, or before the last one, is found too") {
  const Filled filled;
  AscendingLookup lookup(*filled.database, kAsked);
  for (const uint64_t i : {60U, 60U, 6U, 7U, 150U, 1000U, 3U, 3U, 1001U, 12U}) {
    CheckFinds(lookup, i);
  }
}

TEST_CASE("what is written after the first key was asked for is not seen") {
  const Filled filled;
  AscendingLookup lookup(*filled.database, kAsked);
  CheckFinds(lookup, 3);
  filled.Put(kAsked, 4);
  CHECK_FALSE(lookup.Find(core::BigEndian(uint64_t{4}))->has_value());
  CHECK(AscendingLookup(*filled.database, kAsked).Find(core::BigEndian(uint64_t{4}))->has_value());
}

}  // namespace
}  // namespace ndx::store
