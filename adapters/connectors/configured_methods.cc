#include "ndx/adapters/connectors/configured_methods.h"

#include <map>
#include <string>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "ndx/adapters/connectors/message_path.h"
#include "ndx/adapters/connectors/sql_text.h"
#include "ndx/adapters/sdk/error_details.h"
#include "ndx/core/status_macros.h"

namespace ndx::connectors {
namespace {

using connector::v1::SqlMapping;
using connector::v1::SqlMethod;
using connector::v1::SqlStatement;
using google::protobuf::Descriptor;
using google::protobuf::FieldDescriptor;
using google::protobuf::Message;

absl::Status Wrong(const SqlMethod& method, absl::string_view what) {
  return absl::InvalidArgumentError(absl::StrCat("method ", method.method(), ": ", what));
}

absl::Status CheckPlaceholders(const SqlMethod& method, const SqlStatement& statement,
                               const Descriptor& request) {
  std::map<std::string, std::string> fields;
  for (const auto& parameter : statement.parameters()) fields[parameter.name()] = parameter.field();
  for (const std::string* text : {&statement.sql(), &statement.sqlite(), &statement.postgresql()}) {
    for (const std::string& name : PlaceholdersOf(*text)) {
      const auto given = fields.find(name);
      const std::string& path = given == fields.end() ? name : given->second;
      if (path[0] == '$') continue;
      if (const auto field = FieldAt(request, path); !field.ok()) {
        return Wrong(method,
                     absl::StrCat("statement ", statement.name(), ": ", field.status().message()));
      }
    }
  }
  return absl::OkStatus();
}

absl::Status CheckOutcome(const SqlMethod& method, const Descriptor& answer) {
  const auto field = FieldAt(answer, method.outcome().field());
  if (!field.ok() || (*field)->cpp_type() != FieldDescriptor::CPPTYPE_ENUM) {
    return Wrong(method, absl::StrCat("outcome field ", method.outcome().field(), " is no enum"));
  }
  for (const std::string& value : {method.outcome().found(), method.outcome().none()}) {
    if (!value.empty() && (*field)->enum_type()->FindValueByName(value) == nullptr) {
      return Wrong(method, absl::StrCat("outcome has no value ", value));
    }
  }
  return absl::OkStatus();
}

absl::Status CheckMethod(const SqlMapping& mapping, const SqlMethod& method,
                         const google::protobuf::MethodDescriptor& declared) {
  const Descriptor& request = *declared.input_type();
  const Descriptor& answer = *declared.output_type();
  if (declared.server_streaming()) return Wrong(method, "a stream cannot be configured");
  for (const auto& step : method.steps()) {
    const SqlStatement* statement = nullptr;
    for (const auto& candidate : mapping.statements()) {
      if (candidate.name() == step.statement()) statement = &candidate;
    }
    if (statement == nullptr) return Wrong(method, absl::StrCat("no statement ", step.statement()));
    NDX_RETURN_IF_ERROR(CheckPlaceholders(method, *statement, request));
    if (step.into().empty()) continue;
    const auto into = FieldAt(answer, step.into());
    if (!into.ok() || (*into)->cpp_type() != FieldDescriptor::CPPTYPE_MESSAGE) {
      return Wrong(method, absl::StrCat("into ", step.into(), " is no message of the answer"));
    }
  }
  for (const std::string& path : method.needs_one_of()) {
    if (!FieldAt(request, path).ok()) return Wrong(method, absl::StrCat("no request field ", path));
  }
  if (method.has_outcome()) NDX_RETURN_IF_ERROR(CheckOutcome(method, answer));
  if (method.has_page() && !FieldAt(request, "limit").ok()) {
    return Wrong(method, "a page needs the request field limit");
  }
  return absl::OkStatus();
}

absl::Status RunSteps(const SqlMethod& method, const SqlSession::Input& input, SqlSession& session,
                      Message& answer) {
  for (int i = 0; i < method.steps_size(); ++i) {
    const auto& step = method.steps(i);
    NDX_ASSIGN_OR_RETURN(const uint64_t rows,
                         session.RunInto(step.statement(), input, answer, step.into()));
    if (i > 0 || !method.has_outcome()) continue;
    const auto& outcome = method.outcome();
    const std::string& value = rows > 0 ? outcome.found() : outcome.none();
    if (!value.empty()) NDX_RETURN_IF_ERROR(WriteEnum(answer, outcome.field(), value));
    if (rows == 0) return absl::OkStatus();
  }
  return absl::OkStatus();
}

absl::Status Serve(const SqlMethod& method, SqlDatabase& database, const RequestCheck& check,
                   const Message& request, Message& answer, sdk::CallContext& context) {
  if (check != nullptr) NDX_RETURN_IF_ERROR(check(request));
  if (check != nullptr) NDX_RETURN_IF_ERROR(check(request));
  bool given = method.needs_one_of().empty();
  for (const std::string& path : method.needs_one_of()) {
    NDX_ASSIGN_OR_RETURN(const bool here, IsGiven(request, path));
    given = given || here;
  }
  if (!given) {
    return sdk::FieldError(
        method.needs_one_of(0),
        absl::StrCat("is required (one of: ", absl::StrJoin(method.needs_one_of(), ", "), ")"));
  }
  SqlSession::Input input{.request = &request};
  if (method.has_page()) {
    NDX_ASSIGN_OR_RETURN(input.values, PageValues(request, method.page()));
  }
  return database.Read(context, /*one_state=*/method.steps_size() > 1, [&](SqlSession& session) {
    return RunSteps(method, input, session, answer);
  });
}

}  // namespace

absl::Status AddConfiguredMethods(const SqlMapping& mapping, SqlDatabase& database,
                                  const RequestCheck& check, sdk::MethodTable& methods) {
  for (const SqlMethod& method : mapping.methods()) {
    const auto* declared = methods.service().FindMethodByName(method.method());
    if (declared == nullptr) {
      return Wrong(method, absl::StrCat("is no method of ", methods.service().full_name()));
    }
    if (methods.Find(absl::StrCat("/", methods.service().full_name(), "/", method.method())) !=
        nullptr) {
      return Wrong(method, "is served already");
    }
    NDX_RETURN_IF_ERROR(CheckMethod(mapping, method, *declared));
    methods.AddUnary(method.method(),
                     [method, &database, check](const Message& request, Message& answer,
                                                sdk::CallContext& context) {
                       return Serve(method, database, check, request, answer, context);
                     });
  }
  return absl::OkStatus();
}

absl::StatusOr<SqlValues> PageValues(const Message& request, const connector::v1::SqlPage& page) {
  SqlValue offset = int64_t{0};
  if (FieldAt(*request.GetDescriptor(), "offset").ok()) {
    NDX_ASSIGN_OR_RETURN(offset, ReadField(request, "offset"));
  }
  NDX_ASSIGN_OR_RETURN(const SqlValue limit, ReadField(request, "limit"));
  const int64_t rows = std::get<int64_t>(limit);
  if (rows > page.rows_max()) {
    return sdk::FieldError("limit", absl::StrCat("is at most ", page.rows_max()));
  }
  if (std::get<int64_t>(offset) > static_cast<int64_t>(kPageOffsetMax)) {
    return sdk::FieldError("offset", absl::StrCat("is at most ", kPageOffsetMax));
  }
  return SqlValues{{"offset", offset}, {"limit", rows == 0 ? int64_t{page.rows()} : rows}};
}

}  // namespace ndx::connectors
