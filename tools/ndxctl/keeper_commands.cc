// ndxctl journal erase and hold: what is recorded about a person made unreadable, by two persons,
// and what keeps it from that.
#include <limits>
#include <memory>
#include <string>

#include "absl/strings/str_cat.h"
#include "ndx/tools/ndxctl/ask.h"
#include "ndx/tools/ndxctl/command_line.h"
#include "ndx/tools/ndxctl/commands.h"
#include "ndx/tools/ndxctl/error_report.h"
#include "ndx/tools/ndxctl/operator_client.h"
#include "ndx/tools/ndxctl/subject_argument.h"
#include "ndx/tools/ndxctl/text_table.h"

namespace ndx::tools::ndxctl {
namespace {

// Of an order or a hold.
constexpr uint64_t kNumberMax = std::numeric_limits<uint64_t>::max();

using KeeperStub = OperatorClient::KeeperStub;

struct EraseOptions {
  std::string subject;
  std::string order;
  uint64_t approve = 0;
  uint64_t withdraw = 0;
};

ExitCode ListErasures(CommandLine& line) {
  return Ask(line, &KeeperStub::ListErasures, api::ListErasuresRequest(),
             [](const api::ListErasuresResponse& response, Terminal& terminal) {
               TextTable table({std::string(terminal.Say("NUMBER", "SỐ")),
                                std::string(terminal.Say("ORDER", "QUYẾT ĐỊNH")),
                                std::string(terminal.Say("ASKED BY", "NGƯỜI YÊU CẦU")),
                                std::string(terminal.Say("TIME", "THỜI GIAN")),
                                std::string(terminal.Say("APPROVED BY", "NGƯỜI PHÊ DUYỆT")),
                                std::string(terminal.Say("WAITS FOR", "ĐANG CHỜ"))});
               for (const api::OpenErasure& erasure : response.erasures()) {
                 table.AddRow({absl::StrCat(erasure.number()), erasure.order(), erasure.requester(),
                               TimeText(erasure.time()), erasure.approver(), erasure.waits_for()});
               }
               table.Print(terminal);
             });
}

ExitCode RequestErasure(CommandLine& line, const std::string& subject, const std::string& order) {
  api::RequestErasureRequest request;
  request.set_subject(subject);
  request.set_order(order);
  return Ask(line, &KeeperStub::RequestErasure, request,
             [](const api::RequestErasureResponse& response, Terminal& terminal) {
               terminal.out << terminal.Say("erasure ", "yêu cầu xóa ") << response.number()
                            << terminal.Say(" waits for a second person: ",
                                            " chờ người thứ hai phê duyệt: ")
                            << "ndxctl journal erase --approve " << response.number() << "\n";
             });
}

ExitCode ApproveErasure(CommandLine& line, const std::string& subject, uint64_t number) {
  api::ApproveErasureRequest request;
  request.set_number(number);
  request.set_subject(subject);
  return Ask(
      line, &KeeperStub::ApproveErasure, request,
      [&](const api::ApproveErasureResponse& response, Terminal& terminal) {
        terminal.out << terminal.Say("erasure ", "yêu cầu xóa ") << number << ": ";
        if (!response.carried_out()) {
          terminal.out << terminal.Paint(
                              terminal.Say("approved; the node carries it out as soon as it can",
                                           "đã phê duyệt; nút sẽ thực hiện ngay khi có thể"),
                              Colour::kWarning)
                       << "\n";
          if (!response.waits_for().empty()) {
            terminal.out << terminal.Say("waits for: ", "đang chờ: ")
                         << Printable(response.waits_for()) << "\n";
          }
          return;
        }
        terminal.out << (response.was_kept()
                             ? terminal.Say("carried out; nobody can read it any more",
                                            "đã thực hiện; không ai còn đọc được nữa")
                             : terminal.Say("carried out; nothing was kept about this person",
                                            "đã thực hiện; không lưu gì về người này"))
                     << terminal.Say(" (leaf ", " (bản ghi ") << response.leaf_index() << ")\n";
      });
}

ExitCode WithdrawErasure(CommandLine& line, uint64_t number, const std::string& reason) {
  api::WithdrawErasureRequest request;
  request.set_number(number);
  request.set_reason(reason);
  return Ask(line, &KeeperStub::WithdrawErasure, request,
             [&](const api::WithdrawErasureResponse&, Terminal& terminal) {
               terminal.out << terminal.Say("withdrawn: erasure ", "đã rút yêu cầu xóa ") << number
                            << "\n";
             });
}

ExitCode Erase(CommandLine& line, const EraseOptions& options) {
  const auto subject = ReadSubject(options.subject);
  if (!subject.ok()) {
    return Complain(line.terminal(), std::string(subject.status().message()), ExitCode::kUsage);
  }
  if (options.approve != 0) return ApproveErasure(line, *subject, options.approve);
  if (options.withdraw != 0) return WithdrawErasure(line, options.withdraw, options.order);
  if (!subject->empty()) return RequestErasure(line, *subject, options.order);
  return ListErasures(line);
}

struct HoldOptions {
  std::string subject;
  std::string exchange_id;
  std::string order;
  uint64_t release = 0;
};

ExitCode ListHolds(CommandLine& line) {
  return Ask(line, &KeeperStub::ListHolds, api::ListHoldsRequest(),
             [](const api::ListHoldsResponse& response, Terminal& terminal) {
               TextTable table({std::string(terminal.Say("NUMBER", "SỐ")),
                                std::string(terminal.Say("ON", "ĐỐI TƯỢNG")),
                                std::string(terminal.Say("ORDER", "QUYẾT ĐỊNH")),
                                std::string(terminal.Say("PLACED BY", "NGƯỜI ĐẶT")),
                                std::string(terminal.Say("TIME", "THỜI GIAN"))});
               for (const api::Hold& hold : response.holds()) {
                 table.AddRow({absl::StrCat(hold.number()),
                               hold.exchange_id().empty()
                                   ? std::string(terminal.Say("a person", "một người"))
                                   : hold.exchange_id(),
                               hold.order(), hold.operator_name(), TimeText(hold.time())});
               }
               table.Print(terminal);
             });
}

ExitCode AddHold(CommandLine& line, const std::string& subject, const HoldOptions& options) {
  api::AddHoldRequest request;
  request.set_subject(subject);
  request.set_exchange_id(options.exchange_id);
  request.set_order(options.order);
  return Ask(line, &KeeperStub::AddHold, request,
             [](const api::AddHoldResponse& response, Terminal& terminal) {
               terminal.out << terminal.Say("hold ", "lệnh tạm giữ ") << response.number()
                            << terminal.Say(" (leaf ", " (bản ghi ") << response.leaf_index()
                            << ")\n";
             });
}

ExitCode ReleaseHold(CommandLine& line, const HoldOptions& options) {
  api::ReleaseHoldRequest request;
  request.set_number(options.release);
  request.set_order(options.order);
  return Ask(line, &KeeperStub::ReleaseHold, request,
             [&](const api::ReleaseHoldResponse&, Terminal& terminal) {
               terminal.out << terminal.Say("released: hold ", "đã giải tỏa lệnh tạm giữ ")
                            << options.release << "\n";
             });
}

ExitCode Hold(CommandLine& line, const HoldOptions& options) {
  const auto subject = ReadSubject(options.subject);
  if (!subject.ok()) {
    return Complain(line.terminal(), std::string(subject.status().message()), ExitCode::kUsage);
  }
  if (options.release != 0) return ReleaseHold(line, options);
  if (!subject->empty() || !options.exchange_id.empty()) return AddHold(line, *subject, options);
  return ListHolds(line);
}

}  // namespace

void AddKeeperCommands(CommandLine& line, command_options::Command& journal) {
  auto erase = std::make_shared<EraseOptions>();
  command_options::Command erasing = journal.AddCommand(
      "erase", "Makes what is recorded about a person unreadable (xóa theo yêu cầu); lists orders");
  erasing.AddOption("--subject", erase->subject,
                    "12 digits, insured:… or enterprise:…; - reads it from standard input");
  const command_options::Option approve =
      erasing.AddOption("--approve", erase->approve, "Approve this order, as the second person")
          .Range(uint64_t{1}, kNumberMax);
  erasing.AddOption("--withdraw", erase->withdraw, "Withdraw this order")
      .Range(uint64_t{1}, kNumberMax)
      .Excludes(approve);
  erasing.AddOption("--order,--reason", erase->order,
                    "The decision it rests on, or why it is withdrawn; stands in the journal");
  line.Bind(erasing,
            "  ndxctl journal erase\n"
            "  ndxctl journal erase --subject - --order 'QĐ 12/QĐ-A05' < person\n"
            "  ndxctl journal erase --approve 3 --subject - < person\n"
            "  ndxctl journal erase --withdraw 3 --reason 'wrong person'",
            [&line, erase] { return Erase(line, *erase); });

  auto hold = std::make_shared<HoldOptions>();
  command_options::Command holding = journal.AddCommand(
      "hold", "Keeps payloads from being erased (tạm giữ theo yêu cầu); lists holds");
  const command_options::Option subject = holding.AddOption(
      "--subject", hold->subject, "A person, as for erase; - reads the number from standard input");
  const command_options::Option exchange =
      holding.AddOption("--exchange", hold->exchange_id, "An exchange, whoever it concerns")
          .Excludes(subject);
  holding.AddOption("--release", hold->release, "Release this hold")
      .Range(uint64_t{1}, kNumberMax)
      .Excludes(subject)
      .Excludes(exchange);
  holding.AddOption("--order", hold->order, "The decision it rests on; stands in the journal");
  line.Bind(
      holding,
      "  ndxctl journal hold\n"
      "  ndxctl journal hold --subject - --order '5/VKS' < person\n"
      "  ndxctl journal hold --exchange 01930a5d-ac96-774b-bcce-b302099a8057 --order '5/VKS'\n"
      "  ndxctl journal hold --release 2 --order '9/VKS'",
      [&line, hold] { return Hold(line, *hold); });
}

}  // namespace ndx::tools::ndxctl
