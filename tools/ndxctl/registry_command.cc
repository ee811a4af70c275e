// ndxctl registry check and reload.
#include <memory>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "ndx/settings/settings_loader.h"
#include "ndx/tools/ndxctl/command_line.h"
#include "ndx/tools/ndxctl/commands.h"
#include "ndx/tools/ndxctl/error_report.h"
#include "ndx/tools/ndxctl/operator_client.h"
#include "ndx/tools/ndxctl/text_table.h"

namespace ndx::tools::ndxctl {
namespace {

using Stub = OperatorClient::Stub;

std::string CountsText(const api::RegistryCounts& counts, const Terminal& terminal) {
  return absl::StrCat(counts.members(), " ", terminal.Say("members", "đơn vị"), ", ",
                      counts.systems(), " ", terminal.Say("systems", "hệ thống"), ", ",
                      counts.services(), " ", terminal.Say("services", "dịch vụ"), ", ",
                      counts.methods(), " ", terminal.Say("methods", "chức năng"), ", ",
                      counts.grants(), " ", terminal.Say("grants", "quyền khai thác"));
}

ExitCode Check(CommandLine& line, const std::vector<std::string>& paths) {
  api::CheckRegistryRequest request;
  if (!paths.empty()) {
    const auto files = settings::ReadSettingsFiles(paths);
    if (!files.ok()) {
      return Complain(line.terminal(), std::string(files.status().message()), ExitCode::kUsage);
    }
    for (const settings::SettingsFile& file : *files) {
      request.add_files()->set_name(file.name);
      request.mutable_files()->rbegin()->set_text(file.text);
    }
  }
  api::CheckRegistryResponse response;
  const grpc::Status status = line.client().Call(&Stub::CheckRegistry, request, response);
  if (!status.ok()) return Report(line.terminal(), status);
  Terminal& terminal = line.terminal();
  if (terminal.json()) {
    terminal.PrintJson(response);
  } else if (response.valid()) {
    terminal.out << terminal.Paint(terminal.Say("valid", "hợp lệ"), Colour::kGood) << "  "
                 << response.version()
                 << (response.version() == response.version_in_force()
                         ? terminal.Say(" (in force)", " (đang hiệu lực)")
                         : "")
                 << "\n"
                 << CountsText(response.counts(), terminal) << "\n";
  } else {
    terminal.out << terminal.Paint(terminal.Say("not valid", "không hợp lệ"), Colour::kBad) << "\n";
    for (const std::string& fault : response.faults()) {
      terminal.out << "  " << Printable(fault) << "\n";
    }
  }
  return response.valid() ? ExitCode::kOk : ExitCode::kFailed;
}

ExitCode Reload(CommandLine& line, const std::string& reason) {
  api::ReloadRegistryRequest request;
  request.set_reason(reason);
  api::ReloadRegistryResponse response;
  const grpc::Status status = line.client().Call(&Stub::ReloadRegistry, request, response);
  if (!status.ok()) return Report(line.terminal(), status);
  Terminal& terminal = line.terminal();
  if (terminal.json()) {
    terminal.PrintJson(response);
    return ExitCode::kOk;
  }
  const bool same = response.version() == response.version_before();
  terminal.out << (same ? terminal.Say("unchanged", "không đổi")
                        : terminal.Say("in force", "đã có hiệu lực"))
               << "  " << response.version() << "\n"
               << CountsText(response.counts(), terminal) << "\n";
  return ExitCode::kOk;
}

}  // namespace

void AddRegistryCommand(CommandLine& line) {
  command_options::Command registry =
      line.program().AddCommand("registry", "The registry (danh bạ) of the node");
  registry.RequireCommand();

  auto paths = std::make_shared<std::vector<std::string>>();
  command_options::Command check =
      registry.AddCommand("check", "Checks registry files without putting them in force");
  check.AddOption("paths", *paths, "Files and directories; the node's own where none is given");
  line.Bind(check, "  ndxctl registry check\n  ndxctl registry check draft/registry",
            [&line, paths] { return Check(line, *paths); });

  auto reason = std::make_shared<std::string>();
  command_options::Command reload =
      registry.AddCommand("reload", "Puts the node's registry files in force");
  reload.AddOption("--reason", *reason, "Decision it rests on; stands in the journal");
  line.Bind(reload, "  ndxctl registry reload --reason 'QD 12/2026'",
            [&line, reason] { return Reload(line, *reason); });
  AddRegistryChangeCommands(line, registry);
}

}  // namespace ndx::tools::ndxctl
