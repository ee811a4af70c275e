// ndxctl status: the state of the node on one screen.
#include <string>

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "ndx/tools/ndxctl/command_line.h"
#include "ndx/tools/ndxctl/commands.h"
#include "ndx/tools/ndxctl/error_report.h"
#include "ndx/tools/ndxctl/mailbox_text.h"
#include "ndx/tools/ndxctl/operator_client.h"
#include "ndx/tools/ndxctl/retention_text.h"
#include "ndx/tools/ndxctl/text_table.h"

namespace ndx::tools::ndxctl {
namespace {

Cell BreakerCell(api::BreakerState state, const Terminal& terminal) {
  switch (state) {
    case api::BREAKER_STATE_CLOSED:
      return {std::string(terminal.Say("closed", "bình thường")), Colour::kGood};
    case api::BREAKER_STATE_OPEN:
      return {std::string(terminal.Say("open", "đang ngắt")), Colour::kBad};
    case api::BREAKER_STATE_HALF_OPEN:
      return {std::string(terminal.Say("trying", "đang thử")), Colour::kWarning};
    default:
      return {"?"};
  }
}

void PrintJournal(const api::JournalStatus& journal, Terminal& terminal) {
  terminal.out << terminal.Say("journal     ", "nhật ký     ") << Printable(journal.origin())
               << ", " << journal.tree_size() << " " << terminal.Say("leaves", "bản ghi") << ", "
               << terminal.Say("in doubt ", "chưa rõ kết quả ") << journal.in_doubt() << ", "
               << terminal.Say("free ", "còn trống ") << BytesText(journal.free_bytes());
  if (!journal.writable()) {
    terminal.out << "  "
                 << terminal.Paint(terminal.Say("NOT WRITABLE", "KHÔNG GHI ĐƯỢC"), Colour::kBad);
  }
  terminal.out << "\n" << terminal.Say("verified    ", "đã kiểm tra ");
  if (journal.has_verified_time()) {
    terminal.out << terminal.Say("to ", "đến ") << journal.verified_to() << ", "
                 << TimeText(journal.verified_time()) << "\n";
  } else {
    terminal.out << terminal.Say("not since the start", "chưa, kể từ khi khởi động") << "\n";
  }
}

void PrintFollower(const api::JournalStatus& journal, Terminal& terminal) {
  if (!journal.has_follower()) return;
  const api::FollowerStatus& follower = journal.follower();
  terminal.out << terminal.Say("keys moved  ", "chuyển khoá  ") << follower.followed_to() << "/"
               << journal.tree_size() << ", " << terminal.Say("intake keys ", "khoá tiếp nhận ")
               << follower.intake_keys();
  if (follower.has_oldest_intake_key()) {
    terminal.out << terminal.Say(" since ", " từ ") << TimeText(follower.oldest_intake_key());
  }
  if (follower.has_lag()) {
    terminal.out << terminal.Say(", behind by ", ", chậm ") << follower.lag().seconds() << " s";
  }
  if (!follower.trouble().empty()) {
    terminal.out << "  " << terminal.Paint(Printable(follower.trouble()), Colour::kBad);
  }
  terminal.out << "\n";
}

void PrintAnchorKind(const char* heading_en, const char* heading_vi,
                     const api::AnchorKindStatus& kind, Terminal& terminal) {
  if (kind.configured() == 0) return;
  terminal.out << terminal.Say(heading_en, heading_vi) << kind.required() << "/"
               << kind.configured() << terminal.Say(" required, covered ", " bắt buộc, đã neo ")
               << kind.covered() << " " << terminal.Say("leaves", "bản ghi");
  if (kind.has_unanchored_since()) {
    const std::string since = absl::StrCat(
        terminal.Say(", unanchored since ", ", chưa neo từ "), TimeText(kind.unanchored_since()),
        kind.overdue() ? terminal.Say(" OVERDUE", " QUÁ HẠN") : "");
    terminal.out << terminal.Paint(since, kind.overdue() ? Colour::kBad : Colour::kDim);
  }
  terminal.out << "\n";
  for (const std::string& failure : kind.failures()) {
    terminal.out << "            " << terminal.Paint(Printable(failure), Colour::kWarning) << "\n";
  }
}

void PrintAnchoring(const api::AnchoringStatus& anchoring, Terminal& terminal) {
  PrintAnchorKind("witnesses   ", "nhân chứng  ", anchoring.witnesses(), terminal);
  PrintAnchorKind("time-stamps ", "dấu thời gian ", anchoring.time_stamps(), terminal);
  if (!anchoring.contradiction().empty()) {
    terminal.out << terminal.Paint(terminal.Say("CONTRADICTED by ", "BỊ PHỦ NHẬN bởi "),
                                   Colour::kBad)
                 << Printable(anchoring.contradiction()) << "\n";
  }
  if (anchoring.stopped()) {
    terminal.out << terminal.Paint(
                        terminal.Say("STOPPED: no new exchanges until anchored again",
                                     "ĐÃ DỪNG: không nhận giao dịch mới đến khi neo lại"),
                        Colour::kBad)
                 << "\n";
  }
  if (!anchoring.witness_vkey().empty()) {
    terminal.out << terminal.Say("witness key ", "khoá nhân chứng ")
                 << Printable(anchoring.witness_vkey()) << "\n";
  }
}

void PrintProviders(const api::GetStatusResponse& status, Terminal& terminal) {
  if (status.providers().empty()) return;
  terminal.out << "\n";
  TextTable table({std::string(terminal.Say("PROVIDER", "BÊN CUNG CẤP")),
                   std::string(terminal.Say("ENDPOINT", "ĐỊA CHỈ")),
                   std::string(terminal.Say("BREAKER", "NGẮT MẠCH")),
                   std::string(terminal.Say("IN FLIGHT", "ĐANG XỬ LÝ")),
                   std::string(terminal.Say("HEALTH", "TÌNH TRẠNG"))});
  for (const api::ProviderStatus& provider : status.providers()) {
    const Cell health =
        provider.healthy()
            ? Cell(std::string(terminal.Say("up", "hoạt động")), Colour::kGood)
            : Cell(absl::StrCat(terminal.Say("down ", "ngừng "), provider.detail()), Colour::kBad);
    table.AddRow({provider.system(), provider.endpoint(), BreakerCell(provider.breaker(), terminal),
                  absl::StrCat(provider.in_flight(), "/", provider.in_flight_max()), health});
  }
  table.Print(terminal);
}

ExitCode Status(CommandLine& line) {
  api::GetStatusResponse status;
  const grpc::Status called = line.client().Call(&OperatorClient::Stub::GetStatus, {}, status);
  if (!called.ok()) return Report(line.terminal(), called);
  Terminal& terminal = line.terminal();
  // A node of an earlier version has none.
  api::GetMailboxResponse mailbox;
  const bool has_mailbox =
      line.client().Call(&OperatorClient::MailboxStub::GetMailbox, {}, mailbox).ok();
  if (terminal.json()) {
    terminal.PrintJson(status);
    return ExitCode::kOk;
  }
  terminal.out << terminal.Say("node        ", "nút trục    ") << status.system() << ", "
               << terminal.Say("version ", "phiên bản ") << status.version() << ", "
               << terminal.Say("since ", "từ ") << TimeText(status.started()) << "\n"
               << terminal.Say("listening   ", "địa chỉ     ")
               << absl::StrJoin(status.addresses(), ", ") << "\n"
               << terminal.Say("in flight   ", "đang xử lý  ") << status.in_flight() << "/"
               << status.in_flight_max() << "\n";
  PrintJournal(status.journal(), terminal);
  PrintFollower(status.journal(), terminal);
  if (status.journal().has_retention()) PrintRetention(status.journal().retention(), terminal);
  PrintAnchoring(status.anchoring(), terminal);
  if (has_mailbox) PrintMailbox(mailbox, terminal);
  terminal.out << terminal.Say("registry    ", "danh bạ     ") << status.registry_version() << ", "
               << status.registry().services() << " " << terminal.Say("services", "dịch vụ") << ", "
               << status.registry().grants() << " " << terminal.Say("grants", "quyền khai thác")
               << "\n"
               << terminal.Say("you         ", "bạn         ") << status.operator_name() << " ("
               << absl::StrJoin(status.operator_roles(), ", ") << ")\n";
  if (status.has_certificate_not_after()) {
    terminal.out << terminal.Say("certificate until ", "chứng thư số đến ")
                 << TimeText(status.certificate_not_after()) << "\n";
  }
  for (const api::ReadinessCondition& condition : status.conditions()) {
    if (condition.met()) continue;
    terminal.out << terminal.Paint(terminal.Say("NOT READY   ", "CHƯA SẴN SÀNG "), Colour::kBad)
                 << Printable(condition.name()) << ": " << Printable(condition.detail()) << "\n";
  }
  PrintProviders(status, terminal);
  return ExitCode::kOk;
}

}  // namespace

void AddStatusCommand(CommandLine& line) {
  command_options::Command command =
      line.program().AddCommand("status", "Shows the state of the node (trạng thái nút trục)");
  line.Bind(command, "  ndxctl status\n  ndxctl status --output json",
            [&line] { return Status(line); });
}

}  // namespace ndx::tools::ndxctl
