// ndxctl subject report: who looked at a person's data (ai đã khai thác dữ liệu của tôi), from the
// node, or merged from what several nodes exported.
#include <sys/stat.h>

#include <fstream>
#include <iostream>
#include <memory>
#include <string>
#include <vector>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "ndx/console/exchange_view.h"
#include "ndx/core/status_macros.h"
#include "ndx/tools/ndxctl/command_line.h"
#include "ndx/tools/ndxctl/commands.h"
#include "ndx/tools/ndxctl/error_report.h"
#include "ndx/tools/ndxctl/key_files.h"
#include "ndx/tools/ndxctl/operator_client.h"
#include "ndx/tools/ndxctl/report_file.h"
#include "ndx/tools/ndxctl/report_merge.h"
#include "ndx/tools/ndxctl/report_page.h"
#include "ndx/tools/ndxctl/report_table.h"
#include "ndx/tools/ndxctl/time_argument.h"

namespace ndx::tools::ndxctl {
namespace {

struct ReportOptions {
  std::vector<std::string> subjects;
  std::string case_number;
  std::string reason;
  std::string from;
  std::string to;
  std::vector<std::string> dossiers;
  std::vector<std::string> officers;
  std::string export_path;
  std::string page_path;
  std::vector<std::string> merge;
  std::vector<std::string> key_files;
  std::string language;
};

// What is written while it lives can be read by its owner alone: it names a person.
class PrivateFiles {
 public:
  PrivateFiles() : before_(umask(077)) {}
  ~PrivateFiles() { umask(before_); }
  PrivateFiles(const PrivateFiles&) = delete;
  PrivateFiles& operator=(const PrivateFiles&) = delete;

 private:
  const mode_t before_;
};

// The subjects given; for "-" those on standard input, one a line, so that a number stands neither
// in the shell's history nor in the list of processes.
std::vector<std::string> SubjectsOf(const ReportOptions& options, std::istream& input) {
  std::vector<std::string> subjects;
  for (const std::string& subject : options.subjects) {
    if (subject != "-") {
      subjects.push_back(subject);
      continue;
    }
    for (std::string line; std::getline(input, line);) {
      absl::StripAsciiWhitespace(&line);
      if (!line.empty()) subjects.push_back(line);
    }
  }
  return subjects;
}

absl::Status SetTime(const std::string& text, absl::Time now, google::protobuf::Timestamp* out) {
  NDX_ASSIGN_OR_RETURN(const absl::Time time, ParseTimeArgument(text, now));
  *out = console::ToTimestamp(time);
  return absl::OkStatus();
}

absl::StatusOr<api::ReportSubjectsRequest> RequestOf(const ReportOptions& options, absl::Time now) {
  api::ReportSubjectsRequest request;
  for (std::string& subject : SubjectsOf(options, std::cin)) {
    request.add_subjects(std::move(subject));
  }
  if (!options.from.empty())
    NDX_RETURN_IF_ERROR(SetTime(options.from, now, request.mutable_from()));
  if (!options.to.empty()) NDX_RETURN_IF_ERROR(SetTime(options.to, now, request.mutable_to()));
  request.set_case_number(options.case_number);
  request.set_reason(options.reason);
  for (const std::string& dossier : options.dossiers) request.add_dossiers(dossier);
  for (const std::string& officer : options.officers) request.add_officers(officer);
  return request;
}

ExitCode WriteExport(const ReportPart& part, const std::string& path, Terminal& terminal) {
  const auto digest = WriteReportFile(part, path);
  if (!digest.ok()) {
    return Complain(terminal, std::string(digest.status().message()), ExitCode::kUsage);
  }
  terminal.err << terminal.Say("exported to ", "đã xuất ra ") << path
               << terminal.Say(", manifest SHA-256 ", ", SHA-256 của bản kê ") << *digest << "\n";
  return ExitCode::kOk;
}

ExitCode WritePage(const api::SubjectReport& report, const std::string& path, Terminal& terminal) {
  const ReportPage page = RenderReportPage(report, terminal.language);
  std::ofstream out(path, std::ios::binary | std::ios::trunc);
  out << page.html;
  out.close();
  if (!out) {
    return Complain(terminal, absl::StrCat(path, " cannot be written"), ExitCode::kUsage);
  }
  terminal.err << terminal.Say("page written to ", "đã ghi trang in ra ") << path << ", "
               << page.sheets << terminal.Say(" sheets of A4", " tờ A4") << "\n";
  return ExitCode::kOk;
}

// Shows the report; not intact if a source was rejected.
ExitCode Show(const std::vector<ReportPart>& parts, const ReportOptions& options,
              CommandLine& line) {
  Terminal& terminal = line.terminal();
  const auto report = MergeParts(parts, line.clock().Now());
  if (!report.ok()) {
    return Complain(terminal, std::string(report.status().message()), ExitCode::kUsage);
  }
  if (terminal.json()) {
    terminal.PrintJson(*report);
  } else {
    PrintReport(*report, terminal);
  }
  if (!options.page_path.empty()) {
    const ExitCode written = WritePage(*report, options.page_path, terminal);
    if (written != ExitCode::kOk) return written;
  }
  for (const auto& source : report->sources()) {
    if (source.verdict() == api::SOURCE_VERDICT_REJECTED) return ExitCode::kNotIntact;
  }
  return ExitCode::kOk;
}

ExitCode ReportFromNode(CommandLine& line, const ReportOptions& options,
                        const std::vector<std::string>& vkeys) {
  Terminal& terminal = line.terminal();
  const auto request = RequestOf(options, line.clock().Now());
  if (!request.ok()) {
    return Complain(terminal, std::string(request.status().message()), ExitCode::kUsage);
  }
  ReportPart part;
  const grpc::Status status = FetchReport(line.client(), *request, part);
  if (!status.ok()) return Report(terminal, status);
  Judge(vkeys, part);
  if (!options.export_path.empty() && part.source.verdict() != api::SOURCE_VERDICT_REJECTED) {
    const ExitCode written = WriteExport(part, options.export_path, terminal);
    if (written != ExitCode::kOk) return written;
  }
  return Show({part}, options, line);
}

ExitCode ReportFromFiles(CommandLine& line, const ReportOptions& options,
                         const std::vector<std::string>& vkeys) {
  std::vector<ReportPart> parts;
  for (const std::string& file : options.merge) {
    auto part = ReadReportFile(file, vkeys);
    if (!part.ok()) {
      return Complain(line.terminal(), std::string(part.status().message()), ExitCode::kUsage);
    }
    parts.push_back(*std::move(part));
  }
  return Show(parts, options, line);
}

ExitCode Run(CommandLine& line, const ReportOptions& options) {
  Terminal& terminal = line.terminal();
  if (!options.language.empty()) {
    terminal.language =
        options.language == "vi" ? core::Language::kVietnamese : core::Language::kEnglish;
  }
  if (options.merge.empty() == options.subjects.empty()) {
    return Complain(terminal,
                    std::string(terminal.Say("either --subject, of the node, or --merge, of files",
                                             "dùng --subject để hỏi nút trục, hoặc --merge để gộp "
                                             "các tệp")),
                    ExitCode::kUsage);
  }
  const auto vkeys = ReadVkeys(options.key_files);
  if (!vkeys.ok()) {
    return Complain(terminal, std::string(vkeys.status().message()), ExitCode::kUsage);
  }
  const PrivateFiles private_files;
  return options.merge.empty() ? ReportFromNode(line, options, *vkeys)
                               : ReportFromFiles(line, options, *vkeys);
}

void AddReport(CommandLine& line, command_options::Command& subject) {
  auto options = std::make_shared<ReportOptions>();
  command_options::Command command = subject.AddCommand(
      "report", "Who looked at a person's data (ai đã khai thác dữ liệu của tôi)");
  command
      .AddOption("--subject", options->subjects,
                 "Personal identification number, insured:NUMBER or enterprise:CODE; again for the "
                 "same person's other numbers; - reads them from standard input, one a line")
      .OneEachTime();
  command.AddOption("--case", options->case_number,
                    "Case (số vụ việc) that it is for; stands in the journal, before the reason");
  command.AddOption("--reason", options->reason,
                    "Why; stands in the journal with your name, without the person");
  command.AddOption("--from", options->from,
                    "Only exchanges at this time or later (2h, 2026-03-02)");
  command.AddOption("--to", options->to, "Only exchanges before this time");
  command
      .AddOption("--dossier", options->dossiers,
                 "A dossier code known to you: rows under it say so")
      .OneEachTime();
  command.AddOption("--officer", options->officers, "An officer code known to you, likewise")
      .OneEachTime();
  command.AddOption("--page", options->page_path, "Write a printable page (HTML, A4) to this file");
  auto to = command.AddOption("--export", options->export_path,
                              "Write what this node knows, for --merge: an evidence bundle, a "
                              "new directory or a new file ending in .tar");
  command.AddOption("--merge", options->merge, "Put together what nodes exported; needs no node")
      .Excludes(to);
  command
      .AddOption("--key", options->key_files,
                 "File with a node's public key (vkey); again for each node")
      .OneEachTime();
  command.AddOption("--language", options->language, "vi or en; by LANG where not given")
      .OneOf({"vi", "en"});
  line.Bind(
      command,
      "  ndxctl subject report --subject - --case 17/2026 --reason request --page report.html "
      "< number\n"
      "  ndxctl subject report --subject 999085001234 --subject insured:9990123456 --case 17/2026 "
      "--reason request --export lgsp.tar\n"
      "  ndxctl subject report --merge lgsp.tar ndxp.tar --key lgsp.vkey --key ndxp.vkey --page "
      "report.html --language vi",
      [&line, options] { return Run(line, *options); });
}

}  // namespace

void AddSubjectCommand(CommandLine& line) {
  command_options::Command subject = line.program().AddCommand(
      "subject", "What the journal knows about one person (chủ thể dữ liệu)");
  subject.RequireCommand();
  AddReport(line, subject);
}

}  // namespace ndx::tools::ndxctl
