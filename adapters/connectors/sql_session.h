// A connection in the hands of one call: runs the statements of the mapping by name.
//
// Thread-safety: one thread at a time.
// Ownership: everything it was made of must outlive it; it lives inside SqlDatabase::Read and
// Change.
// Errors: those of SqlConnection; kCancelled and kDeadlineExceeded of the call.
#pragma once

#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "google/protobuf/message.h"
#include "ndx/adapters/connectors/sql_value.h"
#include "ndx/adapters/sdk/call_context.h"

namespace ndx::connectors {

class SqlConnection;
class StatementCatalogue;

class SqlSession {
 public:
  SqlSession(SqlConnection& connection, const StatementCatalogue& statements,
             const sdk::CallContext& context)
      : connection_(connection), statements_(statements), context_(context) {}

  // What a statement is given beside its name.
  struct Input {
    const google::protobuf::Message* request = nullptr;
    SqlValues values;  // by the name after "$"
  };

  // Runs a statement. The result is the number of rows given, or changed where it gives none.
  absl::StatusOr<uint64_t> Run(absl::string_view statement, const Input& input,
                               const SqlRowSink& sink = nullptr);

  // Runs a statement whose rows fill the answer: each row a new element of the repeated message at
  // the path, or the only row the message there (the answer itself for an empty path).
  absl::StatusOr<uint64_t> RunInto(absl::string_view statement, const Input& input,
                                   google::protobuf::Message& answer, absl::string_view path);

  const sdk::CallContext& context() const { return context_; }

 private:
  SqlConnection& connection_;
  const StatementCatalogue& statements_;
  const sdk::CallContext& context_;
};

}  // namespace ndx::connectors
