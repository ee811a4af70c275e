#include "ndx/adapters/connectors/sql_backend.h"

#include <utility>

#include "absl/strings/str_cat.h"
#include "ndx/adapters/connectors/configured_methods.h"
#include "ndx/adapters/sdk/typed_adapter.h"
#include "ndx/core/status_macros.h"

namespace ndx::connectors {

absl::Status SqlBackend::CheckDatabase(sdk::CallContext& context) {
  return database_->Ping(context);
}

absl::StatusOr<adapter::v1::GetExchangeStatusResponse> SqlBackend::FindExchange(
    absl::string_view idempotency_key, sdk::CallContext& context) {
  if (!database_->HasStatement("find_kept_answer")) {
    return AdapterBackend::FindExchange(idempotency_key, context);
  }
  return kept_answers_.Find(idempotency_key, context);
}

absl::StatusOr<std::unique_ptr<sdk::Adapter>> BuildSqlAdapter(
    const core::Clock& clock, const AdapterFiles& files, sdk::AdapterDescriptor descriptor,
    const google::protobuf::ServiceDescriptor& service, std::unique_ptr<SqlBackend> backend) {
  sdk::MethodTable methods(service);
  backend->AddMethods(methods);
  const auto check = [&kept = *backend](const google::protobuf::Message& request) {
    return kept.CheckConfigured(request);
  };
  NDX_RETURN_IF_ERROR(AddConfiguredMethods(files.mapping, backend->database(), check, methods));
  if (const std::string unserved = methods.FirstUnserved(); !unserved.empty()) {
    return absl::InvalidArgumentError(absl::StrCat(files.settings.mapping_file(), ": method ",
                                                   unserved, " of ", service.full_name(),
                                                   " has no entry"));
  }
  const auto& workers = files.settings.workers();
  sdk::TypedAdapterOptions options;
  options.workers = {
      .threads = workers.threads(), .queue_max = workers.queue(), .name = descriptor.name};
  return std::make_unique<sdk::TypedAdapter>(clock, std::move(descriptor), std::move(methods),
                                             std::move(backend), std::move(options));
}

}  // namespace ndx::connectors
