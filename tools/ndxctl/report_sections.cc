#include "ndx/tools/ndxctl/report_sections.h"

#include <algorithm>
#include <map>
#include <string>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "ndx/console/exchange_view.h"
#include "ndx/tools/ndxctl/exchange_printer.h"

namespace ndx::tools::ndxctl {
namespace {

namespace api = console::v1;

constexpr double kCellPaddingMm = 2.2;  // left and right, borders included
constexpr double kRowPaddingMm = 1.4;   // above and below
constexpr double kTitleMm = 9;
constexpr size_t kFieldsPerBlock = 16;
constexpr double kReasonableFieldMm = 64;  // of the columns that paths stand in

// One column of a table.
struct Column {
  std::string heading;
  double width_mm;
};

// Lines within a cell; a code stands in the font of codes.
struct CellText {
  std::string text;
  bool code = false;
};
using PageCell = std::vector<CellText>;

std::string When(const google::protobuf::Timestamp& time, const ReportWords& words) {
  // Without a time zone file: Viet Nam has had no summer time since 1975.
  const absl::string_view form = words.Say("%Y-%m-%d %H:%M:%S", "%d/%m/%Y %H:%M:%S");
  return absl::FormatTime(std::string(form), console::FromTimestamp(time),
                          absl::FixedTimeZone(7 * 3600));
}

double HeightOf(const PageCell& cell, double width_mm) {
  int lines = 0;
  for (const CellText& line : cell) {
    if (!line.text.empty()) lines += SmallLines(line.text, width_mm - kCellPaddingMm);
  }
  return std::max(lines, 1) * kSmallLineMm + kRowPaddingMm;
}

std::string CellHtml(const PageCell& cell, absl::string_view attributes = "") {
  std::string html = absl::StrCat("<td", attributes, ">");
  for (const CellText& line : cell) {
    if (line.text.empty()) continue;
    absl::StrAppend(&html, line.code ? "<div class=\"code\">" : "<div>", Html(line.text), "</div>");
  }
  return absl::StrCat(html, "</td>");
}

SheetBlock RowOf(const std::vector<Column>& columns, const std::vector<PageCell>& cells,
                 absl::string_view row_class = "") {
  SheetBlock block{.html =
                       row_class.empty() ? "<tr>" : absl::StrCat("<tr class=\"", row_class, "\">")};
  for (size_t i = 0; i < columns.size(); ++i) {
    block.height_mm = std::max(block.height_mm, HeightOf(cells[i], columns[i].width_mm));
    block.html += CellHtml(cells[i]);
  }
  block.html += "</tr>\n";
  return block;
}

SheetBlock TitleOf(absl::string_view text) {
  return {absl::StrCat("<h2>", Html(text), "</h2>\n"), kTitleMm};
}

SheetSection TableOf(absl::string_view title, const std::vector<Column>& columns) {
  SheetSection section{.title = TitleOf(title), .close = "</table>\n"};
  std::string& html = section.open.html;
  html = "<table><colgroup>";
  for (const Column& column : columns) {
    absl::StrAppend(&html, "<col style=\"width:", column.width_mm, "mm\">");
  }
  html += "</colgroup><thead><tr>";
  double height = 0;
  for (const Column& column : columns) {
    absl::StrAppend(&html, "<th>", Html(column.heading), "</th>");
    height = std::max(height, HeightOf({{column.heading}}, column.width_mm));
  }
  html += "</tr></thead>\n";
  section.open.height_mm = height;
  return section;
}

SheetBlock Paragraph(absl::string_view text, absl::string_view attributes = "") {
  return {absl::StrCat("<p", attributes, ">", Html(text), "</p>\n"),
          Lines(text, kSheetWidthMm) * kLineMm};
}

std::string Spelled(const std::string& subject, const ReportWords& words) {
  const size_t colon = subject.find(':');
  const std::string number = colon == std::string::npos ? subject : subject.substr(colon + 1);
  if (subject.rfind("insured:", 0) == 0) {
    return absl::StrCat(words.Say("social insurance number ", "mã số BHXH "), number);
  }
  if (subject.rfind("enterprise:", 0) == 0) {
    return absl::StrCat(words.Say("enterprise code ", "mã số doanh nghiệp "), number);
  }
  return absl::StrCat(words.Say("personal identification number ", "số định danh cá nhân "),
                      number);
}

SheetSection Letterhead(const api::SubjectReport& report, const ReportWords& words) {
  std::vector<std::string> nodes;
  for (const auto& source : report.sources()) {
    const std::string& node = source.node().empty() ? source.file() : source.node();
    if (std::find(nodes.begin(), nodes.end(), node) == nodes.end()) nodes.push_back(node);
  }
  SheetSection section;
  section.blocks.push_back(
      {absl::StrCat(
           "<div class=\"letterhead\"><div>",
           words.Say("NATIONAL DATA EXCHANGE BUS", "TRỤC TRAO ĐỔI DỮ LIỆU QUỐC GIA"), "<br><b>",
           Html(nodes.size() == 1 ? nodes.front()
                                  : absl::StrCat(nodes.size(), words.Say(" nodes", " nút trục"))),
           "</b><br>", words.Say("No.: ", "Số: "), "…………/BC</div><div><b>",
           words.Say("SOCIALIST REPUBLIC OF VIET NAM", "CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM"),
           "<br><u>",
           words.Say("Independence - Freedom - Happiness", "Độc lập - Tự do - Hạnh phúc"),
           "</u></b><br><i>", words.Say("Made ", "Lập lúc "), When(report.made(), words),
           "</i></div></div>\n<div class=\"title\">", words.Say("REPORT", "BÁO CÁO"), "<span>",
           words.Say("on who used a person's data, when and for what purpose",
                     "Lịch sử khai thác dữ liệu của chủ thể dữ liệu: ai, khi nào, cho mục đích gì"),
           "</span></div>\n"),
       41});
  return section;
}

SheetSection About(const api::SubjectReport& report, const ReportWords& words) {
  SheetSection section{
      .title = TitleOf(words.Say("I. Whom and what it is about", "I. Chủ thể dữ liệu và phạm vi"))};
  std::vector<std::string> subjects;
  for (const std::string& subject : report.subjects()) subjects.push_back(Spelled(subject, words));
  section.blocks.push_back(Paragraph(
      absl::StrCat(words.Say("Subject: ", "Chủ thể dữ liệu: "), absl::StrJoin(subjects, "; "))));
  for (const auto& source : report.sources()) {
    if (source.verdict() == api::SOURCE_VERDICT_REJECTED) continue;
    section.blocks.push_back(Paragraph(absl::StrCat(
        words.NodeMark(source.origin()), words.Say(": asked by ", ": người yêu cầu "),
        source.operator_name(), words.Say(" on ", " lúc "), When(source.asked(), words),
        words.Say(", for: ", ", lý do: "), source.reason(),
        words.Say("; time searched: from ", "; khoảng thời gian: từ "), When(source.from(), words),
        words.Say(" to ", " đến "),
        source.has_to() ? When(source.to(), words)
                        : std::string(words.Say("the asking", "lúc yêu cầu")))));
  }
  section.blocks.push_back(report.complete()
                               ? Paragraph(words.Completeness())
                               : Paragraph(words.Completeness(), " class=\"warning\""));
  return section;
}

// Who for what, counted.
struct Tally {
  int exchanges = 0;
  google::protobuf::Timestamp first;
  google::protobuf::Timestamp last;
};

SheetSection Overview(const api::SubjectReport& report, const ReportWords& words) {
  const auto& counts = report.counts();
  const std::string title =
      absl::StrCat(words.Say("II. Summary: ", "II. Tổng hợp: "), counts.exchanges(),
                   words.Say(" exchanges by ", " giao dịch của "), counts.consumers(),
                   words.Say(" systems for ", " hệ thống, "), counts.purposes(),
                   words.Say(" purposes with ", " mục đích, "), counts.methods(),
                   words.Say(" methods", " chức năng"));
  const std::vector<Column> columns = {
      {std::string(words.Say("Consumer", "Bên khai thác")), 98},
      {std::string(words.Say("Purpose and legal basis", "Mục đích khai thác, căn cứ")), 87},
      {std::string(words.Say("Exchanges", "Số giao dịch")), 20},
      {std::string(words.Say("First", "Đầu tiên")), 32},
      {std::string(words.Say("Last", "Gần nhất")), 32}};
  SheetSection section = TableOf(title, columns);
  std::map<std::pair<std::string, std::string>, Tally> tallies;
  for (const auto& row : report.rows()) {
    Tally& tally = tallies[{row.consumer(), row.purpose()}];
    if (tally.exchanges++ == 0) tally.first = row.time();
    tally.last = row.time();
  }
  for (const auto& [key, tally] : tallies) {
    section.blocks.push_back(
        RowOf(columns,
              {{{words.NameOf(key.first)}, {key.first, true}},
               {{words.NameOf(key.second)}, {key.second, true}, {words.LegalBasisOf(key.second)}},
               {{absl::StrCat(tally.exchanges)}},
               {{When(tally.first, words)}},
               {{When(tally.last, words)}}}));
  }
  if (section.blocks.empty()) {
    section.blocks.push_back(RowOf(
        columns, {{{std::string(words.Say("no exchange was found", "không có giao dịch nào"))}},
                  {},
                  {},
                  {},
                  {}}));
  }
  return section;
}

// What stands under a row, across the table.
std::string Below(const api::SubjectReportRow& row, const ReportWords& words) {
  std::vector<std::string> parts = {
      absl::StrCat(words.Say("exchange ", "mã giao dịch "), row.exchange_id())};
  for (const auto& record : row.records()) {
    std::vector<uint64_t> leaves(record.leaves().begin(), record.leaves().end());
    std::string part =
        absl::StrCat(words.NodeMark(record.origin()), words.Say(" leaves ", " bản ghi "),
                     absl::StrJoin(leaves, ", "));
    if (record.state() != row.state()) {
      absl::StrAppend(&part, " (", StateText(record.state(), words.language()), ")");
    }
    parts.push_back(std::move(part));
  }
  const auto& path = row.records(row.records_size() - 1).relay_path();
  if (path.size() > 1) {
    parts.push_back(
        absl::StrCat(words.Say("relayed by ", "chuyển tiếp qua "), absl::StrJoin(path, " → ")));
  }
  if (!row.grant().empty()) {
    const std::string basis = words.LegalBasisOf(row.grant());
    parts.push_back(absl::StrCat(words.Say("grant ", "quyền khai thác "), row.grant(),
                                 basis.empty() ? "" : ", ", basis));
  }
  if (!row.replay_of().empty()) {
    parts.push_back(
        absl::StrCat(words.Say("executed again: ", "thực hiện lại của "), row.replay_of()));
  }
  if (row.operator_acts_size() > 0) {
    parts.push_back(absl::StrCat(words.Say("acts of operators: ", "việc của người vận hành: "),
                                 row.operator_acts_size()));
  }
  return absl::StrJoin(parts, "; ");
}

SheetSection Details(const api::SubjectReport& report, const ReportWords& words) {
  const std::vector<Column> columns = {
      {"#", 10},
      {std::string(words.Say("Time", "Thời gian")), 22},
      {std::string(words.Say("Consumer", "Bên khai thác")), 52},
      {std::string(words.Say("Officer", "Cán bộ xử lý")), 30},
      {std::string(words.Say("Purpose", "Mục đích khai thác")), 38},
      {std::string(words.Say("Dossier, procedure", "Hồ sơ, mã TTHC")), 32},
      {std::string(words.Say("Method, provider", "Chức năng, bên cung cấp")), 42},
      {std::string(words.Say("Outcome", "Kết quả")), 20},
      {std::string(words.Say("Fields", "Trường dữ liệu")), 23}};
  SheetSection section = TableOf(
      words.Say("III. The exchanges, oldest first", "III. Từng giao dịch, từ cũ đến mới"), columns);
  int number = 0;
  for (const auto& row : report.rows()) {
    const auto& nearest = row.records(0);
    const api::FieldSet* const set = words.FieldSetOf(row);
    const bool delivered = set != nullptr && set->basis() != api::FIELD_BASIS_NO_ANSWER;
    const std::string fields = set == nullptr ? "" : words.FieldsInShort(*set);
    SheetBlock block = RowOf(
        columns,
        {{{absl::StrCat(++number)}},
         {{When(row.time(), words)}},
         {{words.NameOf(row.consumer())}, {row.consumer(), true}},
         {{words.Officer(nearest.officer())}},
         {{words.NameOf(row.purpose())}, {row.purpose(), true}},
         {{words.Reference(nearest.dossier())}, {row.procedure(), true}},
         {{words.NameOf(row.method())}, {ShortMethod(row.method()), true}, {row.provider(), true}},
         {{words.Outcome(row)}},
         {{delivered ? absl::StrCat("T", row.field_set(), ": ", fields) : fields}}},
        "main");
    const PageCell below = {{Below(row, words), true}};
    absl::StrAppend(&block.html, "<tr class=\"under\"><td></td>", CellHtml(below, " colspan=\"8\""),
                    "</tr>\n");
    block.height_mm += HeightOf(below, kSheetWidthMm - columns[0].width_mm);
    section.blocks.push_back(std::move(block));
  }
  return section;
}

// Fields of one set in rows of so many.
void AddFieldRows(const api::FieldSet& set, const std::vector<Column>& columns,
                  const ReportWords& words, SheetSection& section) {
  std::map<options::v1::PersonalData, std::vector<std::string>> by_class;
  for (const auto& field : set.fields())
    by_class[field.personal_data()].push_back(words.Field(field));
  const std::string mark = absl::StrCat("T", set.number());
  PageCell name = {
      {words.NameOf(set.method())}, {ShortMethod(set.method()), true}, {words.Basis(set.basis())}};
  const auto add = [&](const std::string& kind, const std::vector<std::string>& paths) {
    for (size_t at = 0; at < paths.size(); at += kFieldsPerBlock) {
      const auto end =
          paths.begin() + static_cast<std::ptrdiff_t>(std::min(paths.size(), at + kFieldsPerBlock));
      const std::string list =
          absl::StrJoin(paths.begin() + static_cast<std::ptrdiff_t>(at), end, ", ");
      section.blocks.push_back(RowOf(columns, {{{mark}}, name, {{kind}}, {{list, true}}}));
      name.clear();
    }
  };
  for (auto kind = by_class.rbegin(); kind != by_class.rend(); ++kind) {
    add(words.Class(kind->first), kind->second);
  }
  std::vector<std::string> removed(set.removed().begin(), set.removed().end());
  if (set.removed_cut()) removed.emplace_back("…");
  add(std::string(words.Say("taken out", "đã lược bỏ")), removed);
  if (!name.empty()) section.blocks.push_back(RowOf(columns, {{{mark}}, name, {}, {}}));
}

SheetSection FieldSets(const api::SubjectReport& report, const ReportWords& words) {
  const std::vector<Column> columns = {
      {std::string(words.Say("Set", "Tập")), 12},
      {std::string(words.Say("Method", "Chức năng")), kReasonableFieldMm},
      {std::string(words.Say("Personal data", "Dữ liệu cá nhân")), 25},
      {std::string(words.Say("Kinds of field", "Loại trường dữ liệu")), 168}};
  SheetSection section =
      TableOf(words.Say("IV. Which kinds of field left", "IV. Loại dữ liệu đã cung cấp"), columns);
  for (const auto& set : report.field_sets()) {
    if (set.basis() != api::FIELD_BASIS_NO_ANSWER) AddFieldRows(set, columns, words, section);
  }
  return section;
}

SheetSection Acts(const api::SubjectReport& report, const ReportWords& words) {
  const std::vector<Column> columns = {
      {std::string(words.Say("Time", "Thời gian")), 34},
      {std::string(words.Say("Operator", "Người vận hành")), 40},
      {std::string(words.Say("Act", "Việc đã làm")), 45},
      {std::string(words.Say("Reason", "Lý do")), 65},
      {std::string(words.Say("Exchange, leaf", "Giao dịch, bản ghi")), 85}};
  SheetSection section =
      TableOf(words.Say("V. Operators who read, exported or executed again one of these exchanges",
                        "V. Người vận hành đã đọc, xuất hoặc thực hiện lại các giao dịch này"),
              columns);
  for (const auto& row : report.rows()) {
    for (const auto& act : row.operator_acts()) {
      section.blocks.push_back(
          RowOf(columns, {{{When(act.time(), words)}},
                          {{act.operator_name()}},
                          {{act.action()}},
                          {{act.reason()}},
                          {{row.exchange_id(), true},
                           {absl::StrCat(words.NodeMark(act.origin()), ", ", act.leaf()), true}}}));
    }
  }
  return section;
}

SheetSection Sources(const api::SubjectReport& report, const ReportWords& words) {
  const std::vector<Column> columns = {
      {std::string(words.Say("Node", "Nút")), 12},
      {std::string(words.Say("Journal", "Nhật ký")), 68},
      {std::string(words.Say("Checkpoint: leaves, root", "Điểm kiểm tra: số bản ghi, gốc cây")),
       74},
      {std::string(words.Say("Searched", "Đã tra cứu")), 55},
      {std::string(words.Say("Verified", "Kiểm chứng")), 60}};
  SheetSection section = TableOf(
      words.Say("VI. Sources and whether they hold", "VI. Nguồn và tính toàn vẹn"), columns);
  for (const auto& source : report.sources()) {
    const bool rejected = source.verdict() == api::SOURCE_VERDICT_REJECTED;
    const std::string tree = rejected ? "" : absl::StrCat(source.tree_size());
    section.blocks.push_back(
        RowOf(columns, {{{words.NodeMark(source.origin())}},
                        {{source.origin(), true}, {source.node(), true}, {source.file(), true}},
                        {{tree, true}, {source.root(), true}},
                        {{rejected ? "" : words.Reach(source)}},
                        {{words.Verdict(source)}}}));
  }
  return section;
}

SheetSection LimitsAndSignatures(const ReportWords& words) {
  SheetSection section{.title = TitleOf(words.Say("VII. What this report cannot tell",
                                                  "VII. Những điều báo cáo này không cho biết"))};
  for (const std::string& limit : words.Limits()) section.blocks.push_back(Paragraph("- " + limit));
  const absl::string_view sign = words.Say("(signature, full name)", "(ký, ghi rõ họ tên)");
  section.blocks.push_back(
      {absl::StrCat("<div class=\"signatures\"><div><b>",
                    words.Say("DRAWN UP BY", "NGƯỜI LẬP BÁO CÁO"), "</b><span>", sign,
                    "</span></div><div><b>",
                    words.Say("FOR THE OPERATOR OF THE NODE", "ĐẠI DIỆN ĐƠN VỊ VẬN HÀNH NÚT TRỤC"),
                    "</b><span>", sign, "</span></div></div>\n"),
       38});
  return section;
}

}  // namespace

std::vector<SheetSection> ReportSections(const api::SubjectReport& report,
                                         const ReportWords& words) {
  return {Letterhead(report, words), About(report, words),      Overview(report, words),
          Details(report, words),    FieldSets(report, words),  Acts(report, words),
          Sources(report, words),    LimitsAndSignatures(words)};
}

}  // namespace ndx::tools::ndxctl
