// ndxctl doctor: everything that keeps a node from serving, with what to do about each.
#include <memory>
#include <string>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "ndx/settings/settings_loader.h"
#include "ndx/tools/ndxctl/command_line.h"
#include "ndx/tools/ndxctl/commands.h"
#include "ndx/tools/ndxctl/doctor_checks.h"
#include "ndx/tools/ndxctl/error_report.h"
#include "ndx/tools/ndxctl/json_object.h"
#include "ndx/tools/ndxctl/operator_client.h"
#include "ndx/tools/ndxctl/text_table.h"

namespace ndx::tools::ndxctl {
namespace {

struct VerdictWords {
  const char* word;
  Colour colour;
};

VerdictWords WordsOf(Verdict verdict) {
  switch (verdict) {
    case Verdict::kGood:
      return {"ok", Colour::kGood};
    case Verdict::kWarning:
      return {"WARN", Colour::kWarning};
    case Verdict::kBad:
      return {"FAIL", Colour::kBad};
    case Verdict::kNotChecked:
      return {"-", Colour::kDim};
  }
  return {"-", Colour::kDim};
}

// A file named by its path or by "file:<path>". The other forms are given to the process and have
// no mode, or lie on a token.
template <typename Check>
Finding CheckSource(const std::string& subject, const std::string& file, absl::string_view source,
                    Check check) {
  for (const absl::string_view form : {"credential:", "fd:", "pkcs11:"}) {
    if (!absl::StartsWith(source, form)) continue;
    // Of a token its name, not where its PIN is.
    const std::string named(source.substr(0, source.find('?')));
    return {.verdict = Verdict::kNotChecked, .subject = subject, .detail = named};
  }
  (void)absl::ConsumePrefix(&source, "file:");
  return check(subject, settings::ResolvePath(file, source));
}

Finding CheckKey(const std::string& subject, const std::string& file, absl::string_view source) {
  return CheckSource(subject, file, source, CheckSecretFile);
}

std::vector<Finding> CheckFiles(const std::string& file, absl::Time now,
                                settings::v1::NodeSettings& node) {
  std::vector<Finding> findings = {CheckSettings(file, node)};
  if (findings[0].verdict != Verdict::kGood) return findings;
  const auto resolve = [&file](const std::string& path) {
    return settings::ResolvePath(file, path);
  };
  const auto& tls = node.listener().tls();
  findings.push_back(CheckSource("node certificate", file, tls.certificate_file(),
                                 [now](const std::string& subject, const std::string& path) {
                                   return CheckCertificate(subject, path, now);
                                 }));
  findings.push_back(CheckKey("node key", file, tls.key_file()));
  findings.push_back(
      CheckCertificate("callers' authority", resolve(node.listener().client_ca_file()), now));
  findings.push_back(CheckKey("journal's signing key", file, node.journal().signing_key()));
  if (!node.journal().next_signing_key().empty()) {
    findings.push_back(
        CheckKey("journal's next signing key", file, node.journal().next_signing_key()));
  }
  findings.push_back(CheckKey("journal's master key", file, node.journal().master_key()));
  settings::v1::JournalSettings journal = node.journal();
  journal.set_directory(resolve(journal.directory()));
  for (Finding& finding : CheckJournal(journal)) findings.push_back(std::move(finding));
  return findings;
}

Finding Unreachable(const grpc::Status& status) {
  const ErrorReport report = ErrorReport::Of(status);
  const bool refused = ExitCodeOf(status) == ExitCode::kNotAllowed;
  return {Verdict::kBad, "operator API", report.text_en,
          refused ? "have an administrator give you a role" : "start ndxd, or give --socket",
          refused ? "nhờ quản trị viên cấp vai trò" : "khởi động ndxd, hoặc nêu --socket"};
}

std::vector<Finding> CheckNode(CommandLine& line) {
  api::GetStatusResponse status;
  const grpc::Status called = line.client().Call(&OperatorClient::Stub::GetStatus, {}, status);
  if (!called.ok()) return {Unreachable(called)};
  std::vector<Finding> findings = {{.subject = "operator API", .detail = line.socket()}};
  findings.push_back(CompareClocks(
      absl::FromUnixSeconds(status.now().seconds()) + absl::Nanoseconds(status.now().nanos()),
      line.clock().Now()));
  for (Finding& finding : CheckStatus(status)) findings.push_back(std::move(finding));
  api::CheckRegistryResponse registry;
  const grpc::Status checked =
      line.client().Call(&OperatorClient::Stub::CheckRegistry, {}, registry);
  if (!checked.ok()) {
    findings.push_back({.verdict = Verdict::kNotChecked,
                        .subject = "registry files",
                        .detail = ErrorReport::Of(checked).text_en});
  } else if (!registry.valid()) {
    findings.push_back({Verdict::kBad, "registry files",
                        registry.faults().empty() ? "not valid" : registry.faults(0),
                        "ndxctl registry check", "ndxctl registry check"});
  } else {
    findings.push_back({.subject = "registry files", .detail = registry.version()});
  }
  return findings;
}

void PrintJson(const Finding& finding, Terminal& terminal) {
  JsonObject json;
  json.Add("verdict", WordsOf(finding.verdict).word);
  json.Add("subject", finding.subject);
  json.Add("detail", finding.detail);
  json.AddUnlessEmpty("remedy", terminal.Say(finding.remedy_en, finding.remedy_vi));
  terminal.out << json.ToString() << "\n";
}

void PrintTable(const std::vector<Finding>& findings, Terminal& terminal) {
  TextTable table({"", std::string(terminal.Say("SUBJECT", "MỤC")),
                   std::string(terminal.Say("FOUND", "TÌNH TRẠNG")),
                   std::string(terminal.Say("WHAT TO DO", "VIỆC CẦN LÀM"))});
  for (const Finding& finding : findings) {
    const VerdictWords words = WordsOf(finding.verdict);
    table.AddRow({Cell(std::string(words.word), words.colour), finding.subject, finding.detail,
                  terminal.Say(finding.remedy_en, finding.remedy_vi)});
  }
  table.Print(terminal);
}

ExitCode Doctor(CommandLine& line, const std::string& file, bool offline) {
  std::vector<Finding> findings;
  settings::v1::NodeSettings node;
  if (!file.empty()) findings = CheckFiles(file, line.clock().Now(), node);
  findings.push_back(CheckClock());
  if (!offline) {
    for (Finding& finding : CheckNode(line)) findings.push_back(std::move(finding));
  }
  bool bad = false;
  for (const Finding& finding : findings) {
    bad |= finding.verdict == Verdict::kBad;
    if (line.terminal().json()) PrintJson(finding, line.terminal());
  }
  if (!line.terminal().json()) PrintTable(findings, line.terminal());
  return bad ? ExitCode::kDoctorFindings : ExitCode::kOk;
}

}  // namespace

void AddDoctorCommand(CommandLine& line) {
  auto file = std::make_shared<std::string>();
  auto offline = std::make_shared<bool>(false);
  command_options::Command command = line.program().AddCommand(
      "doctor", "Looks for whatever keeps a node from serving, and says what to do");
  command.AddOption("--settings", *file,
                    "The node's settings file, to check keys and certificates");
  command.AddFlag("--offline", *offline, "Do not ask the node");
  line.Bind(command,
            "  ndxctl doctor --settings /etc/ndx/node.yaml\n"
            "  ndxctl doctor --settings draft/node.yaml --offline",
            [&line, file, offline] { return Doctor(line, *file, *offline); });
}

}  // namespace ndx::tools::ndxctl
