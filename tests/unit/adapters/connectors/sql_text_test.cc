#include "ndx/adapters/connectors/sql_text.h"

#include <catch2/catch.hpp>

namespace ndx::connectors {
namespace {

using Names = std::vector<std::string>;

TEST_CASE("placeholders are found outside quotes, comments and casts, each once") {
  CHECK(PlaceholdersOf("SELECT :a, :b_2 FROM t WHERE x = :a") == Names{"a", "b_2"});
  CHECK(PlaceholdersOf("SELECT ':a', \"x:b\" -- :c\n, :d") == Names{"d"});
  CHECK(PlaceholdersOf("SELECT :a::text, '2025-01-01T00:00:00'").size() == 1);
  CHECK(PlaceholdersOf("SELECT 1 -- :a").empty());
  CHECK(PlaceholdersOf("SELECT 'it''s :a', :b") == Names{"b"});
  CHECK(PlaceholdersOf("SELECT ':a").empty());
  CHECK(PlaceholdersOf(":").empty());
  CHECK(PlaceholdersOf("").empty());
}

TEST_CASE("statements that give rows are told from those that change") {
  CHECK(ReturnsRows("  select 1"));
  CHECK(ReturnsRows("WITH a AS (SELECT 1) SELECT * FROM a"));
  CHECK(ReturnsRows("INSERT INTO t VALUES (1) RETURNING id"));
  CHECK_FALSE(ReturnsRows("UPDATE t SET a = 1"));
  CHECK_FALSE(ReturnsRows("INSERT INTO t SELECT 1"));
}

}  // namespace
}  // namespace ndx::connectors
