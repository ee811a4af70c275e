// What the SQL connector promises by itself, on the database that this run is about: limits of
// time, cancellation, transactions, values.
#include <catch2/catch.hpp>
#include <memory>
#include <string>
#include <thread>

#include "absl/strings/str_cat.h"
#include "ndx/adapters/connectors/sql_database.h"
#include "ndx/core/system_clock.h"
#include "ndx/settings/settings_loader.h"
#include "ndx/tests/support/adapter_caller.h"
#include "test_database.h"

namespace ndx::connectors {
namespace {

constexpr char kMapping[] = R"(
statements:
  - name: for_ever
    sql: |
      WITH RECURSIVE numbers(n) AS (SELECT 1 UNION ALL SELECT (n + 1) % 1000000 FROM numbers)
      SELECT COUNT(*) AS "n" FROM numbers
  - name: insert
    sql: INSERT INTO things (name, size, note) VALUES (:name, :size, :note)
    parameters:
      - {name: name, field: $name}
      - {name: size, field: $size}
      - {name: note, field: $note, empty_is_null: true}
  - name: all
    sql: SELECT name AS "name", size AS "size", note AS "note" FROM things ORDER BY name
    rows_max: 3
  - name: wrong
    sql: SELECT nothing FROM nowhere
  - name: both
    sqlite: SELECT 'sqlite' AS "engine"
    postgresql: SELECT 'postgresql' AS "engine"
)";

class Connector {
 public:
  Connector() {
    SqlDatabaseOptions options;
    options.settings = database.Settings();
    options.settings.set_connections(2);
    const absl::Status read =
        settings::ParseSettings({{"mapping.yaml", kMapping}}, options.mapping, nullptr);
    INFO(read);
    REQUIRE(read.ok());
    options.schema =
        "CREATE TABLE IF NOT EXISTS things (name TEXT NOT NULL PRIMARY KEY, size BIGINT, note "
        "TEXT);";
    sql = SqlDatabase::Open(clock, std::move(options)).value();
  }

  absl::Status Insert(SqlSession& session, const std::string& name, int64_t size,
                      const std::string& note) {
    return session.Run("insert", {.values = {{"name", name}, {"size", size}, {"note", note}}})
        .status();
  }

  long long Count() { return database.Number("SELECT COUNT(*) FROM things"); }

  core::SystemClock clock;
  tests::TestDatabase database;
  std::unique_ptr<SqlDatabase> sql;
  sdk::AdapterCall call;
};

TEST_CASE_METHOD(Connector, "a statement ends at the deadline of its call") {
  call.deadline_nanos = clock.MonotonicNanos() + 100'000'000;
  sdk::CallContext context(call, nullptr, clock);
  const absl::Status ended = sql->Read(
      context, false, [&](SqlSession& session) { return session.Run("for_ever", {}).status(); });
  CHECK(ended.code() == absl::StatusCode::kDeadlineExceeded);
  sdk::AdapterCall next;
  sdk::CallContext later(next, nullptr, clock);
  CHECK(sql->Ping(later).ok());
}

TEST_CASE_METHOD(Connector, "a caller that goes away ends its statement, and no other") {
  tests::KeptReply reply;
  sdk::CallContext context(call, &reply, clock);
  // Cancels while the statement runs: the session is entered, and the statement has no end.
  std::thread caller;
  const absl::Status ended = sql->Read(context, false, [&](SqlSession& session) {
    caller = std::thread([&] { reply.Cancel(); });
    return session.Run("for_ever", {}).status();
  });
  caller.join();
  CHECK(ended.code() == absl::StatusCode::kCancelled);
  for (int i = 0; i < 20; ++i) {
    sdk::AdapterCall next;
    sdk::CallContext later(next, nullptr, clock);
    CHECK(sql->Read(later, false,
                    [&](SqlSession& session) { return session.Run("all", {}).status(); })
              .ok());
  }
}

TEST_CASE_METHOD(Connector, "a transaction takes effect whole or not at all") {
  sdk::CallContext context(call, nullptr, clock);
  CHECK(sql->Change(context,
                    [&](SqlSession& session) {
                      const absl::Status first = Insert(session, "a", 1, "");
                      return first.ok() ? Insert(session, "b", 2, "") : first;
                    })
            .ok());
  CHECK(Count() == 2);
  CHECK(sql->Change(context,
                    [&](SqlSession& session) {
                      const absl::Status first = Insert(session, "c", 3, "");
                      return first.ok() ? Insert(session, "a", 4, "") : first;
                    })
            .code() == absl::StatusCode::kAlreadyExists);
  CHECK(Count() == 2);
  CHECK(sql->Change(context,
                    [&](SqlSession& session) {
                      const absl::Status first = Insert(session, "d", 5, "");
                      return first.ok() ? absl::AbortedError("after all not") : first;
                    })
            .code() == absl::StatusCode::kAborted);
  CHECK(Count() == 2);
  CHECK(
      sql->Change(context, [&](SqlSession& session) { return Insert(session, "e", 6, ""); }).ok());
  CHECK(Count() == 3);
}

TEST_CASE_METHOD(Connector, "a change is rolled back when its caller has gone before the commit") {
  tests::KeptReply reply;
  sdk::CallContext context(call, &reply, clock);
  CHECK(sql->Change(context,
                    [&](SqlSession& session) {
                      const absl::Status first = Insert(session, "a", 1, "");
                      reply.Cancel();
                      return first;
                    })
            .code() == absl::StatusCode::kCancelled);
  CHECK(Count() == 0);
}

TEST_CASE_METHOD(Connector, "values come back as they went in") {
  sdk::CallContext context(call, nullptr, clock);
  const std::string text = "Ư'ơ \"%_\\ :name ; -- \xF0\x9F\x8F\x9B";
  const int64_t number = 9'007'199'254'740'993;
  REQUIRE(
      sql->Change(context, [&](SqlSession& session) { return Insert(session, text, number, ""); })
          .ok());
  const absl::Status read = sql->Read(context, true, [&](SqlSession& session) {
    return session
        .Run("all", {},
             [&](const SqlRow& row) {
               CHECK(row.columns == std::vector<std::string>{"name", "size", "note"});
               CHECK(row.values[0] == SqlValue(text));
               CHECK(row.values[1] == SqlValue(number));
               CHECK(row.values[2] == SqlValue());
               return absl::OkStatus();
             })
        .status();
  });
  CHECK(read.ok());
  CHECK(sql->Change(
               context,
               [&](SqlSession& session) { return Insert(session, std::string("a\0b", 3), 1, ""); })
            .code() == absl::StatusCode::kInvalidArgument);
}

TEST_CASE_METHOD(Connector, "rows have a limit") {
  sdk::CallContext context(call, nullptr, clock);
  const auto read = [&] {
    return sql->Read(context, false,
                     [&](SqlSession& session) { return session.Run("all", {}).status(); });
  };
  for (const char* name : {"a", "b", "c"}) {
    REQUIRE(sql->Change(context, [&](SqlSession& session) { return Insert(session, name, 1, ""); })
                .ok());
  }
  CHECK(read().ok());
  REQUIRE(
      sql->Change(context, [&](SqlSession& session) { return Insert(session, "d", 1, ""); }).ok());
  CHECK(read().code() == absl::StatusCode::kResourceExhausted);
  database.Execute("DELETE FROM things WHERE name = 'd'");
  CHECK(read().ok());
}

TEST_CASE_METHOD(Connector, "wrong SQL is an internal error that names the statement") {
  sdk::CallContext context(call, nullptr, clock);
  const auto run = [&](const char* name) {
    return sql->Read(context, false,
                     [&](SqlSession& session) { return session.Run(name, {}).status(); });
  };
  const absl::Status wrong = run("wrong");
  CHECK(wrong.code() == absl::StatusCode::kInternal);
  CHECK(std::string(wrong.message()).find("wrong") != std::string::npos);
  CHECK(run("missing").code() == absl::StatusCode::kInternal);
  CHECK(run("both").ok());
}

TEST_CASE_METHOD(Connector, "calls wait for a connection until their deadline") {
  sdk::CallContext context(call, nullptr, clock);
  sdk::AdapterCall short_call;
  short_call.deadline_nanos = clock.MonotonicNanos() + 50'000'000;
  sdk::CallContext waiting(short_call, nullptr, clock);
  const absl::Status outer = sql->Read(context, false, [&](SqlSession&) {
    return sql->Read(context, false, [&](SqlSession&) { return sql->Ping(waiting); });
  });
  CHECK(outer.code() == absl::StatusCode::kDeadlineExceeded);
  CHECK(sql->Ping(context).ok());
}

}  // namespace
}  // namespace ndx::connectors
