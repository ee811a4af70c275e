// ndxctl mailbox and ndxctl deliveries: requests that the node keeps and delivers later, and the
// switch that stops whatever it sends of itself.
#include <memory>
#include <string>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "ndx/tools/ndxctl/ask.h"
#include "ndx/tools/ndxctl/command_line.h"
#include "ndx/tools/ndxctl/commands.h"
#include "ndx/tools/ndxctl/mailbox_text.h"
#include "ndx/tools/ndxctl/operator_client.h"
#include "ndx/tools/ndxctl/text_table.h"

namespace ndx::tools::ndxctl {
namespace {

using MailboxStub = OperatorClient::MailboxStub;

struct ScopeOptions {
  std::string service;
  std::string provider;
  std::string reason;
};

struct KeptOptions {
  std::string exchange_id;
  std::string consumer;
  std::string reason;
};

struct KeptListOptions {
  std::string state;
  std::string service;
  std::string cause;
};

void FillScope(const ScopeOptions& options, api::StopScope& scope) {
  scope.set_service(options.service);
  scope.set_provider(options.provider);
}

ExitCode StopDeliveries(CommandLine& line, const ScopeOptions& options) {
  api::StopDeliveriesRequest request;
  FillScope(options, *request.mutable_scope());
  request.set_reason(options.reason);
  return Ask(line, &MailboxStub::StopDeliveries, request,
             [](const api::StopDeliveriesResponse& response, Terminal& terminal) {
               terminal.out << (response.was_stopped()
                                    ? terminal.Say("is stopped already: ", "đã dừng từ trước: ")
                                    : terminal.Say("stopped: ", "đã dừng: "))
                            << ScopeText(response.order().scope(), terminal)
                            << terminal.Say(", leaf ", ", bản ghi ")
                            << response.order().leaf_index() << "\n";
             });
}

ExitCode ResumeDeliveries(CommandLine& line, const ScopeOptions& options) {
  api::ResumeDeliveriesRequest request;
  FillScope(options, *request.mutable_scope());
  request.set_reason(options.reason);
  return Ask(line, &MailboxStub::ResumeDeliveries, request,
             [](const api::ResumeDeliveriesResponse& response, Terminal& terminal) {
               terminal.out << terminal.Say("goes on, leaf ", "cho tiếp tục, bản ghi ")
                            << response.leaf_index() << "\n";
             });
}

void PrintOrders(const api::GetMailboxResponse& response, Terminal& terminal) {
  TextTable table(
      {std::string(terminal.Say("STOPPED", "ĐÃ DỪNG")),
       std::string(terminal.Say("SINCE", "TỪ LÚC")), std::string(terminal.Say("BY", "NGƯỜI DỪNG")),
       std::string(terminal.Say("LEAF", "BẢN GHI")), std::string(terminal.Say("REASON", "LÝ DO"))});
  for (const api::StopOrderView& order : response.stop_orders()) {
    table.AddRow({ScopeText(order.scope(), terminal), TimeText(order.since()),
                  Printable(order.operator_name()), absl::StrCat(order.leaf_index()),
                  Printable(order.reason())});
  }
  table.Print(terminal);
}

void PrintCounts(const api::GetMailboxResponse& response, Terminal& terminal) {
  PrintMailbox(response, terminal);
  TextTable table({std::string(terminal.Say("STATE", "TÌNH TRẠNG")),
                   std::string(terminal.Say("SERVICE", "DỊCH VỤ")),
                   std::string(terminal.Say("CAUSE", "NGUYÊN NHÂN")),
                   std::string(terminal.Say("REQUESTS", "SỐ YÊU CẦU"))});
  for (const api::KeptCount& count : response.counts()) {
    table.AddRow({KeptStateText(count.state(), terminal), Printable(count.service()),
                  Printable(count.reason()), absl::StrCat(count.count())});
  }
  table.Print(terminal);
}

void AddKeptRow(const api::KeptRequestView& kept, Terminal& terminal, TextTable& table) {
  table.AddRow({kept.exchange_id(), TimeText(kept.taken()), Printable(kept.consumer()),
                Printable(kept.method()), KeptStateText(kept.state(), terminal),
                absl::StrCat(kept.attempts()), Printable(kept.reason()), TimeText(kept.expires())});
}

ExitCode ListKept(CommandLine& line, const KeptListOptions& options) {
  api::ListKeptRequest request;
  exchange::v1::OutcomeState state = exchange::v1::OUTCOME_STATE_UNSPECIFIED;
  if (!options.state.empty() &&
      !exchange::v1::OutcomeState_Parse(
          absl::StrCat("OUTCOME_STATE_", absl::AsciiStrToUpper(options.state)), &state)) {
    return Complain(
        line.terminal(),
        std::string(line.terminal().Say("--state must be kept, delivering, in_doubt or dead",
                                        "--state phải là kept, delivering, in_doubt hoặc dead")),
        ExitCode::kUsage);
  }
  request.set_state(state);
  request.set_service(options.service);
  request.set_reason(absl::AsciiStrToUpper(options.cause));
  request.set_page_size(1000);
  Terminal& terminal = line.terminal();
  TextTable table({std::string(terminal.Say("EXCHANGE", "GIAO DỊCH")),
                   std::string(terminal.Say("TAKEN IN", "NHẬN LÚC")),
                   std::string(terminal.Say("CONSUMER", "BÊN KHAI THÁC")),
                   std::string(terminal.Say("METHOD", "CHỨC NĂNG")),
                   std::string(terminal.Say("STATE", "TÌNH TRẠNG")),
                   std::string(terminal.Say("TRIED", "SỐ LẦN")),
                   std::string(terminal.Say("CAUSE", "NGUYÊN NHÂN")),
                   std::string(terminal.Say("EXPIRES", "HẾT HẠN"))});
  do {
    api::ListKeptResponse response;
    const grpc::Status status = line.client().Call(&MailboxStub::ListKept, request, response);
    if (!status.ok()) return Report(terminal, status);
    for (const api::KeptRequestView& kept : response.requests()) {
      if (terminal.json()) {
        terminal.PrintJson(kept);
      } else {
        AddKeptRow(kept, terminal, table);
      }
    }
    request.set_page_token(response.next_page_token());
  } while (!request.page_token().empty());
  if (!terminal.json()) table.Print(terminal);
  return ExitCode::kOk;
}

ExitCode RetryKept(CommandLine& line, const KeptOptions& options) {
  api::RetryKeptRequest request;
  request.set_consumer(options.consumer);
  request.set_exchange_id(options.exchange_id);
  request.set_reason(options.reason);
  return Ask(line, &MailboxStub::RetryKept, request,
             [](const api::RetryKeptResponse& response, Terminal& terminal) {
               terminal.out << terminal.Say("waits for its delivery, leaf ",
                                            "chờ chuyển lại, bản ghi ")
                            << response.leaf_index() << "\n";
             });
}

ExitCode DiscardKept(CommandLine& line, const KeptOptions& options) {
  api::DiscardKeptRequest request;
  request.set_consumer(options.consumer);
  request.set_exchange_id(options.exchange_id);
  request.set_reason(options.reason);
  return Ask(line, &MailboxStub::DiscardKept, request,
             [](const api::DiscardKeptResponse& response, Terminal& terminal) {
               terminal.out << terminal.Say("given up, leaf ", "đã hủy, bản ghi ")
                            << response.leaf_index() << "\n";
             });
}

std::shared_ptr<ScopeOptions> AddScope(command_options::Command& command) {
  auto options = std::make_shared<ScopeOptions>();
  command.AddOption("--service", options->service, "Only what goes to this service, by full name");
  command.AddOption("--provider", options->provider, "Only what goes to this system");
  command.AddOption("--reason", options->reason, "Why; stands in the journal").Required();
  return options;
}

std::shared_ptr<KeptOptions> AddKept(command_options::Command& command) {
  auto options = std::make_shared<KeptOptions>();
  command.AddOption("exchange", options->exchange_id, "The exchange id").Required();
  command.AddOption("--consumer", options->consumer, "Who submitted it").Required();
  command.AddOption("--reason", options->reason, "Why; stands in the journal").Required();
  return options;
}

}  // namespace

void AddDeliveriesCommand(CommandLine& line) {
  command_options::Command deliveries = line.program().AddCommand(
      "deliveries", "Stops and resumes retries, deliveries and replays (dừng, cho chuyển phát)");
  deliveries.RequireCommand();
  command_options::Command stop = deliveries.AddCommand(
      "stop", "Stops them within a second: all, or what goes to a service or a provider");
  line.Bind(stop,
            "  ndxctl deliveries stop --reason 'SC 12/2026'\n"
            "  ndxctl deliveries stop --service ndx.land.v1.LandService --reason 'SC 12/2026'",
            [&line, options = AddScope(stop)] { return StopDeliveries(line, *options); });
  command_options::Command resume =
      deliveries.AddCommand("resume", "Takes a stop order back, with the scope it was given for");
  line.Bind(resume, "  ndxctl deliveries resume --reason 'BB 3/2026'",
            [&line, options = AddScope(resume)] { return ResumeDeliveries(line, *options); });
  command_options::Command orders = deliveries.AddCommand("orders", "Lists what is stopped");
  line.Bind(orders, "  ndxctl deliveries orders", [&line] {
    return Ask(line, &MailboxStub::GetMailbox, api::GetMailboxRequest(), PrintOrders);
  });
}

void AddMailboxCommand(CommandLine& line) {
  command_options::Command mailbox = line.program().AddCommand(
      "mailbox", "Requests kept while their providers are away (hộp thư chuyển tiếp)");
  mailbox.RequireCommand();
  command_options::Command show =
      mailbox.AddCommand("show", "How much is kept, grouped by state, service and cause");
  line.Bind(show, "  ndxctl mailbox show", [&line] {
    return Ask(line, &MailboxStub::GetMailbox, api::GetMailboxRequest(), PrintCounts);
  });
  command_options::Command list = mailbox.AddCommand("list", "Lists kept requests");
  auto filter = std::make_shared<KeptListOptions>();
  list.AddOption("--state", filter->state, "kept, delivering, in_doubt or dead");
  list.AddOption("--service", filter->service, "Of this service, by full name");
  list.AddOption("--cause", filter->cause, "Whose last delivery failed for this reason");
  line.Bind(list,
            "  ndxctl mailbox list --state dead\n"
            "  ndxctl mailbox list --cause PROVIDER_DOWN",
            [&line, filter] { return ListKept(line, *filter); });
  command_options::Command retry =
      mailbox.AddCommand("retry", "Has a dead request delivered again");
  line.Bind(retry,
            "  ndxctl mailbox retry EXCHANGE_ID --consumer VN:GOV:H55:mot-cua --reason 'BB 3/2026'",
            [&line, options = AddKept(retry)] { return RetryKept(line, *options); });
  command_options::Command discard = mailbox.AddCommand("discard", "Gives a kept request up");
  line.Bind(
      discard,
      "  ndxctl mailbox discard EXCHANGE_ID --consumer VN:GOV:H55:mot-cua --reason 'BB 3/2026'",
      [&line, options = AddKept(discard)] { return DiscardKept(line, *options); });
}

}  // namespace ndx::tools::ndxctl
