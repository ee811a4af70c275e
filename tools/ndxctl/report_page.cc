#include "ndx/tools/ndxctl/report_page.h"

#include "absl/strings/str_cat.h"
#include "ndx/tools/ndxctl/report_sections.h"
#include "ndx/tools/ndxctl/report_sheets.h"
#include "ndx/tools/ndxctl/report_words.h"
#include "ndx/tools/ndxctl/terminal.h"

namespace ndx::tools::ndxctl {
namespace {

namespace api = console::v1;

// Heights of lines are those of report_sheets.h.
constexpr char kStyle[] = R"(
@page { size: A4 landscape; margin: 0; }
* { box-sizing: border-box; }
body { margin: 0; background: #888; color: #000; font: 10.5pt/5.2mm "Times New Roman", "Liberation Serif", "DejaVu Serif", serif; }
.sheet { position: relative; width: 297mm; height: 210mm; padding: 12mm 14mm; margin: 4mm auto; background: #fff; overflow-wrap: anywhere; }
.foot { position: absolute; left: 14mm; right: 14mm; bottom: 7mm; display: flex; justify-content: space-between; border-top: 0.2mm solid #000; font-size: 8pt; line-height: 4.5mm; }
.letterhead { display: flex; justify-content: space-between; text-align: center; height: 20mm; }
.letterhead div { width: 45%; }
.title { text-align: center; height: 21mm; padding-top: 3mm; font-size: 13pt; font-weight: bold; line-height: 6mm; }
.title span { display: block; font-size: 10.5pt; font-style: italic; font-weight: normal; }
h2 { margin: 0; padding-top: 3mm; height: 9mm; font-size: 11pt; line-height: 5.2mm; }
p { margin: 0; }
.warning { font-weight: bold; border: 0.3mm solid #000; padding: 0 2mm; }
table { width: 269mm; border-collapse: collapse; table-layout: fixed; font-size: 8.5pt; line-height: 4mm; }
th, td { border: 0.2mm solid #000; padding: 0.5mm 1mm; vertical-align: top; text-align: left; }
th { background: #eee; text-align: center; }
td div + div { border-top: none; }
.code { font-family: "DejaVu Sans Mono", "Liberation Mono", monospace; font-size: 7pt; }
.under td { border-top: none; }
.main td { border-bottom: none; }
.signatures { display: flex; justify-content: space-around; text-align: center; height: 38mm; padding-top: 5mm; }
.signatures span { display: block; font-style: italic; }
@media print { body { background: #fff; } .sheet { margin: 0; break-after: page; } .sheet:last-child { break-after: auto; } }
)";

std::string Foot(const api::SubjectReport& report, const ReportWords& words, size_t number,
                 size_t all) {
  return absl::StrCat(
      R"(<div class="foot"><span>)",
      words.Say("Report on the use of a person's data", "Báo cáo lịch sử khai thác dữ liệu"), ", ",
      words.Say("made ", "lập lúc "), TimeText(report.made()), "</span><span>",
      words.Say("Contains personal data: keep and pass on by law only",
                "Có dữ liệu cá nhân: chỉ lưu giữ, chuyển giao theo quy định"),
      "</span><span>", words.Say("Page ", "Trang "), number, "/", all, "</span></div>");
}

}  // namespace

ReportPage RenderReportPage(const api::SubjectReport& report, core::Language language) {
  const ReportWords words(report, language);
  const std::vector<std::string> sheets = LayOut(ReportSections(report, words));
  ReportPage page{.sheets = sheets.size()};
  page.html = absl::StrCat(
      "<!DOCTYPE html>\n<html lang=\"", words.Say("en", "vi"),
      "\">\n<head>\n<meta charset=\"utf-8\">\n"
      "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src "
      "'unsafe-inline'\">\n<meta name=\"referrer\" content=\"no-referrer\">\n<title>",
      words.Say("Who looked at my data", "Ai đã khai thác dữ liệu của tôi"), "</title>\n<style>",
      kStyle, "</style>\n</head>\n<body>\n");
  for (size_t i = 0; i < sheets.size(); ++i) {
    absl::StrAppend(&page.html, "<section class=\"sheet\">\n", sheets[i],
                    Foot(report, words, i + 1, sheets.size()), "\n</section>\n");
  }
  absl::StrAppend(&page.html, "</body>\n</html>\n");
  return page;
}

}  // namespace ndx::tools::ndxctl
