#include "ndx/tools/ndxctl/error_report.h"

#include <array>
#include <set>

#include "absl/strings/str_cat.h"
#include "absl/time/time.h"
#include "google/rpc/code.pb.h"
#include "google/rpc/status.pb.h"
#include "ndx/tools/ndxctl/json_object.h"
#include "ndx/tools/ndxctl/text_table.h"

namespace ndx::tools::ndxctl {
namespace {

const std::set<std::string>& ReasonsInDoubt() {
  static const auto* const kReasons = new std::set<std::string>(
      {"OUTCOME_UNKNOWN", "CHANGE_TIMED_OUT", "CHANGE_BROKEN_OFF", "ANSWER_NOT_RECORDED"});
  return *kReasons;
}

void TakeDetail(const google::protobuf::Any& any, ErrorReport& report) {
  google::rpc::ErrorInfo info;
  google::rpc::LocalizedMessage text;
  google::rpc::BadRequest bad_request;
  google::rpc::RequestInfo request;
  google::rpc::RetryInfo retry;
  if (any.UnpackTo(&info)) {
    report.reason = info.reason();
    const auto fault = info.metadata().find("fault");
    if (fault != info.metadata().end()) report.fault = fault->second;
  } else if (any.UnpackTo(&text)) {
    (text.locale() == "vi" ? report.text_vi : report.text_en) = text.message();
  } else if (any.UnpackTo(&request)) {
    report.exchange_id = request.request_id();
  } else if (any.UnpackTo(&retry)) {
    const absl::Duration delay = absl::Seconds(retry.retry_delay().seconds()) +
                                 absl::Nanoseconds(retry.retry_delay().nanos());
    report.retry_after = absl::FormatDuration(absl::Ceil(delay, absl::Milliseconds(1)));
  } else if (any.UnpackTo(&bad_request)) {
    for (const auto& violation : bad_request.field_violations()) {
      report.violations.push_back(absl::StrCat(violation.field(), ": ", violation.description()));
    }
  }
}

void PrintText(Terminal& terminal, const ErrorReport& report) {
  const absl::string_view reason = report.reason.empty() ? "" : " ";
  terminal.err << terminal.Paint(absl::StrCat(report.code, reason, Printable(report.reason)),
                                 Colour::kBad);
  if (!report.fault.empty()) terminal.err << " (" << Printable(report.fault) << ")";
  terminal.err << "\n";
  const bool vi_first = terminal.language == core::Language::kVietnamese;
  const std::string& first = vi_first ? report.text_vi : report.text_en;
  const std::string& second = vi_first ? report.text_en : report.text_vi;
  if (!first.empty()) terminal.err << Printable(first) << "\n";
  if (!second.empty()) terminal.err << terminal.Paint(Printable(second), Colour::kDim) << "\n";
  for (const std::string& violation : report.violations) {
    terminal.err << "  " << Printable(violation) << "\n";
  }
  if (!report.retry_after.empty()) terminal.err << "retry after " << report.retry_after << "\n";
  if (!report.exchange_id.empty()) {
    terminal.err << terminal.Say("exchange ", "giao dịch ") << Printable(report.exchange_id)
                 << "\n";
  }
}

void PrintJson(Terminal& terminal, const ErrorReport& report) {
  JsonObject error;
  error.Add("code", report.code);
  error.AddUnlessEmpty("reason", report.reason);
  error.AddUnlessEmpty("fault", report.fault);
  error.AddUnlessEmpty("text_vi", report.text_vi);
  error.AddUnlessEmpty("text_en", report.text_en);
  error.AddUnlessEmpty("exchange_id", report.exchange_id);
  error.AddUnlessEmpty("retry_after", report.retry_after);
  if (!report.violations.empty()) error.Add("violations", report.violations);
  JsonObject json;
  json.Add("error", error);
  terminal.out << json.ToString() << "\n";
}

}  // namespace

std::string CodeName(int code) {
  if (!google::rpc::Code_IsValid(code)) return absl::StrCat(code);
  return google::rpc::Code_Name(static_cast<google::rpc::Code>(code));
}

ErrorReport ErrorReport::Of(const grpc::Status& status) {
  ErrorReport report{.code = CodeName(status.error_code()), .text_en = status.error_message()};
  google::rpc::Status details;
  if (details.ParseFromString(status.error_details())) {
    for (const auto& any : details.details()) TakeDetail(any, report);
  }
  return report;
}

ExitCode ExitCodeOf(const grpc::Status& status) {
  if (status.ok()) return ExitCode::kOk;
  const ErrorReport report = ErrorReport::Of(status);
  if (ReasonsInDoubt().count(report.reason) > 0) return ExitCode::kInDoubt;
  switch (status.error_code()) {
    case grpc::StatusCode::PERMISSION_DENIED:
    case grpc::StatusCode::UNAUTHENTICATED:
      return ExitCode::kNotAllowed;
    case grpc::StatusCode::NOT_FOUND:
    case grpc::StatusCode::UNIMPLEMENTED:
      return ExitCode::kNotFound;
    case grpc::StatusCode::UNAVAILABLE:
      // With a reason, the node answered; without one, nobody did.
      return report.reason.empty() ? ExitCode::kUnreachable : ExitCode::kFailed;
    default:
      return ExitCode::kFailed;
  }
}

ExitCode Report(Terminal& terminal, const grpc::Status& status) {
  const ErrorReport report = ErrorReport::Of(status);
  if (terminal.json()) {
    PrintJson(terminal, report);
  } else {
    PrintText(terminal, report);
  }
  return ExitCodeOf(status);
}

ExitCode Explain(const absl::Status& status, Terminal& terminal) {
  ExitCode code = ExitCode::kFailed;
  if (absl::IsInvalidArgument(status)) code = ExitCode::kUsage;
  if (absl::IsDataLoss(status) || absl::IsPermissionDenied(status)) code = ExitCode::kNotIntact;
  if (absl::IsNotFound(status)) code = ExitCode::kNotFound;
  return Complain(terminal, std::string(status.message()), code);
}

ExitCode Complain(Terminal& terminal, const std::string& text, ExitCode code) {
  terminal.err << "ndxctl: " << text << "\n";
  return code;
}

}  // namespace ndx::tools::ndxctl
