#include "csv_table.h"

#include <catch2/catch.hpp>

namespace ndx::shared_catalogues {
namespace {

using Line = std::vector<std::string>;

TEST_CASE("quotes, line ends and a byte-order mark are read as RFC 4180 has them") {
  const auto table = ParseCsv(
                         "\xEF\xBB\xBF"
                         "a,b\r\n\"x, \"\"y\"\"\",\n\"two\nlines\",z")
                         .value();
  CHECK(table.columns == Line{"a", "b"});
  REQUIRE(table.rows.size() == 2);
  CHECK(table.rows[0] == Line{"x, \"y\"", ""});
  CHECK(table.rows[1] == Line{"two\nlines", "z"});
  CHECK(ParseCsv("a\n").value().rows.empty());
}

TEST_CASE("a broken table is refused with its line") {
  CHECK(ParseCsv("a,b\n1\n").status().message() == "line 2 has 1 fields, the header 2");
  CHECK(ParseCsv("a\n\"x").status().message() == "line 2: a quote is not closed");
  CHECK(ParseCsv("a\n\"x\"y\n").status().message() == "line 2: text after a quote");
}

}  // namespace
}  // namespace ndx::shared_catalogues
