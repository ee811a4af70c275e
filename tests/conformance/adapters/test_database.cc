#include "test_database.h"

#include <soci/postgresql/soci-postgresql.h>
#include <soci/soci.h>
#include <soci/sqlite3/soci-sqlite3.h>

#include <catch2/catch.hpp>
#include <cstdio>
#include <cstdlib>

#include "absl/strings/str_cat.h"
#include "ndx/settings/settings_loader.h"
#include "postgres_server.h"

namespace ndx::tests {
namespace {

PostgresServer& Server() {
  static PostgresServer server;
  return server;
}

}  // namespace

Engine EngineUnderTest() {
  const char* named = std::getenv("NDX_ADAPTER_ENGINE");
  return named != nullptr && std::string(named) == "postgresql" ? Engine::kPostgresql
                                                                : Engine::kSqlite;
}

TestDatabase::TestDatabase() {
  if (EngineUnderTest() == Engine::kSqlite) return;
  static int databases = 0;
  name_ = absl::StrCat("test_", ++databases);
  soci::session session(soci::postgresql, Server().Connection("postgres"));
  session << "CREATE DATABASE " << name_;
}

TestDatabase::~TestDatabase() = default;

connector::v1::DatabaseSettings TestDatabase::Settings() const {
  connector::v1::AdapterSettings settings;
  const std::string engine =
      EngineUnderTest() == Engine::kSqlite
          ? absl::StrCat("sqlite: {file: \"", directory_.File("test.db"), "\", create: true}")
          : absl::StrCat("postgresql: {connection: \"", Server().Connection(name_), "\"}");
  const absl::Status read = settings::ParseSettings(
      {{"test.yaml",
        absl::StrCat("database: {", engine, ", reconnect_pause: 0s}\nmapping_file: none\n")}},
      settings, nullptr);
  INFO(read);
  REQUIRE(read.ok());
  return settings.database();
}

connectors::AdapterFiles TestDatabase::FilesOf(const std::string& adapter) const {
  const std::string folder = absl::StrCat(NDX_SOURCE_DIR, "/adapters/", adapter, "/");
  connectors::AdapterFiles files;
  const absl::Status read = settings::ParseSettings(
      {{"test.yaml",
        absl::StrCat("database: {sqlite: {file: x}}\nmapping_file: ", folder, "mapping.yaml\n")}},
      files.settings, nullptr);
  REQUIRE(read.ok());
  *files.settings.mutable_database() = Settings();
  const absl::Status mapped =
      settings::LoadSettings({files.settings.mapping_file()}, files.mapping, nullptr);
  INFO(mapped);
  REQUIRE(mapped.ok());
  files.schema = connectors::ReadTextFile(folder + "schema.sql").value();
  return files;
}

std::unique_ptr<soci::session> TestDatabase::Connect() const {
  if (EngineUnderTest() == Engine::kSqlite) {
    return std::make_unique<soci::session>(
        soci::sqlite3, absl::StrCat("dbname=\"", directory_.File("test.db"), "\" timeout=5"));
  }
  return std::make_unique<soci::session>(soci::postgresql, Server().Connection(name_));
}

void TestDatabase::Execute(const std::string& sql) { *Connect() << sql; }

long long TestDatabase::Number(const std::string& query) {
  long long number = 0;
  *Connect() << query, soci::into(number);
  return number;
}

std::string TestDatabase::Text(const std::string& query) {
  std::string text;
  *Connect() << query, soci::into(text);
  return text;
}

void TestDatabase::TakeDown() {
  if (EngineUnderTest() == Engine::kPostgresql) return Server().Stop();
  REQUIRE(std::rename(directory_.File("test.db").c_str(), directory_.File("away").c_str()) == 0);
}

void TestDatabase::BringBack() {
  if (EngineUnderTest() == Engine::kPostgresql) return Server().Start();
  REQUIRE(std::rename(directory_.File("away").c_str(), directory_.File("test.db").c_str()) == 0);
}

}  // namespace ndx::tests
