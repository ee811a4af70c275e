// ndxctl access explain, readers and code: why somebody may or may not ask, who can see a field,
// and what a code means.
#include <memory>
#include <string>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "ndx/tools/ndxctl/ask.h"
#include "ndx/tools/ndxctl/command_line.h"
#include "ndx/tools/ndxctl/commands.h"
#include "ndx/tools/ndxctl/error_report.h"
#include "ndx/tools/ndxctl/operator_client.h"
#include "ndx/tools/ndxctl/text_table.h"
#include "ndx/tools/ndxctl/time_argument.h"

namespace ndx::tools::ndxctl {
namespace {

using AccessStub = OperatorClient::AccessStub;

struct ExplainOptions {
  std::string consumer;
  std::string method;
  std::string provider;
  std::string purpose;
  std::string at;
  std::string source;
  bool dossier = false;
  bool officer = false;
  bool officer_token = false;
  bool is_signed = false;
  bool procedure = false;
};

std::string TextOfVerdict(const api::AccessVerdict& verdict, const Terminal& terminal) {
  if (verdict.allowed()) {
    return terminal.Paint(terminal.Say("allowed", "được phép"), Colour::kGood);
  }
  return absl::StrCat(terminal.Paint(terminal.Say("refused", "từ chối"), Colour::kBad), "  ",
                      verdict.reason(), "  ",
                      Printable(terminal.Say(verdict.text_en(), verdict.text_vi())));
}

void PrintExplanation(const api::ExplainAccessResponse& response, Terminal& terminal) {
  terminal.out << TextOfVerdict(response.verdict(), terminal) << "\n"
               << terminal.Say("rule ", "quy tắc ") << Printable(response.verdict().rule()) << "\n";
  for (const api::AccessVerdict& grant : response.grants()) {
    terminal.out << (grant.shadow()
                         ? terminal.Say("  grant in shadow mode ", "  quyền ở chế độ thử ")
                         : terminal.Say("  grant ", "  quyền "))
                 << Printable(grant.rule()) << ": " << TextOfVerdict(grant, terminal) << "\n";
  }
  if (response.verdict().allowed()) {
    const std::string fields = absl::StrJoin(response.answer_fields(), ", ");
    terminal.out << terminal.Say("answer fields: ", "trường dữ liệu trả về: ")
                 << (fields.empty() ? std::string(terminal.Say("all", "tất cả"))
                                    : Printable(fields))
                 << "\n";
  }
  terminal.out << terminal.Say("registry ", "danh bạ ") << response.registry_version();
  if (response.change() > 0) {
    terminal.out << terminal.Say(" after change ", " sau lần thay đổi ") << response.change();
  }
  terminal.out << "\n";
}

ExitCode Explain(CommandLine& line, const ExplainOptions& options) {
  api::ExplainAccessRequest request;
  request.set_consumer(options.consumer);
  request.set_method(options.method);
  request.set_provider(options.provider);
  request.set_purpose(options.purpose);
  request.set_with_dossier(options.dossier);
  request.set_with_officer(options.officer);
  request.set_with_officer_token(options.officer_token);
  request.set_with_signature(options.is_signed);
  request.set_with_procedure(options.procedure);
  request.set_source_address(options.source);
  if (!options.at.empty()) {
    const auto at = ParseTimeArgument(options.at, line.clock().Now());
    if (!at.ok()) {
      return Complain(line.terminal(), std::string(at.status().message()), ExitCode::kUsage);
    }
    request.mutable_at()->set_seconds(absl::ToUnixSeconds(*at));
  }
  return Ask(line, &AccessStub::ExplainAccess, request, PrintExplanation);
}

void PrintReaders(const api::ListFieldReadersResponse& response, Terminal& terminal) {
  TextTable table({std::string(terminal.Say("CONSUMER", "BÊN KHAI THÁC")),
                   std::string(terminal.Say("MEMBER", "ĐƠN VỊ")),
                   std::string(terminal.Say("METHOD", "CHỨC NĂNG")),
                   std::string(terminal.Say("GRANT", "QUYỀN")),
                   std::string(terminal.Say("PURPOSES", "MỤC ĐÍCH")),
                   std::string(terminal.Say("SEES", "PHẠM VI")),
                   std::string(terminal.Say("TODAY", "HÔM NAY")),
                   std::string(terminal.Say("LEGAL BASIS", "CĂN CỨ PHÁP LÝ"))});
  for (const api::FieldReader& reader : response.readers()) {
    table.AddRow(
        {reader.consumer(), reader.member_vi(), reader.method(), reader.grant(),
         absl::StrJoin(reader.purposes(), ", "),
         reader.whole() ? terminal.Say("all", "toàn bộ") : terminal.Say("part", "một phần"),
         reader.in_force() ? terminal.Say("in force", "hiệu lực")
                           : terminal.Say("not in force", "không hiệu lực"),
         reader.legal_basis()});
  }
  table.Print(terminal);
  if (response.readers().empty()) {
    terminal.out << terminal.Say("nobody can see it; it is in the answers of ",
                                 "không ai xem được; trường này có trong trả lời của ")
                 << absl::StrJoin(response.methods(), ", ") << "\n";
  }
}

ExitCode ListReaders(CommandLine& line, const std::string& field, const std::string& service) {
  api::ListFieldReadersRequest request;
  request.set_field(field);
  request.set_service(service);
  return Ask(line, &AccessStub::ListFieldReaders, request, PrintReaders);
}

// "2025-07-01 … ": open ends are dots.
std::string RangeText(const std::string& from, const std::string& to) {
  return absl::StrCat(from.empty() ? "…" : from, " – ", to.empty() ? "…" : to);
}

void PrintMember(const api::MemberMeaning& member, Terminal& terminal) {
  terminal.out << terminal.Say("agency ", "đơn vị ") << member.code();
  if (!member.legacy_code().empty()) terminal.out << " = " << member.legacy_code();
  if (!member.registered()) {
    terminal.out << terminal.Say(": not in the registry", ": không có trong danh bạ") << "\n";
    return;
  }
  terminal.out << ": " << Printable(member.name_vi()) << "  "
               << RangeText(member.valid_from(), member.valid_to()) << "  "
               << (member.in_use()
                       ? terminal.Paint(terminal.Say("in use", "đang dùng"), Colour::kGood)
                       : terminal.Paint(terminal.Say("not in use", "không còn dùng"),
                                        Colour::kWarning))
               << "\n";
  if (!member.successor_code().empty()) {
    terminal.out << terminal.Say("its place is taken by ", "được thay bằng ")
                 << member.successor_code() << " " << Printable(member.successor_name()) << "\n";
  }
}

void PrintCode(const api::ExplainCodeResponse& response, Terminal& terminal) {
  terminal.out << terminal.Say("on ", "vào ngày ") << response.day() << "\n";
  if (response.has_member()) PrintMember(response.member(), terminal);
  for (const api::ProvinceMeaning& province : response.provinces()) {
    terminal.out << (province.on_day() ? "* " : "  ") << Printable(province.name()) << "  "
                 << RangeText(province.valid_from(), province.valid_to());
    if (!province.successor_code().empty()) {
      terminal.out << terminal.Say(", today part of ", ", nay thuộc ") << province.successor_code()
                   << " " << Printable(province.successor_name());
    }
    terminal.out << "\n";
  }
}

ExitCode ExplainCode(CommandLine& line, const std::string& code, const std::string& day) {
  api::ExplainCodeRequest request;
  request.set_code(code);
  request.set_day(day);
  return Ask(line, &AccessStub::ExplainCode, request, PrintCode);
}

}  // namespace

void AddAccessCommand(CommandLine& line) {
  command_options::Command access =
      line.program().AddCommand("access", "Who may ask what (quyền khai thác), and why or why not");
  access.RequireCommand();

  auto options = std::make_shared<ExplainOptions>();
  command_options::Command explain =
      access.AddCommand("explain", "Says why an exchange would be let through or refused");
  explain.AddOption("--consumer", options->consumer, "Who asks, VN:GOV:<member>:<system>")
      .Required();
  explain.AddOption("--method", options->method, "What, package.Service/Method").Required();
  explain.AddOption("--provider", options->provider, "Whom, where several provide it");
  explain.AddOption("--purpose", options->purpose, "What for: the code sent as ndx-purpose");
  explain.AddFlag("--dossier", options->dossier, "ndx-dossier would be sent");
  explain.AddFlag("--officer", options->officer, "ndx-officer would be sent");
  explain.AddFlag("--officer-token", options->officer_token, "ndx-officer-token would be sent");
  explain.AddFlag("--signed", options->is_signed, "ndx-signature-bin would be sent");
  explain.AddFlag("--procedure", options->procedure, "ndx-procedure would be sent");
  explain.AddOption("--from", options->source, "Address that the call would come from");
  explain.AddOption("--at", options->at, "When; now where left out");
  line.Bind(explain,
            "  ndxctl access explain --consumer VN:GOV:H55:mot-cua --purpose giai-quyet-tthc \\\n"
            "      --method ndx.population.v1.PopulationService/VerifyCitizen --dossier\n"
            "  ndxctl access explain … --at 2026-03-02T20:00",
            [&line, options] { return Explain(line, *options); });

  auto field = std::make_shared<std::string>();
  auto service = std::make_shared<std::string>();
  command_options::Command readers =
      access.AddCommand("readers", "Says who can see a field of an answer");
  readers.AddOption("field", *field, "Path of the field: citizen.full_name").Required();
  readers.AddOption("--service", *service, "Only in answers of this service");
  line.Bind(
      readers,
      "  ndxctl access readers citizen.full_name\n"
      "  ndxctl access readers citizen.full_name --service ndx.population.v1.PopulationService",
      [&line, field, service] { return ListReaders(line, *field, *service); });
  auto code = std::make_shared<std::string>();
  auto day = std::make_shared<std::string>();
  command_options::Command explain_code = access.AddCommand(
      "code", "Says what an agency code, a province code or a dossier code means on a day");
  explain_code.AddOption("code", *code, "H55.242, 000.00.20.G09, 15, or a dossier code").Required();
  explain_code.AddOption("--at", *day,
                         "On which day, yyyy-MM-dd; the dossier's, else today, where left out");
  line.Bind(explain_code, "  ndxctl access code 15 --at 2024-05-02\n  ndxctl access code H03.90.12",
            [&line, code, day] { return ExplainCode(line, *code, *day); });

  AddAccessRequestCommands(line, access);
}

}  // namespace ndx::tools::ndxctl
