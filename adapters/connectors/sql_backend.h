// The backend of an adapter whose database is reached by SQL. An adapter without code of its own
// uses it as it is; others derive and add methods.
//
//   return BuildSqlAdapter(clock, files, Describe(…), std::make_unique<LandBackend>(*database));
//
// Thread-safety: thread-safe; methods are called from worker threads.
// Ownership: owns the database.
#pragma once

#include <memory>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "google/protobuf/descriptor.h"
#include "ndx/adapters/connectors/adapter_files.h"
#include "ndx/adapters/connectors/kept_answers.h"
#include "ndx/adapters/connectors/sql_database.h"
#include "ndx/adapters/sdk/adapter.h"
#include "ndx/adapters/sdk/adapter_backend.h"
#include "ndx/adapters/sdk/method_table.h"
#include "ndx/core/clock.h"

namespace ndx::connectors {

class SqlBackend : public sdk::AdapterBackend {
 public:
  explicit SqlBackend(std::unique_ptr<SqlDatabase> database)
      : database_(std::move(database)), kept_answers_(*database_) {}

  absl::Status CheckDatabase(sdk::CallContext& context) override;
  // By the kept answers where the mapping has them; else nothing changes here, and it is NOT_DONE.
  absl::StatusOr<adapter::v1::GetExchangeStatusResponse> FindExchange(
      absl::string_view idempotency_key, sdk::CallContext& context) override;

  // Adds the methods that are code. The mapping's come after them.
  virtual void AddMethods(sdk::MethodTable& methods) { (void)methods; }

  // Checks a request of a configured method beyond what its options say.
  virtual absl::Status CheckConfigured(const google::protobuf::Message& request) const {
    (void)request;
    return absl::OkStatus();
  }

  SqlDatabase& database() { return *database_; }
  KeptAnswers& kept_answers() { return kept_answers_; }

 private:
  const std::unique_ptr<SqlDatabase> database_;
  KeptAnswers kept_answers_;
};

// Puts backend, code and mapping together. kInvalidArgument when the mapping does not fit the
// service, or a method has neither code nor statements.
absl::StatusOr<std::unique_ptr<sdk::Adapter>> BuildSqlAdapter(
    const core::Clock& clock, const AdapterFiles& files, sdk::AdapterDescriptor descriptor,
    const google::protobuf::ServiceDescriptor& service, std::unique_ptr<SqlBackend> backend);

}  // namespace ndx::connectors
