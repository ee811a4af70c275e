#include "ndx/adapters/population/population_adapter.h"

#include <string>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "citizen_lists.h"
#include "ndx/adapters/connectors/message_path.h"
#include "ndx/adapters/connectors/sql_backend.h"
#include "ndx/adapters/sdk/error_details.h"
#include "ndx/core/status_macros.h"
#include "ndx/population/v1/population_service.pb.h"

namespace ndx::population {

absl::string_view DescriptorSet();

namespace {

using connectors::SqlRow;
using connectors::SqlSession;

// People in one piece of a file: about 100 KiB of text.
constexpr int64_t kPeopleInPiece = 1000;

// RFC 4180: quoted where a comma, a quote or a line end stands in it.
std::string CsvField(const std::string& text) {
  if (text.find_first_of(",\"\r\n") == std::string::npos) return text;
  return absl::StrCat("\"", absl::StrReplaceAll(text, {{"\"", "\"\""}}), "\"");
}

std::string CsvLine(const v1::ListedCitizen& citizen) {
  return absl::StrCat(citizen.citizen_id(), ",", CsvField(citizen.full_name()), ",",
                      static_cast<int>(citizen.gender()), ",", citizen.birth_date(), ",",
                      citizen.province_code(), ",", citizen.commune_code(), "\r\n");
}

class PopulationBackend final : public connectors::SqlBackend {
 public:
  PopulationBackend(const core::Clock& clock, std::unique_ptr<connectors::SqlDatabase> database)
      : SqlBackend(std::move(database)), lists_(clock, this->database()) {
    lists_.Wake();
  }
  ~PopulationBackend() override { lists_.Stop(); }

  void AddMethods(sdk::MethodTable& methods) override {
    methods.Unary("SubmitCitizenList", *this, &PopulationBackend::SubmitCitizenList);
    methods.ServerStream("GetCitizenListFile", *this, &PopulationBackend::GetCitizenListFile);
    methods.Unary("DeleteCitizenList", *this, &PopulationBackend::DeleteCitizenList);
  }

  absl::Status CheckDatabase(sdk::CallContext& context) override {
    absl::Status answers = SqlBackend::CheckDatabase(context);
    if (answers.ok()) lists_.Wake();
    return answers;
  }

 private:
  absl::Status SubmitCitizenList(const v1::SubmitCitizenListRequest& request,
                                 v1::SubmitCitizenListResponse& answer, sdk::CallContext& context) {
    if (request.criteria().ByteSizeLong() == 0) {
      return sdk::FieldError("criteria", "needs one criterion at least");
    }
    // The key makes the number: asked again, it is the same request.
    const std::string number =
        absl::StrCat("YC", absl::StrReplaceAll(context.call().idempotency_key, {{"-", ""}}));
    NDX_RETURN_IF_ERROR(kept_answers().Once(context, answer, [&](SqlSession& session) {
      answer.set_request_number(number);
      answer.set_state(v1::CITIZEN_LIST_STATE_WAITING);
      return session
          .Run("insert_list", {.request = &request, .values = {{"request_number", number}}})
          .status();
    }));
    lists_.Wake();
    return absl::OkStatus();
  }

  absl::Status GetCitizenListFile(const v1::GetCitizenListFileRequest& request,
                                  sdk::TypedStream<v1::GetCitizenListFileResponse>& pieces,
                                  sdk::CallContext& context) {
    v1::GetCitizenListStatusResponse status;
    NDX_RETURN_IF_ERROR(database().Read(context, /*one_state=*/false, [&](SqlSession& session) {
      const auto rows = session.RunInto("list_status", {.request = &request}, status, "");
      if (rows.ok() && *rows == 0) status.set_state(v1::CITIZEN_LIST_STATE_NOT_FOUND);
      return rows.status();
    }));
    v1::GetCitizenListFileResponse piece;
    piece.set_state(status.state());
    if (status.state() != v1::CITIZEN_LIST_STATE_DONE) return pieces.Write(piece);
    piece.set_csv_text("citizen_id,full_name,gender,birth_date,province_code,commune_code\r\n");
    return StreamPeople(request, std::move(piece), pieces, context);
  }

  // A connection is held for one piece only, however slow the reader is.
  absl::Status StreamPeople(const v1::GetCitizenListFileRequest& request,
                            v1::GetCitizenListFileResponse piece,
                            sdk::TypedStream<v1::GetCitizenListFileResponse>& pieces,
                            sdk::CallContext& context) {
    std::string after;
    for (uint64_t rows = kPeopleInPiece; rows == kPeopleInPiece;) {
      const SqlSession::Input input{.request = &request,
                                    .values = {{"after", after}, {"rows", kPeopleInPiece}}};
      const absl::Status read =
          database().Read(context, /*one_state=*/false, [&](SqlSession& session) {
            const auto given = session.Run("list_after", input, [&](const SqlRow& row) {
              v1::ListedCitizen citizen;
              NDX_RETURN_IF_ERROR(connectors::WriteRow(citizen, row));
              piece.mutable_csv_text()->append(CsvLine(citizen));
              after = citizen.citizen_id();
              return absl::OkStatus();
            });
            rows = given.ok() ? *given : 0;
            return given.status();
          });
      NDX_RETURN_IF_ERROR(read);
      NDX_RETURN_IF_ERROR(pieces.Write(piece));
      piece.clear_csv_text();
    }
    return absl::OkStatus();
  }

  absl::Status DeleteCitizenList(const v1::DeleteCitizenListRequest& request,
                                 v1::DeleteCitizenListResponse& answer, sdk::CallContext& context) {
    return kept_answers().Once(context, answer, [&](SqlSession& session) {
      const auto rows = session.Run("delete_list", {.request = &request});
      if (!rows.ok()) return rows.status();
      answer.set_deleted(*rows > 0);
      if (*rows == 0) return absl::OkStatus();
      return session
          .Run("delete_list_items", {.values = {{"request_number", request.request_number()}}})
          .status();
    });
  }

  CitizenLists lists_;
};

}  // namespace

absl::StatusOr<std::unique_ptr<sdk::Adapter>> MakePopulationAdapter(
    const core::Clock& clock, const connectors::AdapterFiles& files) {
  const auto& service =
      *v1::VerifyCitizenRequest::descriptor()->file()->FindServiceByName("PopulationService");
  NDX_ASSIGN_OR_RETURN(auto database,
                       connectors::SqlDatabase::Open(clock, files.DatabaseOptions()));
  return connectors::BuildSqlAdapter(
      clock, files,
      sdk::DescribeAdapter("population", service, "Cơ sở dữ liệu quốc gia về dân cư",
                           DescriptorSet()),
      service, std::make_unique<PopulationBackend>(clock, std::move(database)));
}

}  // namespace ndx::population
