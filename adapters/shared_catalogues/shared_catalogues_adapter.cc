#include "ndx/adapters/shared_catalogues/shared_catalogues_adapter.h"

#include <string>
#include <utility>

#include "catalogue_filler.h"
#include "catalogue_rules.h"
#include "ndx/adapters/connectors/sql_backend.h"
#include "ndx/adapters/sdk/error_details.h"
#include "ndx/core/status_macros.h"
#include "ndx/shared_catalogues/v1/shared_catalogues_service.pb.h"

namespace ndx::shared_catalogues {

absl::string_view DescriptorSet();

namespace {

using connectors::SqlSession;

class SharedCataloguesBackend final : public connectors::SqlBackend {
 public:
  using SqlBackend::SqlBackend;

  void AddMethods(sdk::MethodTable& methods) override {
    methods.Unary("UpsertRows", *this, &SharedCataloguesBackend::UpsertRows);
  }

  absl::Status CheckConfigured(const google::protobuf::Message& request) const override {
    const auto* rows = dynamic_cast<const v1::ListRowsRequest*>(&request);
    if (rows == nullptr || rows->valid_on().empty() || IsDay(rows->valid_on())) {
      return absl::OkStatus();
    }
    return sdk::FieldError("valid_on", "is no date yyyy-MM-dd");
  }

 private:
  absl::Status UpsertRows(const v1::UpsertRowsRequest& request, v1::UpsertRowsResponse& answer,
                          sdk::CallContext& context) {
    return kept_answers().Once(
        context, answer, [&](SqlSession& session) { return WriteRows(request, answer, session); });
  }

  // Inside the transaction: all rows or none.
  static absl::Status WriteRows(const v1::UpsertRowsRequest& request,
                                v1::UpsertRowsResponse& answer, SqlSession& session) {
    const SqlSession::Input catalogue{.request = &request,
                                      .values = {{"catalogue_code", request.catalogue_code()}}};
    NDX_ASSIGN_OR_RETURN(const uint64_t there, session.Run("catalogue_exists", catalogue));
    if (there == 0) {
      answer.set_outcome(v1::UPSERT_OUTCOME_CATALOGUE_NOT_FOUND);
      return absl::OkStatus();
    }
    v1::GetColumnsResponse columns;
    NDX_RETURN_IF_ERROR(session.RunInto("columns", catalogue, columns, "columns").status());
    FindProblems(columns.columns(), request.rows(), answer);
    if (answer.problems_size() > 0) {
      answer.set_outcome(v1::UPSERT_OUTCOME_ROWS_REJECTED);
      return absl::OkStatus();
    }
    NDX_RETURN_IF_ERROR(session.Run("touch_catalogue", catalogue).status());
    for (const auto& row : request.rows()) {
      const SqlSession::Input stored{
          .values = StoredRow(request.catalogue_code(), columns.columns(), row)};
      NDX_ASSIGN_OR_RETURN(const uint64_t updated, session.Run("update_row", stored));
      if (updated > 0) {
        answer.set_updated_count(answer.updated_count() + 1);
        continue;
      }
      NDX_RETURN_IF_ERROR(session.Run("insert_row", stored).status());
      answer.set_inserted_count(answer.inserted_count() + 1);
    }
    answer.set_outcome(v1::UPSERT_OUTCOME_DONE);
    return absl::OkStatus();
  }
};

}  // namespace

absl::StatusOr<std::unique_ptr<sdk::Adapter>> MakeSharedCataloguesAdapter(
    const core::Clock& clock, const connectors::AdapterFiles& files) {
  const auto& service =
      *v1::ListRowsRequest::descriptor()->file()->FindServiceByName("SharedCataloguesService");
  NDX_ASSIGN_OR_RETURN(CatalogueFiller filler, CatalogueFiller::Read(files.settings.seed_file()));
  connectors::SqlDatabaseOptions options = files.DatabaseOptions();
  options.fill = [filler = std::move(filler)](SqlSession& session) { return filler.Fill(session); };
  NDX_ASSIGN_OR_RETURN(auto database, connectors::SqlDatabase::Open(clock, std::move(options)));
  return connectors::BuildSqlAdapter(
      clock, files,
      sdk::DescribeAdapter("shared_catalogues", service, "Hệ thống danh mục điện tử dùng chung",
                           DescriptorSet()),
      service, std::make_unique<SharedCataloguesBackend>(std::move(database)));
}

}  // namespace ndx::shared_catalogues
