// A database as an adapter uses it: the statements of its mapping, run on pooled connections,
// inside the deadline of a call. It connects when the first call needs it and again when the
// database has come back.
//
// Thread-safety: thread-safe.
// Ownership: the clock must outlive it.
// Errors: kUnavailable: nothing was done. kUnknown: a change was sent and its end is not known.
// Otherwise those of the statements. No exception leaves it.
#pragma once

#include <functional>
#include <memory>
#include <string>

#include "absl/functional/function_ref.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "ndx/adapters/connectors/sql_session.h"
#include "ndx/adapters/sdk/call_context.h"
#include "ndx/connector/v1/adapter_settings.pb.h"
#include "ndx/connector/v1/sql_mapping.pb.h"
#include "ndx/core/clock.h"

namespace ndx::connectors {

struct SqlDatabaseOptions {
  connector::v1::DatabaseSettings settings;
  connector::v1::SqlMapping mapping;
  // Run on the first connection; makes the tables where they are missing.
  std::string schema;
  // Run in a transaction after the schema, on the first connection: fills an empty database.
  std::function<absl::Status(SqlSession&)> fill;
};

class SqlDatabase {
 public:
  using Work = absl::FunctionRef<absl::Status(SqlSession&)>;

  // Checks the mapping; does not connect. kInvalidArgument when a statement is wrong.
  static absl::StatusOr<std::unique_ptr<SqlDatabase>> Open(const core::Clock& clock,
                                                           SqlDatabaseOptions options);
  ~SqlDatabase();
  SqlDatabase(const SqlDatabase&) = delete;
  SqlDatabase& operator=(const SqlDatabase&) = delete;

  // Runs work that only reads. one_state: all its statements see the database as of one moment. A
  // caller that goes away interrupts it.
  absl::Status Read(sdk::CallContext& context, bool one_state, Work work);

  // Runs work in a transaction: commits when it returns OK, else rolls back. It is rolled back as
  // well when the deadline passes, or the caller goes away, before the commit begins.
  absl::Status Change(sdk::CallContext& context, Work work);

  // OK when the database answers.
  absl::Status Ping(sdk::CallContext& context);

  // True when the mapping has such a statement.
  bool HasStatement(absl::string_view name) const;

 private:
  class Core;
  explicit SqlDatabase(std::unique_ptr<Core> core);
  const std::unique_ptr<Core> core_;
};

}  // namespace ndx::connectors
