// Loads a small nation into SQLite and asks the four databases, attached to one connection, whether
// they agree.
#include <sqlite3.h>

#include <catch2/catch.hpp>
#include <memory>
#include <string>

#include "ndx/tests/support/temp_dir.h"
#include "ndx/tools/datagen/nation.h"
#include "ndx/tools/datagen/row.h"
#include "ndx/tools/datagen/sqlite_loader.h"

namespace ndx::tools::datagen {
namespace {

// The four databases of one nation under the names population, business_registry, social_insurance
// and land.
class Loaded {
 public:
  Loaded(uint32_t people, uint64_t seed) {
    auto made = Nation::Generate({people, seed});
    REQUIRE(made.ok());
    nation = *std::move(made);
    REQUIRE(sqlite3_open(":memory:", &connection_) == SQLITE_OK);
    for (const Database& database : Databases()) {
      const std::string path = dir.File(std::string(database.name) + ".sqlite");
      const auto rows = LoadIntoSqlite(*nation, database, path, nullptr);
      INFO(rows.status().ToString());
      REQUIRE(rows.ok());
      REQUIRE(*rows > 0);
      const std::string attach = "ATTACH '" + path + "' AS " + std::string(database.name);
      REQUIRE(sqlite3_exec(connection_, attach.c_str(), nullptr, nullptr, nullptr) == SQLITE_OK);
    }
  }
  ~Loaded() { sqlite3_close(connection_); }

  int64_t Number(const std::string& sql) const {
    sqlite3_stmt* statement = nullptr;
    INFO(sql);
    REQUIRE(sqlite3_prepare_v2(connection_, sql.c_str(), -1, &statement, nullptr) == SQLITE_OK);
    REQUIRE(sqlite3_step(statement) == SQLITE_ROW);
    const int64_t number = sqlite3_column_int64(statement, 0);
    sqlite3_finalize(statement);
    return number;
  }

  tests::TempDir dir;
  std::unique_ptr<const Nation> nation;

 private:
  sqlite3* connection_ = nullptr;
};

struct Rule {
  std::string name;
  std::string sql;  // counts the rows that break it
};

void CheckRules(const Loaded& loaded, const std::vector<Rule>& rules) {
  for (const Rule& rule : rules) {
    INFO(rule.name);
    CHECK(loaded.Number("SELECT count(*) FROM " + rule.sql) == 0);
  }
}

TEST_CASE("the four databases agree with each other") {
  const Loaded loaded(3000, 1);
  CHECK(loaded.Number("SELECT count(*) FROM people") == 3000);
  CheckRules(
      loaded,
      {{"every insured person is in the population, alike",
        "insured i LEFT JOIN people p USING (citizen_id) WHERE p.citizen_id IS NULL OR p.full_name "
        "<> "
        "i.full_name OR p.name_key <> i.name_key OR p.birth_date <> i.birth_date OR p.gender <> "
        "i.gender OR p.birth_province_code <> i.birth_province_code"},
       {"households of the insurer are those of the population",
        "insured i JOIN people p USING (citizen_id) WHERE p.life_status = 1 AND "
        "substr(i.household_number, 4) <> substr(p.household_number, 3)"},
       {"enterprise members are people of the population",
        "enterprise_members m LEFT JOIN people p USING (citizen_id) WHERE p.full_name IS NOT "
        "m.name"},
       {"legal representatives are people of the population",
        "enterprise_representatives m LEFT JOIN people p USING (citizen_id) WHERE p.full_name IS "
        "NOT "
        "m.full_name"},
       {"people who hold land are of the population",
        "parcel_holders h LEFT JOIN people p USING (citizen_id) WHERE h.citizen_id IS NOT NULL AND "
        "p.full_name IS NOT h.name"},
       {"enterprises that hold land are registered",
        "parcel_holders h LEFT JOIN enterprises e USING (enterprise_code) WHERE h.enterprise_code "
        "IS "
        "NOT NULL AND e.name IS NOT h.name"},
       {"a holder is one or the other",
        "parcel_holders WHERE (citizen_id IS NULL) = (enterprise_code IS NULL)"},
       {"holders of certificates are of the population or registered",
        "certificate_holders h LEFT JOIN people p USING (citizen_id) LEFT JOIN enterprises e USING "
        "(enterprise_code) WHERE coalesce(p.full_name, e.name) IS NOT h.name"}});
}

TEST_CASE("the population is consistent in itself") {
  const Loaded loaded(3000, 1);
  CheckRules(
      loaded,
      {{"the number says sex, century and year of birth",
        "people WHERE CAST(substr(citizen_id, 4, 1) AS INTEGER) <> CASE WHEN birth_year < 2000 "
        "THEN "
        "gender - 1 ELSE gender + 1 END OR CAST(substr(citizen_id, 5, 2) AS INTEGER) <> birth_year "
        "% "
        "100 OR CAST(substr(birth_date, 1, 4) AS INTEGER) <> birth_year"},
       {"every household has one head, who is in it",
        "households h WHERE (SELECT count(*) FROM people p WHERE p.household_number = "
        "h.household_number AND relation_code = 'CH01' AND p.citizen_id = h.head_citizen_id) <> 1"},
       {"households of people exist",
        "people p LEFT JOIN households h USING (household_number) WHERE p.household_number IS NOT "
        "NULL AND h.head_citizen_id IS NULL"},
       {"the deceased are in no household",
        "people WHERE (life_status = 1) <> (household_number IS NOT NULL)"},
       {"fathers are men of the population by that name",
        "people c LEFT JOIN people f ON f.citizen_id = c.father_citizen_id WHERE "
        "c.father_citizen_id "
        "IS NOT NULL AND (f.gender IS NOT 1 OR f.full_name <> c.father_name)"},
       {"mothers are women of the population by that name",
        "people c LEFT JOIN people f ON f.citizen_id = c.mother_citizen_id WHERE "
        "c.mother_citizen_id "
        "IS NOT NULL AND (f.gender IS NOT 2 OR f.full_name <> c.mother_name)"},
       {"spouses name each other",
        "people a LEFT JOIN people b ON b.citizen_id = a.spouse_citizen_id WHERE "
        "a.spouse_citizen_id "
        "IS NOT NULL AND b.spouse_citizen_id IS NOT a.citizen_id"},
       {"only minors have a representative",
        "people WHERE representative_citizen_id IS NOT NULL AND birth_year < 2007"},
       {"districts stand only in what was written before the merger",
        "people WHERE permanent_district_code IS NOT NULL OR (birth_district_code IS NULL) <> "
        "(birth_commune_code LIKE '9%')"}});
}

TEST_CASE("insurance and land are consistent in themselves") {
  const Loaded loaded(3000, 1);
  CheckRules(
      loaded,
      {{"a card carries the number of its holder",
        "health_cards WHERE substr(card_number, 6) <> social_insurance_number"},
       {"every insured person has one present card",
        "insured i WHERE (SELECT count(*) FROM health_cards c WHERE c.social_insurance_number = "
        "i.social_insurance_number AND replaced_by IS NULL) <> 1"},
       {"a replaced card names the same person's next one",
        "health_cards a LEFT JOIN health_cards b ON b.card_number = a.replaced_by WHERE "
        "a.replaced_by "
        "IS NOT NULL AND (b.social_insurance_number IS NOT a.social_insurance_number OR "
        "b.valid_from "
        "< a.valid_to)"},
       {"cards and visits have an insured person",
        "health_cards c LEFT JOIN insured i USING (social_insurance_number) WHERE i.citizen_id IS "
        "NULL"},
       {"validity runs forward", "health_cards WHERE valid_from > valid_to"},
       {"a parcel's certificate is in force for it",
        "parcels p LEFT JOIN certificates c ON c.serial = p.certificate_serial WHERE "
        "p.certificate_serial IS NOT NULL AND (c.status IS NOT 1 OR c.parcel_id <> p.parcel_id)"},
       {"a replaced certificate names the next one of its parcel",
        "certificates a LEFT JOIN certificates b ON b.serial = a.replaced_by_serial WHERE "
        "(a.status = "
        "2) <> (a.replaced_by_serial IS NOT NULL) OR (a.status = 2 AND (b.parcel_id <> a.parcel_id "
        "OR "
        "b.issued_date < a.issued_date))"},
       {"the version of a parcel counts its changes",
        "parcels p WHERE version <> 1 + (SELECT count(*) FROM land_changes c WHERE c.parcel_id = "
        "p.parcel_id)"},
       {"changes are numbered in the order of time",
        "land_changes a JOIN land_changes b ON b.change_number = a.change_number + 1 WHERE "
        "b.registered_at < a.registered_at"},
       {"the area of a parcel is that of its uses",
        "parcels p WHERE abs(area_m2 - (SELECT sum(area_m2) FROM parcel_uses u WHERE u.parcel_id = "
        "p.parcel_id)) > 0.001"},
       {"every parcel has a holder",
        "parcels p WHERE NOT EXISTS (SELECT 1 FROM parcel_holders h WHERE h.parcel_id = "
        "p.parcel_id)"},
       {"shares add up to the capital",
        "enterprises e WHERE capital_vnd <> (SELECT sum(amount_vnd) FROM enterprise_members m "
        "WHERE "
        "m.enterprise_code = e.enterprise_code)"}});
  CHECK(loaded.Number("SELECT value FROM counters") ==
        loaded.Number("SELECT max(change_number) FROM land_changes"));
}

TEST_CASE("no number is out of its range") {
  const Loaded loaded(3000, 2);
  CheckRules(
      loaded,
      {{"personal identification numbers",
        "people WHERE citizen_id NOT LIKE '999_________' OR substr(citizen_id, 4, 1) > '3'"},
       {"identity cards", "people WHERE identity_card NOT LIKE '99_______'"},
       {"communes of today",
        "people WHERE permanent_commune_code NOT LIKE '9____' OR current_commune_code NOT LIKE "
        "'9____'"},
       {"communes of before",
        "people WHERE (birth_commune_code NOT LIKE '8____' AND birth_commune_code NOT LIKE "
        "'9____') "
        "OR (home_commune_code NOT LIKE '8____' AND home_commune_code NOT LIKE '9____')"},
       {"districts", "people WHERE birth_district_code NOT LIKE '99_'"},
       {"enterprise codes", "enterprises WHERE enterprise_code NOT LIKE '99________'"},
       {"telephones", "dossiers WHERE contact_phone NOT LIKE '010_______'"},
       {"mail addresses", "dossiers WHERE contact_email NOT LIKE '%.example'"},
       {"insurance numbers", "insured WHERE social_insurance_number NOT LIKE '90________'"},
       {"health cards", "health_cards WHERE card_number NOT LIKE '_____90________'"},
       {"parcels",
        "parcels WHERE parcel_id NOT LIKE commune_code || '%' OR (commune_code NOT LIKE '8____' "
        "AND "
        "commune_code NOT LIKE '9____')"},
       {"certificates", "certificates WHERE serial NOT LIKE 'ZZ ________'"},
       {"dossiers of land", "land_changes WHERE dossier_code NOT LIKE 'H99-%'"}});
}

}  // namespace
}  // namespace ndx::tools::datagen
