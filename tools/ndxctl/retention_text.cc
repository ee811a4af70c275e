#include "ndx/tools/ndxctl/retention_text.h"

#include <string>

#include "absl/strings/str_cat.h"
#include "ndx/tools/ndxctl/text_table.h"

namespace ndx::tools::ndxctl {
namespace {

constexpr int64_t kSecondsPerDay = 24 * 3600;

void PrintClock(const console::v1::RetentionStatus& status, Terminal& terminal) {
  if (status.clock_ahead().seconds() == 0) return;
  const std::string ahead =
      absl::StrCat(status.clock_ahead().seconds() / kSecondsPerDay, "d ",
                   status.clock_ahead().seconds() % kSecondsPerDay / 3600, "h");
  terminal.out << "            "
               << terminal.Paint(
                      absl::StrCat(terminal.Say("the clock is ahead by ", "đồng hồ chạy trước "),
                                   ahead),
                      status.clock_held() ? Colour::kBad : Colour::kWarning);
  if (status.clock_held()) {
    terminal.out << terminal.Say(
        "; retention waits: ndxctl journal retention --confirm-clock --reason …",
        "; việc xoá đang chờ: ndxctl journal retention --confirm-clock --reason …");
  }
  terminal.out << "\n";
}

}  // namespace

void PrintRetention(const console::v1::RetentionStatus& status, Terminal& terminal) {
  terminal.out << terminal.Say("retention   ", "lưu trữ     ");
  if (!status.ends()) {
    terminal.out << terminal.Say(
        "payloads are kept for ever: journal.retention.security_level is not set\n",
        "nội dung giao dịch được lưu vĩnh viễn: chưa đặt journal.retention.security_level\n");
  } else if (status.security_level() == 0) {
    terminal.out << terminal.Say("by exceptions alone", "chỉ theo ngoại lệ");
  } else {
    terminal.out << terminal.Say("security level ", "cấp độ an toàn ") << status.security_level();
  }
  if (!status.ends()) return;
  terminal.out << ", " << terminal.Say("removed ", "đã xoá ") << status.exchanges_pruned() << " "
               << terminal.Say("exchanges' payloads, ", "nội dung giao dịch, ")
               << BytesText(status.bytes_pruned());
  if (status.kept_back() > 0) {
    terminal.out << ", " << terminal.Say("kept back ", "tạm giữ ") << status.kept_back();
  }
  if (status.has_lag()) {
    terminal.out << ", " << terminal.Say("behind by ", "chậm ")
                 << status.lag().seconds() / kSecondsPerDay << terminal.Say(" days", " ngày");
  }
  if (status.has_oldest_kept()) {
    terminal.out << ", " << terminal.Say("oldest ", "cũ nhất ") << TimeText(status.oldest_kept());
  }
  terminal.out << "\n";
  PrintClock(status, terminal);
  if (!status.trouble().empty()) {
    terminal.out << "            " << terminal.Paint(Printable(status.trouble()), Colour::kBad)
                 << "\n";
  }
}

}  // namespace ndx::tools::ndxctl
