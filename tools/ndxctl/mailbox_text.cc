#include "ndx/tools/ndxctl/mailbox_text.h"

#include "absl/strings/str_cat.h"
#include "ndx/tools/ndxctl/text_table.h"

namespace ndx::tools::ndxctl {

std::string KeptStateText(exchange::v1::OutcomeState state, const Terminal& terminal) {
  switch (state) {
    case exchange::v1::OUTCOME_STATE_KEPT:
      return std::string(terminal.Say("kept", "đang lưu"));
    case exchange::v1::OUTCOME_STATE_DELIVERING:
      return std::string(terminal.Say("being delivered", "đang chuyển"));
    case exchange::v1::OUTCOME_STATE_ANSWERED:
      return std::string(terminal.Say("answered", "đã trả lời"));
    case exchange::v1::OUTCOME_STATE_IN_DOUBT:
      return std::string(terminal.Say("in doubt", "chưa rõ kết quả"));
    case exchange::v1::OUTCOME_STATE_DEAD:
      return std::string(terminal.Say("dead", "thư chết"));
    case exchange::v1::OUTCOME_STATE_CANCELLED:
      return std::string(terminal.Say("given up", "đã hủy"));
    default:
      return "?";
  }
}

std::string ScopeText(const api::StopScope& scope, const Terminal& terminal) {
  if (scope.service().empty() && scope.provider().empty()) {
    return std::string(terminal.Say("everything", "tất cả"));
  }
  return absl::StrCat(Printable(scope.service()),
                      scope.service().empty() || scope.provider().empty() ? "" : " @ ",
                      Printable(scope.provider()));
}

void PrintMailbox(const api::GetMailboxResponse& mailbox, Terminal& terminal) {
  uint64_t dead = 0;
  uint64_t in_doubt = 0;
  for (const api::KeptCount& count : mailbox.counts()) {
    if (count.state() == exchange::v1::OUTCOME_STATE_DEAD) dead += count.count();
    if (count.state() == exchange::v1::OUTCOME_STATE_IN_DOUBT) in_doubt += count.count();
  }
  terminal.out << terminal.Say("mailbox     ", "hộp thư     ") << mailbox.requests() << " "
               << terminal.Say("kept", "đang lưu") << " (" << BytesText(mailbox.bytes()) << "), "
               << terminal.Say("in doubt ", "chưa rõ kết quả ") << in_doubt << ", "
               << terminal.Say("dead ", "thư chết ") << dead;
  if (mailbox.has_oldest()) {
    terminal.out << ", " << terminal.Say("oldest since ", "cũ nhất từ ")
                 << TimeText(mailbox.oldest());
  }
  terminal.out << "\n";
  for (const api::StopOrderView& order : mailbox.stop_orders()) {
    const std::string what = absl::StrCat(terminal.Say("STOPPED     ", "ĐÃ DỪNG     "),
                                          ScopeText(order.scope(), terminal));
    terminal.out << terminal.Paint(what, Colour::kBad) << ", " << terminal.Say("since ", "từ ")
                 << TimeText(order.since()) << ", " << Printable(order.operator_name()) << ": "
                 << Printable(order.reason()) << "\n";
  }
}

}  // namespace ndx::tools::ndxctl
