#include "ndx/tools/ndxctl/replay_task_text.h"

#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/strip.h"
#include "ndx/core/exchange_id.h"
#include "ndx/tools/ndxctl/exchange_printer.h"
#include "ndx/tools/ndxctl/text_table.h"

namespace ndx::tools::ndxctl {
namespace {

using replay::v1::ReplayItem;
using replay::v1::ReplayTask;

constexpr uint32_t kPaceMost = 600'000;

std::string ReplayIdText(const std::string& bytes) {
  const auto id = core::ExchangeId::FromBytes(bytes);
  return id.ok() && !id->is_nil() ? id->ToString() : "";
}

std::string RecordedText(replay::v1::SendingOutcome outcome, const Terminal& terminal) {
  switch (outcome) {
    case replay::v1::SENDING_OUTCOME_NOT_SENT:
      return std::string(terminal.Say("not sent", "chưa gửi"));
    case replay::v1::SENDING_OUTCOME_ANSWER_UNKNOWN:
      return std::string(terminal.Say("answer unknown", "chưa rõ kết quả"));
    case replay::v1::SENDING_OUTCOME_ANSWERED:
      return std::string(terminal.Say("answered", "đã trả lời"));
    default:
      return "?";
  }
}

std::string PaceText(uint32_t per_minute, const Terminal& terminal) {
  return absl::StrCat(per_minute, terminal.Say(" a minute", " mỗi phút"));
}

// What a task waits for or was paused by, in the operator's language; a reason stays its name.
std::string CauseText(const std::string& cause, const Terminal& terminal) {
  if (cause == "operator") return std::string(terminal.Say("by an operator", "theo lệnh"));
  if (cause == "failures") return std::string(terminal.Say("failures", "lỗi liên tiếp"));
  if (cause == "restart") return std::string(terminal.Say("restart", "nút khởi động lại"));
  if (cause == "store") return std::string(terminal.Say("disk or journal", "lỗi đĩa hoặc nhật ký"));
  if (cause == "stop switch") return std::string(terminal.Say("stop switch", "công tắc dừng"));
  if (cause == "overload") return std::string(terminal.Say("overload", "nút quá tải"));
  return cause;
}

std::string BoundText(const replay::v1::ReplayPlan& plan) {
  const auto text = [](int64_t nanos) {
    return nanos == 0 ? "…" : TimeText(absl::FromUnixNanos(nanos));
  };
  return absl::StrCat(text(plan.from_unix_ns()), " – ", text(plan.to_unix_ns()));
}

std::string ItemResult(const ReplayItem& item, const Terminal& terminal) {
  if (!item.reason().empty()) return item.reason();
  if (item.grpc_status() != 0) return absl::StrCat("status ", item.grpc_status());
  if (!item.differs()) return "";
  return absl::StrCat(terminal.Say("differs: ", "khác: "),
                      absl::StrJoin(item.different_fields(), ", "), item.more_fields() ? " …" : "");
}

}  // namespace

std::string ReplayModeText(replay::v1::ReplayMode mode, const Terminal& terminal) {
  switch (mode) {
    case replay::v1::REPLAY_MODE_DRY_RUN:
      return std::string(terminal.Say("dry run", "chạy thử"));
    case replay::v1::REPLAY_MODE_VERIFY:
      return std::string(terminal.Say("verify", "đối chiếu"));
    case replay::v1::REPLAY_MODE_EXECUTE:
      return std::string(terminal.Say("execute", "thực hiện lại"));
    default:
      return "?";
  }
}

std::string ReplayTaskStateText(const ReplayTask& task, const Terminal& terminal) {
  switch (task.state()) {
    case replay::v1::REPLAY_TASK_STATE_PLANNED:
      return std::string(terminal.Say("planned", "đã lập"));
    case replay::v1::REPLAY_TASK_STATE_RUNNING:
      return std::string(terminal.Say("running", "đang chạy"));
    case replay::v1::REPLAY_TASK_STATE_PAUSED:
      return absl::StrCat(terminal.Say("paused", "tạm dừng"), " (",
                          CauseText(task.paused_because(), terminal), ")");
    case replay::v1::REPLAY_TASK_STATE_FINISHED:
      return std::string(terminal.Say("finished", "hoàn thành"));
    case replay::v1::REPLAY_TASK_STATE_CANCELLED:
      return std::string(terminal.Say("cancelled", "đã hủy"));
    default:
      return "?";
  }
}

std::string ReplayItemStateText(replay::v1::ReplayItemState state, const Terminal& terminal) {
  switch (state) {
    case replay::v1::REPLAY_ITEM_STATE_WAITING:
      return std::string(terminal.Say("waiting", "chờ"));
    case replay::v1::REPLAY_ITEM_STATE_EXCLUDED:
      return std::string(terminal.Say("left out", "loại khỏi kế hoạch"));
    case replay::v1::REPLAY_ITEM_STATE_SENDING:
      return std::string(terminal.Say("sending", "đang gửi"));
    case replay::v1::REPLAY_ITEM_STATE_NOT_SENT:
      return std::string(terminal.Say("not sent", "không gửi"));
    case replay::v1::REPLAY_ITEM_STATE_ANSWER_UNKNOWN:
      return std::string(terminal.Say("answer unknown", "chưa rõ kết quả"));
    case replay::v1::REPLAY_ITEM_STATE_ANSWERED:
      return std::string(terminal.Say("answered", "đã trả lời"));
    case replay::v1::REPLAY_ITEM_STATE_FOUND_DONE:
      return std::string(terminal.Say("found done", "đã có hiệu lực từ trước"));
    case replay::v1::REPLAY_ITEM_STATE_PASSED:
      return std::string(terminal.Say("would be sent", "sẽ gửi"));
    default:
      return "?";
  }
}

std::string ReplayCountsText(const replay::v1::ReplayCounts& counts, const Terminal& terminal) {
  std::vector<std::string> texts;
  const auto add = [&](uint32_t count, absl::string_view what) {
    if (count > 0) texts.push_back(absl::StrCat(what, " ", count));
  };
  add(counts.waiting(), terminal.Say("waiting", "chờ"));
  add(counts.passed(), terminal.Say("would be sent", "sẽ gửi"));
  add(counts.answered(), terminal.Say("answered", "đã trả lời"));
  add(counts.different(), terminal.Say("different", "khác lần trước"));
  add(counts.errors(), terminal.Say("errors", "lỗi"));
  add(counts.found_done(), terminal.Say("found done", "đã có hiệu lực"));
  add(counts.answer_unknown(), terminal.Say("answer unknown", "chưa rõ"));
  add(counts.not_sent(), terminal.Say("not sent", "không gửi"));
  add(counts.excluded(), terminal.Say("left out", "loại"));
  return absl::StrJoin(texts, ", ");
}

void PrintReplayTask(const console::v1::ReplayTaskView& view, Terminal& terminal) {
  const ReplayTask& task = view.task();
  const auto& plan = task.plan();
  terminal.out << terminal.Say("replay task ", "nhiệm vụ thực hiện lại ") << task.number() << ", "
               << ReplayModeText(plan.mode(), terminal) << ": "
               << ReplayTaskStateText(task, terminal) << "\n"
               << terminal.Say("planned by ", "người lập ") << Printable(plan.planned_by()) << ", "
               << TimeText(absl::FromUnixNanos(plan.planned_unix_ns())) << ": "
               << Printable(plan.reason()) << "\n";
  if (plan.items_of() != 0) {
    terminal.out << terminal.Say("exchanges of task ", "giao dịch của nhiệm vụ ") << plan.items_of()
                 << "\n";
  } else {
    terminal.out << terminal.Say("time ", "thời gian ") << BoundText(plan) << "\n";
    if (!plan.filter().empty()) {
      terminal.out << terminal.Say("filter ", "bộ lọc ") << Printable(plan.filter()) << "\n";
    }
  }
  terminal.out << terminal.Say("exchanges ", "số giao dịch ") << plan.items() << ": "
               << ReplayCountsText(task.counts(), terminal) << "\n"
               << terminal.Say("pace ", "nhịp ") << PaceText(plan.pace_per_minute(), terminal)
               << terminal.Say("; stops after failures in a row: ", "; dừng sau số lỗi liên tiếp: ")
               << plan.stop_after() << "\n";
  if (!view.waits_for().empty()) {
    terminal.out << terminal.Say("waits for: ", "đang đợi: ")
                 << CauseText(view.waits_for(), terminal) << "\n";
  }
  terminal.out << terminal.Say("plan ", "kế hoạch ") << view.plan_sha256() << "\n";
  if (!plan.needs_approval()) return;
  if (task.approval().plan_sha256() == task.plan_sha256()) {
    terminal.out << terminal.Say("approved by ", "người phê duyệt ")
                 << Printable(task.approval().approver()) << ", "
                 << TimeText(absl::FromUnixNanos(task.approval().time_unix_ns())) << "\n";
  } else {
    terminal.out << terminal.Say("a second person has to approve: ", "cần người thứ hai: ")
                 << "ndxctl replay approve " << task.number() << " --plan " << view.plan_sha256()
                 << "\n";
  }
  if (view.has_expires()) {
    terminal.out << terminal.Say("counts until ", "có hiệu lực đến ") << TimeText(view.expires())
                 << "\n";
  }
}

void PrintReplayTallies(const google::protobuf::RepeatedPtrField<console::v1::ReplayTally>& tallies,
                        Terminal& terminal) {
  TextTable table({std::string(terminal.Say("COUNT", "SỐ LƯỢNG")),
                   std::string(terminal.Say("METHOD", "CHỨC NĂNG")),
                   std::string(terminal.Say("PROVIDER", "BÊN CUNG CẤP")),
                   std::string(terminal.Say("RECORDED", "LẦN ĐẦU")),
                   std::string(terminal.Say("NOW", "HIỆN TẠI")),
                   std::string(terminal.Say("REASON", "LÝ DO"))});
  for (const auto& tally : tallies) {
    table.AddRow({absl::StrCat(tally.count()), ShortMethod(tally.method()),
                  Printable(tally.provider()), RecordedText(tally.recorded(), terminal),
                  ReplayItemStateText(tally.state(), terminal), tally.reason()});
  }
  table.Print(terminal);
  std::string last;
  for (const auto& tally : tallies) {
    const std::string& text =
        terminal.language == core::Language::kVietnamese ? tally.reason_vi() : tally.reason_en();
    if (text.empty() || tally.reason() == last) continue;
    last = tally.reason();
    terminal.out << tally.reason() << ": " << text << "\n";
  }
}

void PrintReplayItems(const google::protobuf::RepeatedPtrField<ReplayItem>& items,
                      Terminal& terminal) {
  TextTable table({std::string(terminal.Say("ITEM", "SỐ")),
                   std::string(terminal.Say("EXCHANGE", "MÃ GIAO DỊCH")),
                   std::string(terminal.Say("METHOD", "CHỨC NĂNG")),
                   std::string(terminal.Say("STATE", "TRẠNG THÁI")),
                   std::string(terminal.Say("NEW EXCHANGE", "GIAO DỊCH MỚI")),
                   std::string(terminal.Say("RESULT", "KẾT QUẢ"))});
  for (const ReplayItem& item : items) {
    table.AddRow({absl::StrCat(item.number()), ReplayIdText(item.exchange_id()),
                  ShortMethod(item.method()), ReplayItemStateText(item.state(), terminal),
                  ReplayIdText(item.new_exchange_id()), ItemResult(item, terminal)});
  }
  table.Print(terminal);
}

absl::StatusOr<uint32_t> ParsePace(const std::string& text, const Terminal& terminal) {
  if (text.empty()) return 0;
  absl::string_view digits = text;
  const bool a_second = absl::ConsumeSuffix(&digits, "/s");
  if (!a_second) absl::ConsumeSuffix(&digits, "/m");
  uint32_t count = 0;
  const uint32_t times = a_second ? 60 : 1;
  if (absl::SimpleAtoi(digits, &count) && count > 0 && count <= kPaceMost / times) {
    return count * times;
  }
  return absl::InvalidArgumentError(std::string(
      terminal.Say("a pace is 5/s or 30/m, from 1 a minute", "nhịp có dạng 5/s hoặc 30/m")));
}

}  // namespace ndx::tools::ndxctl
