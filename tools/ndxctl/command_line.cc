#include "ndx/tools/ndxctl/command_line.h"

#include <cstdlib>
#include <utility>

#include "absl/strings/str_cat.h"
#include "ndx/tools/ndxctl/commands.h"
#include "ndx/tools/ndxctl/operator_client.h"

namespace ndx::tools::ndxctl {
namespace {

constexpr char kSocketDefault[] = "/run/ndx/operator.sock";
constexpr char kAbout[] =
    "Operates a node of the national data exchange bus (điều hành nút trục).\n"
    "Who you are is your local user; what you may do stands in the node's settings "
    "(operator_api.operators).";
constexpr char kFooter[] =
    "Exit status: 0 done, 1 the node or provider answered with an error, 2 wrong command line, 3 "
    "node not reachable,\n4 not allowed, 5 not found, 6 journal or receipt not intact, 7 outcome "
    "of a change unknown, 8 doctor found faults.\n\n"
    "Examples:\n"
    "  ndxctl status\n"
    "  ndxctl journal list --from 2h --outcome failed\n"
    "  ndxctl call ndx.population.v1.PopulationService/VerifyCitizen @request.json \\\n"
    "      --as pki/VN:GOV:H55:mot-cua --purpose verify-applicant";

std::string SocketOfEnvironment() {
  const char* const socket = std::getenv("NDX_OPERATOR_SOCKET");
  return socket == nullptr ? kSocketDefault : socket;
}

}  // namespace

CommandLine::CommandLine(Terminal& terminal, const core::Clock& clock)
    : terminal_(terminal),
      clock_(clock),
      program_(kAbout, "ndxctl"),
      socket_(SocketOfEnvironment()) {
  program_.SetFooter(kFooter);
  program_.RequireCommand();
  program_.AddOption("--socket", socket_, "UNIX socket of the operator API (NDX_OPERATOR_SOCKET)")
      .ShowDefault();
  program_.AddOption("-o,--output", output_, "table or json (one object a line)")
      .OneOf({"table", "json"})
      .ShowDefault();
  program_.AddOption("--timeout", timeout_seconds_, "Seconds to wait for an answer")
      .Range(0.001, 3600.0)
      .ShowDefault();
  AddAccessCommand(*this);
  AddCallCommand(*this);
  AddServicesCommand(*this);
  AddJournalCommand(*this);
  AddReceiptCommand(*this);
  AddMasterKeyCommand(*this);
  AddSubjectCommand(*this);
  AddReplayCommand(*this);
  AddResolveCommand(*this);
  AddRegistryCommand(*this);
  AddCertificatesCommand(*this);
  AddDeliveriesCommand(*this);
  AddMailboxCommand(*this);
  AddPeersCommand(*this);
  AddOutcomeCommand(*this);
  AddStatusCommand(*this);
  AddDoctorCommand(*this);
}

CommandLine::~CommandLine() = default;

OperatorClient& CommandLine::client() {
  if (client_ == nullptr) {
    client_ = std::make_unique<OperatorClient>(socket_, timeout(), clock_);
  }
  return *client_;
}

void CommandLine::Bind(command_options::Command& command, const std::string& examples, Action run) {
  command.SetFooter(absl::StrCat("Examples:\n", examples));
  // A command above the one given is told after it.
  command.OnGiven([this, run = std::move(run)] {
    if (action_ == nullptr) action_ = run;
  });
}

int CommandLine::Run(int argc, const char* const* argv) {
  if (const auto ended = program_.Read(argc, argv)) {
    return ToInt(*ended == 0 ? ExitCode::kOk : ExitCode::kUsage);
  }
  if (output_ == "json") {
    terminal_.format = OutputFormat::kJson;
    terminal_.colours = false;
  }
  return ToInt(action_());
}

}  // namespace ndx::tools::ndxctl
