#include "ndx/adapters/connectors/adapter_files.h"

#include <catch2/catch.hpp>
#include <fstream>

#include "ndx/tests/support/temp_dir.h"

namespace ndx::connectors {
namespace {

class Files {
 public:
  std::string Write(const std::string& name, const std::string& text) {
    std::ofstream(directory.File(name)) << text;
    return directory.File(name);
  }
  tests::TempDir directory;
};

TEST_CASE_METHOD(Files,
                 "an adapter's files are read, with paths relative to the file that names them") {
  Write("mapping.yaml", "statements: [{name: a, sql: SELECT 1}]\n");
  Write("schema.sql", "CREATE TABLE t (a TEXT);");
  const std::string file =
      Write("land.yaml",
            "database: {sqlite: {file: data/land.sqlite}, schema_file: schema.sql}\n"
            "mapping_file: mapping.yaml\nseed_file: seeds.yaml\n");
  const auto files = ReadAdapterFiles(file);
  INFO(files.status());
  REQUIRE(files.ok());
  CHECK(files->settings.database().sqlite().file() == directory.File("data/land.sqlite"));
  CHECK(files->settings.seed_file() == directory.File("seeds.yaml"));
  CHECK(files->schema == "CREATE TABLE t (a TEXT);");
  CHECK(files->mapping.statements_size() == 1);
  CHECK(files->settings.workers().threads() == 4);
  CHECK(files->settings.workers().queue() == 256);
  CHECK(files->settings.database().connections() == 6);
  CHECK(files->DatabaseOptions().schema == files->schema);
}

TEST_CASE_METHOD(Files, "what is missing or wrong is said with the file") {
  Write("mapping.yaml", "statements: [{name: a, sql: SELECT 1}]\n");
  const auto says = [&](const std::string& yaml) {
    return std::string(ReadAdapterFiles(Write("x.yaml", yaml)).status().message());
  };
  CHECK(says("database: {}\nmapping_file: mapping.yaml\n").find("sqlite or postgresql") !=
        std::string::npos);
  CHECK(says("database: {sqlite: {file: a}}\n").find("mapping_file") != std::string::npos);
  CHECK(says("database: {sqlite: {file: a}}\nmapping_file: none.yaml\n").find("none.yaml") !=
        std::string::npos);
  CHECK(says("database: {sqlite: {file: a}, connections: 257}\nmapping_file: mapping.yaml\n")
            .find("connections") != std::string::npos);
  CHECK(says("database: {sqlite: {file: a}, connections: 256}\nmapping_file: mapping.yaml\n")
            .empty());
  CHECK(says("database: {sqlite: {file: a}, schema_file: no.sql}\nmapping_file: mapping.yaml\n")
            .find("no.sql") != std::string::npos);
  CHECK(says("database: {sqlite: {file: a, colour: red}}\nmapping_file: mapping.yaml\n")
            .find("colour") != std::string::npos);
}

}  // namespace
}  // namespace ndx::connectors
