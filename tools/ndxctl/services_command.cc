// ndxctl services: what can be called and by whom.
#include <memory>
#include <string>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/strip.h"
#include "ndx/tools/ndxctl/command_line.h"
#include "ndx/tools/ndxctl/commands.h"
#include "ndx/tools/ndxctl/error_report.h"
#include "ndx/tools/ndxctl/operator_client.h"
#include "ndx/tools/ndxctl/text_table.h"

namespace ndx::tools::ndxctl {
namespace {

std::string EffectText(const api::ServiceMethod& method, const Terminal& terminal) {
  const bool change = method.rules().effect() == options::v1::EFFECT_CHANGE;
  return std::string(change ? terminal.Say("change", "thay đổi") : terminal.Say("read", "tra cứu"));
}

std::string ReplayText(const api::ServiceMethod& method) {
  switch (method.rules().replay()) {
    case options::v1::REPLAY_POLICY_FREE:
      return "free";
    case options::v1::REPLAY_POLICY_WITH_APPROVAL:
      return "with approval";
    default:
      return "never";
  }
}

std::string ConsumerText(const api::MethodGrant& grant, const Terminal& terminal) {
  if (grant.consumer_group().empty()) return grant.consumer();
  return absl::StrCat(terminal.Say("group ", "nhóm "), grant.consumer_group());
}

std::string GrantStateText(const api::MethodGrant& grant, const Terminal& terminal) {
  if (grant.shadow()) return std::string(terminal.Say("shadow mode", "chế độ thử"));
  return std::string(grant.in_force() ? terminal.Say("in force", "hiệu lực")
                                      : terminal.Say("not in force", "hết hiệu lực"));
}

void PrintService(const api::RegisteredService& service, bool grants, Terminal& terminal) {
  terminal.out << service.name();
  const std::string title(terminal.Say(service.title_en(), service.title_vi()));
  if (!title.empty()) terminal.out << "  " << terminal.Paint(Printable(title), Colour::kDim);
  terminal.out << "\n";
  for (const api::ServiceProvider& provider : service.providers()) {
    terminal.out << "  " << terminal.Say("provider", "bên cung cấp") << " " << provider.system()
                 << "  " << Printable(provider.endpoint());
    if (!provider.via_peer().empty()) {
      terminal.out << terminal.Say("  through ", "  qua ") << provider.via_peer();
    }
    terminal.out << "\n";
  }
  if (!service.feed_of().empty()) {
    terminal.out << "  " << terminal.Say("offered by the feed of ", "theo danh mục liên thông của ")
                 << service.feed_of() << terminal.Say(", as of ", ", tính đến ")
                 << TimeText(service.feed_confirmed()) << "\n";
  }
  TextTable table({std::string(terminal.Say("METHOD", "CHỨC NĂNG")),
                   std::string(terminal.Say("EFFECT", "LOẠI")),
                   std::string(terminal.Say("REPLAY", "THỰC HIỆN LẠI")),
                   std::string(terminal.Say("GRANTS", "QUYỀN")),
                   std::string(terminal.Say("TITLE", "TÊN"))});
  for (const api::ServiceMethod& method : service.methods()) {
    table.AddRow({method.name(), EffectText(method, terminal), ReplayText(method),
                  absl::StrCat(method.grants_size()), method.title_vi()});
    if (!grants) continue;
    for (const api::MethodGrant& grant : method.grants()) {
      table.AddRow({absl::StrCat("  ", grant.name()), GrantStateText(grant, terminal), "", "",
                    absl::StrCat(ConsumerText(grant, terminal), "  ",
                                 absl::StrJoin(grant.purposes(), ", "))});
    }
  }
  table.Print(terminal);
  terminal.out << "\n";
}

ExitCode Services(CommandLine& line, const std::string& name, bool grants) {
  api::ListServicesRequest request;
  request.set_name_contains(name);
  api::ListServicesResponse response;
  const grpc::Status status =
      line.client().Call(&OperatorClient::Stub::ListServices, request, response);
  if (!status.ok()) return Report(line.terminal(), status);
  for (const api::RegisteredService& service : response.services()) {
    if (line.terminal().json()) {
      line.terminal().PrintJson(service);
    } else {
      PrintService(service, grants, line.terminal());
    }
  }
  if (response.services().empty() && !line.terminal().json()) {
    return Complain(line.terminal(), "no service of that name is registered", ExitCode::kNotFound);
  }
  return ExitCode::kOk;
}

}  // namespace

void AddServicesCommand(CommandLine& line) {
  auto name = std::make_shared<std::string>();
  auto grants = std::make_shared<bool>(false);
  command_options::Command command = line.program().AddCommand(
      "services", "Lists services, their methods (chức năng) and who may call them");
  command.AddOption("name", *name, "Only services whose name contains this");
  command.AddFlag("--grants", *grants, "Show each grant (quyền khai thác)");
  line.Bind(command, "  ndxctl services\n  ndxctl services population --grants",
            [&line, name, grants] { return Services(line, *name, *grants); });
}

}  // namespace ndx::tools::ndxctl
