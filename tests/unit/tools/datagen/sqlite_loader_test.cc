#include "ndx/tools/datagen/sqlite_loader.h"

#include <catch2/catch.hpp>
#include <fstream>
#include <string>
#include <vector>

#include "ndx/tests/support/temp_dir.h"

namespace ndx::tools::datagen {
namespace {

TEST_CASE("a load replaces a file whole, or leaves it alone") {
  const auto nation = Nation::Generate({kPeopleLeast, 1});
  REQUIRE(nation.ok());
  const tests::TempDir dir;
  const std::string path = dir.File("land.sqlite");
  { std::ofstream(path) << "what was here before"; }
  Database broken = LandDatabase();
  broken.tables[0].columns[0] = "no_such_column";
  CHECK_FALSE(LoadIntoSqlite(**nation, broken, path, nullptr).ok());
  std::string content;
  std::getline(std::ifstream(path), content);
  CHECK(content == "what was here before");
  std::vector<std::string> steps;
  CHECK(LoadIntoSqlite(**nation, LandDatabase(), path, [&](absl::string_view table, uint64_t) {
          steps.emplace_back(table);
        }).ok());
  std::getline(std::ifstream(path), content);
  CHECK(content.substr(0, 13) == "SQLite format");
  CHECK(steps == std::vector<std::string>{"indexes"});
  CHECK(LoadIntoSqlite(**nation, LandDatabase(), dir.path() + "/no/such/x", nullptr)
            .status()
            .code() == absl::StatusCode::kUnavailable);
}

}  // namespace
}  // namespace ndx::tools::datagen
