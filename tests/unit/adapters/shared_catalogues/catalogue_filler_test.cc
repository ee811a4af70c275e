#include "catalogue_filler.h"

#include <catch2/catch.hpp>
#include <fstream>

#include "ndx/tests/support/temp_dir.h"

namespace ndx::shared_catalogues {
namespace {

TEST_CASE("the project's own seeds are sound") {
  const auto read = CatalogueFiller::Read(NDX_SOURCE_DIR "/adapters/shared_catalogues/seeds.yaml");
  INFO(read.status());
  CHECK(read.ok());
  CHECK(CatalogueFiller::Read("").ok());
}

TEST_CASE("seeds that do not fit their file are refused with file and row") {
  const tests::TempDir directory;
  const auto says = [&](const std::string& csv, const std::string& more) {
    std::ofstream(directory.File("a.csv")) << csv;
    std::ofstream(directory.File("seeds.yaml"))
        << "catalogues: [{code: a, name_vi: A, file: a.csv" << more
        << ", columns: [{code: ma, name_vi: Mã, type: INTEGER, is_key: true, column: ma}]}]\n";
    return std::string(CatalogueFiller::Read(directory.File("seeds.yaml")).status().message());
  };
  CHECK(says("ma\n1\n2\n", "").empty());
  CHECK(says("ten\n1\n", "").find("has no column ma") != std::string::npos);
  CHECK(says("ma\n1\nx\n", "").find("row 2 ma: ROW_PROBLEM_KIND_VALUE_MALFORMED") !=
        std::string::npos);
  CHECK(says("ma\n1\n1\n", "").find("ROW_PROBLEM_KIND_DUPLICATE") != std::string::npos);
  CHECK(says("ma\n1\n", ", valid_from_column: tu").find("has no column tu") != std::string::npos);
}

}  // namespace
}  // namespace ndx::shared_catalogues
