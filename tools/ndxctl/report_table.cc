#include "ndx/tools/ndxctl/report_table.h"

#include <set>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "ndx/tools/ndxctl/exchange_printer.h"
#include "ndx/tools/ndxctl/report_words.h"
#include "ndx/tools/ndxctl/text_table.h"

namespace ndx::tools::ndxctl {
namespace {

namespace api = console::v1;

void PrintRows(const api::SubjectReport& report, const ReportWords& words, Terminal& terminal) {
  const auto say = [&](const char* en, const char* vi) { return std::string(words.Say(en, vi)); };
  TextTable table({say("TIME", "THỜI GIAN"), say("EXCHANGE", "MÃ GIAO DỊCH"),
                   say("CONSUMER", "BÊN KHAI THÁC"), say("OFFICER", "CÁN BỘ XỬ LÝ"),
                   say("PURPOSE", "MỤC ĐÍCH"), say("DOSSIER", "HỒ SƠ"), say("METHOD", "CHỨC NĂNG"),
                   say("OUTCOME", "KẾT QUẢ"), say("FIELDS THAT LEFT", "TRƯỜNG ĐÃ CUNG CẤP"),
                   say("NODES", "NÚT")});
  for (const auto& row : report.rows()) {
    const auto& nearest = row.records(0);
    std::set<std::string> nodes;
    for (const auto& record : row.records()) nodes.insert(words.NodeMark(record.origin()));
    const api::FieldSet* const set = words.FieldSetOf(row);
    table.AddRow(
        {TimeText(row.time()), row.exchange_id(), row.consumer(), words.Officer(nearest.officer()),
         row.purpose(), words.Reference(nearest.dossier()), ShortMethod(row.method()),
         Cell(words.Outcome(row), StateCell(row.state(), terminal).colour),
         set == nullptr ? std::string()
                        : absl::StrCat("T", set->number(), ": ", words.FieldsInShort(*set)),
         absl::StrJoin(nodes, ",")});
  }
  table.Print(terminal);
}

void PrintFieldSets(const api::SubjectReport& report, const ReportWords& words,
                    Terminal& terminal) {
  for (const auto& set : report.field_sets()) {
    terminal.out << terminal.Paint(absl::StrCat("T", set.number()), Colour::kDim) << " "
                 << Printable(ShortMethod(set.method())) << (set.method().empty() ? "" : ", ")
                 << words.Basis(set.basis()) << "\n";
    for (const auto personal_data :
         {options::v1::PERSONAL_DATA_SENSITIVE, options::v1::PERSONAL_DATA_BASIC,
          options::v1::PERSONAL_DATA_UNSPECIFIED}) {
      std::vector<std::string> paths;
      for (const auto& field : set.fields()) {
        if (field.personal_data() == personal_data) paths.push_back(words.Field(field));
      }
      if (paths.empty()) continue;
      terminal.out << "   " << words.Class(personal_data) << ": "
                   << Printable(absl::StrJoin(paths, ", ")) << "\n";
    }
  }
}

void PrintActs(const api::SubjectReport& report, const ReportWords& words, Terminal& terminal) {
  for (const auto& row : report.rows()) {
    for (const auto& act : row.operator_acts()) {
      terminal.out << TimeText(act.time()) << " " << Printable(act.operator_name()) << ": "
                   << Printable(act.action()) << " " << row.exchange_id() << ", "
                   << Printable(act.reason()) << " (" << words.NodeMark(act.origin())
                   << words.Say(" leaf ", " bản ghi ") << act.leaf() << ")\n";
    }
  }
}

void PrintSources(const api::SubjectReport& report, const ReportWords& words, Terminal& terminal) {
  for (const auto& source : report.sources()) {
    const bool rejected = source.verdict() == api::SOURCE_VERDICT_REJECTED;
    terminal.out << terminal.Paint(rejected ? "!" : words.NodeMark(source.origin()),
                                   rejected ? Colour::kBad : Colour::kDim)
                 << " " << Printable(source.origin()) << (source.file().empty() ? "" : " ")
                 << Printable(source.file()) << ": ";
    if (!rejected) {
      terminal.out << words.Reach(source) << "; " << words.Say("root ", "gốc cây ") << source.root()
                   << "; ";
    }
    terminal.out << Printable(words.Verdict(source)) << "\n";
  }
}

}  // namespace

void PrintReport(const api::SubjectReport& report, Terminal& terminal) {
  const ReportWords words(report, terminal.language);
  const auto& counts = report.counts();
  PrintRows(report, words, terminal);
  terminal.out << counts.exchanges() << words.Say(" exchanges by ", " giao dịch của ")
               << counts.consumers() << words.Say(" systems for ", " hệ thống, ")
               << counts.purposes() << words.Say(" purposes", " mục đích khai thác") << "\n";
  PrintFieldSets(report, words, terminal);
  PrintActs(report, words, terminal);
  PrintSources(report, words, terminal);
  terminal.err << words.Completeness() << "\n";
  for (const std::string& limit : words.Limits()) terminal.err << "- " << limit << "\n";
}

}  // namespace ndx::tools::ndxctl
