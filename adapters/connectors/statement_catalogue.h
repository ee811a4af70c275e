// The statements of a mapping file, checked and ready for one kind of database.
//
// Thread-safety: immutable after construction.
// Errors: kInvalidArgument with the name of the statement.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "google/protobuf/message.h"
#include "ndx/adapters/connectors/sql_value.h"
#include "ndx/adapters/sdk/call_context.h"
#include "ndx/connector/v1/sql_mapping.pb.h"

namespace ndx::connectors {

enum class Dialect { kSqlite, kPostgresql };

struct Statement {
  // Where the value of a placeholder comes from; "$…" are values of the call.
  struct Placeholder {
    std::string name;
    std::string field;
    connector::v1::SqlTransform transform = connector::v1::SQL_TRANSFORM_UNSPECIFIED;
    bool empty_is_null = false;
  };

  std::string name;
  std::string sql;
  std::vector<Placeholder> placeholders;
  bool returns_rows = false;
  size_t rows_max = 0;
};

class StatementCatalogue {
 public:
  static absl::StatusOr<StatementCatalogue> Build(const connector::v1::SqlMapping& mapping,
                                                  Dialect dialect);

  // Null when there is none.
  const Statement* Find(absl::string_view name) const;

 private:
  std::map<std::string, Statement, std::less<>> statements_;
};

// The values to bind, in the order of the placeholders. request may be null for a statement that
// needs none. kInvalidArgument when a text holds a NUL byte (PostgreSQL's protocol would cut it
// there); kInternal when nothing supplies a value.
absl::StatusOr<std::vector<SqlValue>> BindValues(const Statement& statement,
                                                 const google::protobuf::Message* request,
                                                 const SqlValues& supplied,
                                                 const sdk::CallContext& context);

}  // namespace ndx::connectors
