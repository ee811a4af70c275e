// One empty database of the kind that this run of the suite is about (environment
// NDX_ADAPTER_ENGINE: sqlite or postgresql), and a way to look into it from beside the adapter.
//
// Thread-safety: thread-compatible.
#pragma once

#include <memory>
#include <string>

#include "ndx/adapters/connectors/adapter_files.h"
#include "ndx/tests/support/temp_dir.h"

namespace soci {
class session;
}

namespace ndx::tests {

enum class Engine { kSqlite, kPostgresql };

Engine EngineUnderTest();

class TestDatabase {
 public:
  // Nothing in it. Of PostgreSQL one server serves all databases of the process.
  TestDatabase();
  ~TestDatabase();

  // Settings for a database adapter or SqlDatabase; no schema file.
  connector::v1::DatabaseSettings Settings() const;

  // The configuration of an adapter as it is shipped: its own mapping and schema, on this database.
  connectors::AdapterFiles FilesOf(const std::string& adapter) const;

  // Runs SQL on a connection of its own.
  void Execute(const std::string& sql);
  // The number that a query gives.
  long long Number(const std::string& query);
  std::string Text(const std::string& query);

  // A connection of the test's own, to hold locks.
  std::unique_ptr<soci::session> Connect() const;

  // The database is gone; and it is back with everything in it.
  void TakeDown();
  void BringBack();

 private:
  TempDir directory_;
  std::string name_;
};

}  // namespace ndx::tests
