#include "ndx/tools/ndxctl/error_report.h"

#include <catch2/catch.hpp>
#include <sstream>
#include <string>

#include "ndx/console/refusal_status.h"

namespace ndx::tools::ndxctl {
namespace {

using Catch::Contains;

grpc::Status StatusOf(const core::Refusal& refusal) {
  const auto wire = console::ToWireStatus(console::RefusalStatus(refusal));
  return {static_cast<grpc::StatusCode>(wire.code), wire.message, wire.details_bin};
}

const core::Refusal kNoGrant = {
    .reason = exchange::v1::ERROR_REASON_NO_GRANT,
    .parameters = {{"system", "VN:GOV:H55:mot-cua"}, {"method", "LookUp"}, {"owner", "G01"}},
    .violations = {{.field = "name", .description_vi = "thiếu", .description_en = "missing"}},
    .retry_after = absl::Seconds(90)};

TEST_CASE("an error shows code, reason, fault and both texts, the operator's language first") {
  for (const auto language : {core::Language::kEnglish, core::Language::kVietnamese}) {
    std::ostringstream out;
    std::ostringstream err;
    Terminal terminal{.out = out, .err = err, .language = language};
    CHECK(Report(terminal, StatusOf(kNoGrant)) == ExitCode::kNotAllowed);
    INFO(err.str());
    CHECK_THAT(err.str(), Catch::StartsWith("PERMISSION_DENIED NO_GRANT (consumer)\n"));
    const size_t en = err.str().find("has no grant for LookUp");
    const size_t vi = err.str().find("chưa có quyền khai thác LookUp");
    REQUIRE(en != std::string::npos);
    REQUIRE(vi != std::string::npos);
    CHECK((en < vi) == (language == core::Language::kEnglish));
    CHECK_THAT(err.str(), Contains("  name: thiếu / missing\n") && Contains("retry after 1m30s"));
    CHECK(out.str().empty());
  }
}

TEST_CASE("with JSON output the error is an object on the output") {
  std::ostringstream out;
  std::ostringstream err;
  Terminal terminal{.out = out, .err = err, .format = OutputFormat::kJson};
  Report(terminal, StatusOf(kNoGrant));
  CHECK_THAT(out.str(), Contains(R"("reason":"NO_GRANT")") && Contains(R"("fault":"consumer")"));
  CHECK(err.str().empty());
}

TEST_CASE("an error that is not of NDX is shown as it is, made safe for the terminal") {
  std::ostringstream out;
  Terminal terminal{.out = out, .err = out};
  CHECK(Report(terminal, {grpc::StatusCode::UNAVAILABLE, "connect: \x1b[2Jfailed"}) ==
        ExitCode::kUnreachable);
  CHECK(out.str() == "UNAVAILABLE\nconnect: ?[2Jfailed\n");
}

TEST_CASE("exit codes say what a script has to do next") {
  using exchange::v1::ErrorReason;
  struct Case {
    ErrorReason reason;
    ExitCode code;
  };
  const Case cases[] = {
      {exchange::v1::ERROR_REASON_CERTIFICATE_EXPIRED, ExitCode::kNotAllowed},
      {exchange::v1::ERROR_REASON_OPERATOR_ROLE_MISSING, ExitCode::kNotAllowed},
      {exchange::v1::ERROR_REASON_METHOD_UNKNOWN, ExitCode::kNotFound},
      {exchange::v1::ERROR_REASON_EXCHANGE_UNKNOWN, ExitCode::kNotFound},
      {exchange::v1::ERROR_REASON_PROVIDER_DOWN, ExitCode::kFailed},
      {exchange::v1::ERROR_REASON_FIELD_INVALID, ExitCode::kFailed},
      {exchange::v1::ERROR_REASON_OUTCOME_UNKNOWN, ExitCode::kInDoubt},
      {exchange::v1::ERROR_REASON_CHANGE_TIMED_OUT, ExitCode::kInDoubt},
      {exchange::v1::ERROR_REASON_CHANGE_BROKEN_OFF, ExitCode::kInDoubt},
      {exchange::v1::ERROR_REASON_ANSWER_NOT_RECORDED, ExitCode::kInDoubt},
  };
  for (const Case& c : cases) {
    INFO(core::ReasonName(c.reason));
    CHECK(ExitCodeOf(StatusOf({.reason = c.reason})) == c.code);
  }
  CHECK(ExitCodeOf(grpc::Status::OK) == ExitCode::kOk);
}

TEST_CASE("codes have their names") {
  CHECK(CodeName(0) == "OK");
  CHECK(CodeName(16) == "UNAUTHENTICATED");
  CHECK(CodeName(99) == "99");
}

}  // namespace
}  // namespace ndx::tools::ndxctl
