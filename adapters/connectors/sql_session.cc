#include "ndx/adapters/connectors/sql_session.h"

#include "absl/strings/str_cat.h"
#include "ndx/adapters/connectors/message_path.h"
#include "ndx/core/status_macros.h"
#include "sql_connection.h"
#include "statement_catalogue.h"

namespace ndx::connectors {

absl::StatusOr<uint64_t> SqlSession::Run(absl::string_view statement, const Input& input,
                                         const SqlRowSink& sink) {
  const Statement* found = statements_.Find(statement);
  if (found == nullptr) {
    return absl::InternalError(absl::StrCat("the mapping has no statement ", statement));
  }
  NDX_RETURN_IF_ERROR(context_.Check());
  NDX_ASSIGN_OR_RETURN(const std::vector<SqlValue> values,
                       BindValues(*found, input.request, input.values, context_));
  NDX_RETURN_IF_ERROR(connection_.LimitUntil(context_.call().deadline_nanos));
  absl::StatusOr<uint64_t> rows = connection_.Run(*found, values, sink);
  // A statement that was stopped: the call knows whether by its caller.
  if (rows.status().code() == absl::StatusCode::kDeadlineExceeded && context_.cancelled()) {
    return absl::CancelledError("the caller has gone");
  }
  return rows;
}

absl::StatusOr<uint64_t> SqlSession::RunInto(absl::string_view statement, const Input& input,
                                             google::protobuf::Message& answer,
                                             absl::string_view path) {
  bool single = true;
  if (!path.empty()) {
    NDX_ASSIGN_OR_RETURN(const auto* field, FieldAt(*answer.GetDescriptor(), path));
    single = !field->is_repeated();
  }
  uint64_t rows = 0;
  return Run(statement, input, [&](const SqlRow& row) {
    if (single && ++rows > 1) {
      return absl::InternalError(absl::StrCat("statement ", statement, " gives more than one row"));
    }
    const auto target = RowTarget(answer, path);
    if (!target.ok()) return target.status();
    absl::Status written = WriteRow(**target, row);
    if (written.ok()) return written;
    return absl::InternalError(absl::StrCat("statement ", statement, ": ", written.message()));
  });
}

}  // namespace ndx::connectors
