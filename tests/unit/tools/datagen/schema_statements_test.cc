#include "ndx/tools/datagen/schema_statements.h"

#include <catch2/catch.hpp>

namespace ndx::tools::datagen {
namespace {

TEST_CASE("a schema is split into tables first and indexes last, comments go") {
  const SchemaStatements schema = SplitSchema(
      "-- one; two\nCREATE TABLE a (x TEXT); -- three; 'four\ncreate index i ON a (x);\n"
      "INSERT INTO a VALUES ('b;--c');CREATE UNIQUE INDEX j ON a (x)");
  REQUIRE(schema.tables.size() == 2);
  CHECK(schema.tables[0] == "CREATE TABLE a (x TEXT)");
  CHECK(schema.tables[1] == "INSERT INTO a VALUES ('b;--c')");
  REQUIRE(schema.indexes.size() == 2);
  CHECK(schema.indexes[0] == "create index i ON a (x)");
  CHECK(schema.indexes[1] == "CREATE UNIQUE INDEX j ON a (x)");
  CHECK(SplitSchema(" -- nothing").tables.empty());
  CHECK(SplitSchema(";;").tables.empty());
}

}  // namespace
}  // namespace ndx::tools::datagen
