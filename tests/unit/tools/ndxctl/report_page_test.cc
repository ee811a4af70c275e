#include "ndx/tools/ndxctl/report_page.h"

#include <catch2/catch.hpp>
#include <string>

#include "absl/strings/str_cat.h"
#include "ndx/console/exchange_view.h"
#include "ndx/tests/unit/console/console_fixture.h"

namespace ndx::tools::ndxctl {
namespace {

namespace api = console::v1;

using Catch::Contains;

constexpr char kHostile[] = "<script>alert('1')</script>";

api::SubjectReport ReportOf(int rows) {
  api::SubjectReport report;
  report.add_subjects("999085001234");
  report.add_subjects("insured:9990123456");
  *report.mutable_made() = console::ToTimestamp(absl::FromUnixSeconds(1'800'000'000));
  report.set_complete(true);
  auto& source = *report.add_sources();
  source.set_origin("lgsp.test/journal/1");
  source.set_node("VN:GOV:H55:lgsp");
  source.set_verdict(api::SOURCE_VERDICT_VERIFIED);
  source.set_tree_size(1234);
  source.set_searched_to(1200);
  source.set_root(std::string(64, 'e'));
  source.set_operator_name("thanh-tra");
  source.set_reason("đơn 17/2026");
  for (int i = 0; i < rows; ++i) {
    auto& row = *report.add_rows();
    row.set_exchange_id(tests::ExchangeIdText(i));
    *row.mutable_time() = console::ToTimestamp(absl::FromUnixSeconds(1'790'000'000 + i));
    row.set_consumer("VN:GOV:H55:mot-cua");
    row.set_method("/probe.v1.PeopleService/LookUp");
    row.set_purpose("tthc");
    row.set_state(api::EXCHANGE_STATE_ANSWERED);
    row.set_field_set(1);
    auto& record = *row.add_records();
    record.set_origin(source.origin());
    record.add_leaves(static_cast<uint64_t>(i));
    record.mutable_officer()->set_reference(std::string(32, 'a'));
    record.mutable_officer()->set_key_year(2026);
  }
  report.mutable_counts()->set_exchanges(static_cast<uint32_t>(rows));
  auto& set = *report.add_field_sets();
  set.set_number(1);
  set.set_method("/probe.v1.PeopleService/LookUp");
  set.set_basis(api::FIELD_BASIS_GRANT);
  auto& field = *set.add_fields();
  field.set_path("person.full_name");
  field.set_personal_data(options::v1::PERSONAL_DATA_SENSITIVE);
  set.add_removed("person.photo");
  auto& name = *report.add_names();
  name.set_code("tthc");
  name.set_name_vi("Giải quyết thủ tục hành chính");
  name.set_name_en("Handling a procedure");
  name.set_legal_basis("Nghị định 118/2025/NĐ-CP");
  return report;
}

size_t CountOf(const std::string& text, const std::string& part) {
  size_t count = 0;
  for (size_t at = text.find(part); at != std::string::npos; at = text.find(part, at + 1)) ++count;
  return count;
}

TEST_CASE("the page has the head of an official document, who, when, what for, and its pages") {
  const ReportPage page = RenderReportPage(ReportOf(3), core::Language::kVietnamese);
  for (const char* text :
       {"<html lang=\"vi\">", "CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM", "Độc lập - Tự do - Hạnh phúc",
        "VN:GOV:H55:lgsp", "số định danh cá nhân 999085001234", "mã số BHXH 9990123456",
        "thanh-tra", "đơn 17/2026", "Giải quyết thủ tục hành chính", "Nghị định 118/2025/NĐ-CP",
        "person.full_name", "nhạy cảm", "person.photo", "lgsp.test/journal/1", "1234",
        "mã băm aaaaaaaa…/2026 (do hệ thống khai báo)", "NGƯỜI LẬP BÁO CÁO"}) {
    CHECK_THAT(page.html, Contains(text));
  }
  for (int i = 0; i < 3; ++i) CHECK_THAT(page.html, Contains(tests::ExchangeIdText(i)));
  CHECK(CountOf(page.html, "<section class=\"sheet\">") == page.sheets);
  CHECK_THAT(page.html, Contains(absl::StrCat("Trang 1/", page.sheets)));
  const ReportPage english = RenderReportPage(ReportOf(3), core::Language::kEnglish);
  CHECK_THAT(english.html, Contains("SOCIALIST REPUBLIC OF VIET NAM"));
  CHECK_THAT(english.html, Contains("Handling a procedure"));
  CHECK_THAT(english.html, Contains("(stated by the system)"));
}

TEST_CASE("a long report goes over sheets, every row once, the heading of the table on each") {
  const ReportPage page = RenderReportPage(ReportOf(200), core::Language::kEnglish);
  CHECK(page.sheets > 10);
  for (int i = 0; i < 200; ++i) CHECK(CountOf(page.html, tests::ExchangeIdText(i)) == 1);
  CHECK(CountOf(page.html, "<th>Consumer</th>") >= page.sheets - 3);
  CHECK_THAT(page.html, Contains(absl::StrCat("Page ", page.sheets, "/", page.sheets)));
}

TEST_CASE("nothing of what callers and operators wrote becomes HTML, and nothing is loaded") {
  api::SubjectReport report = ReportOf(1);
  auto& row = *report.mutable_rows(0);
  for (auto* text : {row.mutable_consumer(), row.mutable_purpose(), row.mutable_method(),
                     row.mutable_provider(), row.mutable_procedure(), row.mutable_grant(),
                     row.mutable_error_reason(), row.mutable_business_code()}) {
    *text = kHostile;
  }
  auto& act = *row.add_operator_acts();
  act.set_operator_name(kHostile);
  act.set_reason(kHostile);
  act.set_action(kHostile);
  row.mutable_records(0)->mutable_dossier()->set_reference("aa");
  row.mutable_records(0)->mutable_dossier()->set_known_as(kHostile);
  row.mutable_records(0)->add_relay_path(kHostile);
  row.mutable_records(0)->add_relay_path(kHostile);
  report.set_subjects(0, kHostile);
  report.mutable_sources(0)->set_node(kHostile);
  report.mutable_sources(0)->set_reason(kHostile);
  report.mutable_sources(0)->set_file(kHostile);
  report.mutable_field_sets(0)->mutable_fields(0)->set_path(kHostile);
  auto& rejected = *report.add_sources();
  rejected.set_verdict(api::SOURCE_VERDICT_REJECTED);
  rejected.set_problem(kHostile);
  rejected.set_file(kHostile);
  for (const auto language : {core::Language::kEnglish, core::Language::kVietnamese}) {
    const ReportPage page = RenderReportPage(report, language);
    CHECK_THAT(page.html, !Contains("<script"));
    CHECK_THAT(page.html, Contains("&lt;script&gt;"));
    CHECK_THAT(page.html, Contains("default-src 'none'"));
    for (const char* loaded : {"http://", "https://", "src=", "url(", "@import"}) {
      CHECK_THAT(page.html, !Contains(loaded));
    }
  }
}

TEST_CASE("an incomplete report says so on its first page, and one of nothing says that") {
  api::SubjectReport report = ReportOf(0);
  report.set_complete(false);
  const ReportPage page = RenderReportPage(report, core::Language::kEnglish);
  CHECK_THAT(page.html, Contains("class=\"warning\">THIS REPORT IS NOT COMPLETE"));
  CHECK_THAT(page.html, Contains("no exchange was found"));
}

}  // namespace
}  // namespace ndx::tools::ndxctl
