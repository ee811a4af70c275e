// ndxctl outcome: what became of a request that was submitted (ndxctl call --submit).
#include <cstdlib>
#include <memory>
#include <string>

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "ndx/exchange/v1/exchange_service.pb.h"
#include "ndx/tools/ndxctl/caller_credentials.h"
#include "ndx/tools/ndxctl/command_line.h"
#include "ndx/tools/ndxctl/commands.h"
#include "ndx/tools/ndxctl/descriptor_library.h"
#include "ndx/tools/ndxctl/error_report.h"
#include "ndx/tools/ndxctl/exchange_call.h"
#include "ndx/tools/ndxctl/mailbox_text.h"
#include "ndx/tools/ndxctl/operator_client.h"
#include "ndx/tools/ndxctl/text_table.h"

namespace ndx::tools::ndxctl {
namespace {

struct OutcomeOptions {
  std::string exchange_id;
  std::string as;
  std::string pki;
  std::string ca_file;
  std::string node;
  std::string server_name;
  double wait_seconds = 0;
};

// What the call's own deadline has beyond the wait.
constexpr absl::Duration kWayBack = absl::Seconds(10);

std::string OfEnvironment(const char* name) {
  const char* const value = std::getenv(name);
  return value == nullptr ? "" : value;
}

// As JSON, where the registry tells the answer's type; else in base64.
std::string AnswerText(CommandLine& line, const exchange::v1::Outcome& outcome) {
  api::GetDescriptorsRequest request;
  const absl::string_view name = absl::StripPrefix(outcome.method(), "/");
  request.set_service(std::string(name.substr(0, name.find('/'))));
  api::GetDescriptorsResponse response;
  if (line.client().Call(&OperatorClient::Stub::GetDescriptors, request, response).ok()) {
    const auto library = DescriptorLibrary::Build(response.descriptors());
    const auto method = library.ok() ? (*library)->FindMethod(outcome.method()) : library.status();
    if (method.ok()) {
      const auto json =
          (*library)->ToJson(*(*method)->output_type(), outcome.answer(), /*pretty=*/true);
      if (json.ok()) return *json;
    }
  }
  return absl::Base64Escape(outcome.answer());
}

void PrintOutcome(CommandLine& line, const exchange::v1::Outcome& outcome) {
  Terminal& terminal = line.terminal();
  terminal.out << outcome.exchange_id() << "  " << KeptStateText(outcome.state(), terminal) << "  "
               << Printable(outcome.method()) << "\n";
  if (outcome.attempts() > 0) {
    terminal.out << terminal.Say("tried       ", "đã thử      ") << outcome.attempts() << "\n";
  }
  if (!outcome.reason().empty()) {
    terminal.out << terminal.Say("cause       ", "nguyên nhân ") << Printable(outcome.reason())
                 << "\n";
  }
  if (outcome.has_next_attempt()) {
    terminal.out << terminal.Say("next        ", "lần tới     ") << TimeText(outcome.next_attempt())
                 << terminal.Say(", before it ", ", đứng trước ") << outcome.ahead() << "\n";
  }
  if (outcome.has_expires()) {
    terminal.out << terminal.Say("expires     ", "hết hạn     ") << TimeText(outcome.expires())
                 << "\n";
  }
  if (outcome.answer_missing()) {
    terminal.out << terminal.Say("carried out; its answer is not kept",
                                 "đã thực hiện; câu trả lời không còn lưu")
                 << "\n";
  } else if (outcome.state() == exchange::v1::OUTCOME_STATE_ANSWERED) {
    if (outcome.grpc_status() != 0) {
      terminal.out << terminal.Say("status      ", "mã lỗi      ") << outcome.grpc_status() << "\n";
    } else {
      terminal.out << AnswerText(line, outcome) << "\n";
    }
  }
}

ExitCode ShowOutcome(CommandLine& line, const OutcomeOptions& options) {
  const auto credentials = CallerCredentials::Load(
      options.as, options.pki.empty() ? OfEnvironment("NDX_PKI") : options.pki, options.ca_file);
  if (!credentials.ok()) {
    return Complain(line.terminal(), std::string(credentials.status().message()), ExitCode::kUsage);
  }
  std::string node = options.node.empty() ? OfEnvironment("NDX_NODE") : options.node;
  if (node.empty()) node = line.client().ExchangeAddress();
  exchange::v1::WaitOutcomeRequest request;
  request.set_exchange_id(options.exchange_id);
  const absl::Duration wait = absl::Seconds(options.wait_seconds);
  request.mutable_up_to()->set_seconds(absl::ToInt64Seconds(wait));
  exchange::v1::WaitOutcomeResponse response;
  const ExchangeOutcome called = CallExchange(
      OpenChannel(node, *credentials, options.server_name),
      {.method = "/ndx.exchange.v1.ExchangeService/WaitOutcome",
       .request = request.SerializeAsString(),
       .timeout = wait + kWayBack},
      line.clock(), [&](const std::string& bytes) { response.ParseFromString(bytes); });
  if (!called.status.ok()) return Report(line.terminal(), called.status);
  if (line.terminal().json()) {
    line.terminal().PrintJson(response.outcome());
  } else {
    PrintOutcome(line, response.outcome());
  }
  return ExitCode::kOk;
}

}  // namespace

void AddOutcomeCommand(CommandLine& line) {
  auto options = std::make_shared<OutcomeOptions>();
  command_options::Command command = line.program().AddCommand(
      "outcome", "What became of a request that was submitted (kết quả yêu cầu đã gửi lưu)");
  command.AddOption("exchange", options->exchange_id, "The exchange id").Required();
  command
      .AddOption("--as", options->as,
                 "Whose certificate: a path without .crt, or a system's name in --pki")
      .Required();
  command.AddOption("--pki", options->pki, "Directory of certificates (NDX_PKI)");
  command.AddOption("--ca", options->ca_file, "Authority of the node's certificate");
  command.AddOption("--node", options->node, "host:port of the node (NDX_NODE)");
  command.AddOption("--server-name", options->server_name, "Name in the node's certificate");
  command.AddOption("--wait", options->wait_seconds, "Seconds to wait until it is final")
      .Range(0.0, 600.0)
      .ShowDefault();
  line.Bind(command, "  ndxctl outcome EXCHANGE_ID --as pki/VN:GOV:H55:mot-cua --wait 60",
            [&line, options] { return ShowOutcome(line, *options); });
}

}  // namespace ndx::tools::ndxctl
