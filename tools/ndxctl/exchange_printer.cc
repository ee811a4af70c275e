#include "ndx/tools/ndxctl/exchange_printer.h"

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/strip.h"
#include "ndx/core/exchange_id.h"
#include "ndx/tools/ndxctl/error_report.h"

namespace ndx::tools::ndxctl {
namespace {

using console::v1::ExchangeState;
using console::v1::ExchangeSummary;

struct StateWords {
  ExchangeState state;
  const char* word;  // on the command line and in English
  const char* vi;
  Colour colour;
};

constexpr size_t kHmacDigits = 8;
constexpr size_t kDayLength = 10;  // of TimeText(): 2026-03-02

constexpr StateWords kStates[] = {
    {console::v1::EXCHANGE_STATE_OPEN, "open", "đang xử lý", Colour::kPlain},
    {console::v1::EXCHANGE_STATE_ANSWERED, "answered", "đã trả lời", Colour::kGood},
    {console::v1::EXCHANGE_STATE_FAILED, "failed", "lỗi", Colour::kBad},
    {console::v1::EXCHANGE_STATE_REFUSED, "refused", "bị từ chối", Colour::kWarning},
    {console::v1::EXCHANGE_STATE_IN_DOUBT, "in-doubt", "chưa rõ kết quả", Colour::kBad},
    {console::v1::EXCHANGE_STATE_RESOLVED, "resolved", "đã rõ kết quả", Colour::kGood},
};

std::string Outcome(const ExchangeSummary& exchange) {
  if (!exchange.error_reason().empty()) return exchange.error_reason();
  if (exchange.grpc_status() != 0) return CodeName(static_cast<int>(exchange.grpc_status()));
  return exchange.business_code();
}

void PrintField(absl::string_view name, const std::string& value, Terminal& terminal) {
  if (value.empty()) return;
  const size_t width = DisplayWidth(name);
  constexpr size_t kColumn = 22;
  terminal.out << terminal.Paint(name, Colour::kDim)
               << std::string(width < kColumn ? kColumn - width : 1, ' ') << Printable(value)
               << "\n";
}

std::string IdText(const std::string& bytes) {
  const auto id = core::ExchangeId::FromBytes(bytes);
  return id.ok() ? id->ToString() : "";
}

std::string Detail(const journal::v1::JournalLeaf& leaf) {
  std::string detail = leaf.error_reason();
  if (!leaf.operator_name().empty()) {
    absl::StrAppend(&detail, detail.empty() ? "" : " ", leaf.operator_name(), ": ",
                    leaf.operator_action(), leaf.operator_reason().empty() ? "" : ", ",
                    leaf.operator_reason());
  }
  if (leaf.replay_task() != 0) {
    absl::StrAppend(&detail, detail.empty() ? "" : ", ", "task ", leaf.replay_task());
    for (const std::string& more : {leaf.replay_outcome(), leaf.note()}) {
      if (!more.empty()) absl::StrAppend(&detail, ", ", more);
    }
  }
  if (leaf.has_start()) {
    absl::StrAppend(&detail, leaf.start().version(), ", ", leaf.start().leaves(), " leaves, ",
                    leaf.start().in_doubt(), " in doubt, ",
                    leaf.start().clean_stop() ? "clean stop before" : "no clean stop before");
  }
  if (detail.empty()) detail = leaf.business_code();
  if (detail.empty()) detail = leaf.resolution();
  if (detail.empty() && leaf.has_decision()) detail = leaf.decision().rule();
  const std::string& shadow = leaf.decision().shadow_rule();
  if (!shadow.empty()) {
    const std::string& reason = leaf.decision().shadow_reason();
    absl::StrAppend(&detail, ", shadow ", shadow, ": ", reason.empty() ? "allowed" : reason);
  }
  return detail;
}

}  // namespace

std::string ShortMethod(const std::string& path) {
  const size_t slash = path.rfind('/');
  if (slash == std::string::npos) return path;
  const size_t dot = path.rfind('.', slash);
  return dot == std::string::npos ? path : path.substr(dot + 1);
}

std::string StateText(ExchangeState state, core::Language language) {
  for (const StateWords& words : kStates) {
    if (words.state == state) {
      return language == core::Language::kVietnamese ? words.vi : words.word;
    }
  }
  return "?";
}

Cell StateCell(ExchangeState state, const Terminal& terminal) {
  Cell cell(StateText(state, terminal.language));
  for (const StateWords& words : kStates) {
    if (words.state == state) cell.colour = words.colour;
  }
  return cell;
}

std::vector<std::string> ExchangeHeadings(const Terminal& terminal) {
  const auto say = [&terminal](const char* en, const char* vi) {
    return std::string(terminal.Say(en, vi));
  };
  return {say("TIME", "THỜI GIAN"),      say("EXCHANGE", "MÃ GIAO DỊCH"),
          say("STATE", "TRẠNG THÁI"),    say("CONSUMER", "BÊN KHAI THÁC"),
          say("METHOD", "CHỨC NĂNG"),    say("PROVIDER", "BÊN CUNG CẤP"),
          say("DURATION", "THỜI LƯỢNG"), say("RESULT", "KẾT QUẢ")};
}

std::vector<Cell> ExchangeRow(const ExchangeSummary& exchange, const Terminal& terminal) {
  return {TimeText(exchange.time()),
          exchange.exchange_id(),
          StateCell(exchange.state(), terminal),
          exchange.consumer(),
          ShortMethod(exchange.method()),
          exchange.provider(),
          MicrosecondsText(exchange.duration_us()),
          Outcome(exchange)};
}

void PrintExchange(const ExchangeSummary& exchange, Terminal& terminal) {
  const auto say = [&terminal](const char* en, const char* vi) { return terminal.Say(en, vi); };
  PrintField(say("exchange", "mã giao dịch"), exchange.exchange_id(), terminal);
  const Cell state = StateCell(exchange.state(), terminal);
  PrintField(say("state", "trạng thái"), state.text, terminal);
  PrintField(say("time", "thời gian"), TimeText(exchange.time()), terminal);
  PrintField(say("consumer", "bên khai thác"), exchange.consumer(), terminal);
  PrintField(say("provider", "bên cung cấp"), exchange.provider(), terminal);
  PrintField(say("method", "chức năng"), exchange.method(), terminal);
  PrintField(say("purpose", "mục đích khai thác"), exchange.purpose(), terminal);
  PrintField(say("procedure", "mã TTHC"), exchange.procedure(), terminal);
  PrintField(say("duration", "thời lượng"), MicrosecondsText(exchange.duration_us()), terminal);
  PrintField(say("status", "mã gRPC"), CodeName(static_cast<int>(exchange.grpc_status())),
             terminal);
  PrintField(say("reason", "lý do lỗi"), exchange.error_reason(), terminal);
  PrintField(say("business code", "mã nghiệp vụ"), exchange.business_code(), terminal);
  PrintField(say("request", "yêu cầu"), BytesText(exchange.request_bytes()), terminal);
  PrintField(say("answer", "trả lời"), BytesText(exchange.response_bytes()), terminal);
  PrintField(say("replay of", "thực hiện lại của"), exchange.replay_of(), terminal);
}

std::string OfficerProofText(bool proved, core::Language language) {
  const bool vi = language == core::Language::kVietnamese;
  if (proved) {
    return vi ? "đã xác thực bằng thẻ ký số của cán bộ" : "proved by the officer's own token";
  }
  return vi ? "do hệ thống khai báo" : "stated by the system";
}

void PrintProofs(const google::protobuf::RepeatedPtrField<console::v1::RecordedLeaf>& leaves,
                 Terminal& terminal) {
  const journal::v1::KeyedReference* officer = nullptr;
  const std::string* key_id = nullptr;
  for (const console::v1::RecordedLeaf& record : leaves) {
    if (officer == nullptr && !record.leaf().officer().hmac().empty()) {
      officer = &record.leaf().officer();
    }
    if (!record.leaf().signature_key_id().empty()) key_id = &record.leaf().signature_key_id();
  }
  if (officer != nullptr) {
    PrintField(terminal.Say("officer", "cán bộ xử lý"),
               absl::StrCat(terminal.Say("ref. ", "mã băm "),
                            absl::BytesToHexString(officer->hmac()).substr(0, kHmacDigits), "…/",
                            officer->key_year(), ", ",
                            OfficerProofText(officer->proved(), terminal.language)),
               terminal);
  }
  if (key_id != nullptr) {
    PrintField(terminal.Say("signed by", "ký số bằng khóa"), *key_id, terminal);
  }
}

void PrintWay(const google::protobuf::RepeatedPtrField<console::v1::RecordedLeaf>& leaves,
              Terminal& terminal) {
  if (leaves.empty()) return;
  const journal::v1::JournalLeaf& leaf = leaves.rbegin()->leaf();
  std::string way = absl::StrJoin(leaf.relay_path(), " → ");
  if (!leaf.relayed_to().empty()) absl::StrAppend(&way, " → ", leaf.relayed_to());
  PrintField(terminal.Say("nodes", "các nút đi qua"), way, terminal);
  PrintField(terminal.Say("error at node", "lỗi tại nút"), leaf.error_node(), terminal);
  PrintField(terminal.Say("asked for", "được nêu là gọi thay"), leaf.relay_asserted_origin(),
             terminal);
}

void PrintLeaves(const google::protobuf::RepeatedPtrField<console::v1::RecordedLeaf>& leaves,
                 Terminal& terminal) {
  TextTable table({std::string(terminal.Say("LEAF", "BẢN GHI")),
                   std::string(terminal.Say("TIME", "THỜI GIAN")),
                   std::string(terminal.Say("EVENT", "SỰ KIỆN")),
                   std::string(terminal.Say("EXCHANGE", "MÃ GIAO DỊCH")),
                   std::string(terminal.Say("DETAIL", "CHI TIẾT"))});
  for (const console::v1::RecordedLeaf& record : leaves) {
    table.AddRow({absl::StrCat(record.index()),
                  TimeText(absl::FromUnixNanos(record.leaf().time_unix_ns())),
                  EventName(record.leaf().event()), IdText(record.leaf().exchange_id()),
                  Detail(record.leaf())});
  }
  table.Print(terminal);
}

void PrintPayload(const std::string& title, const console::v1::Payload& payload,
                  DescriptorLibrary* library, Terminal& terminal) {
  terminal.out << terminal.Paint(title, Colour::kDim);
  if (payload.parts_erased() > 0) {
    terminal.out << " (" << terminal.Say("parts erased on an order: ", "phần đã xóa theo yêu cầu: ")
                 << payload.parts_erased() << ")";
  }
  if (payload.has_retention_expired()) {
    terminal.out << terminal.Say(" retention expired on ", " hết thời hạn lưu trữ ngày ")
                 << TimeText(payload.retention_expired()).substr(0, kDayLength) << "\n";
    return;
  }
  if (!payload.unreadable().empty()) {
    terminal.out << " " << Printable(payload.unreadable()) << "\n";
    return;
  }
  terminal.out << " " << payload.type() << "\n";
  const auto* const type = library == nullptr ? nullptr : library->FindType(payload.type());
  for (const std::string& message : payload.messages()) {
    absl::StatusOr<std::string> json = absl::NotFoundError("");
    if (type != nullptr) json = library->ToJson(*type, message, /*pretty=*/true);
    // Vietnamese text stays as it is; JSON has no control characters but line feeds.
    terminal.out << (json.ok() ? *json : absl::BytesToHexString(message)) << "\n";
  }
}

std::string EventName(journal::v1::JournalEvent event) {
  return std::string(absl::StripPrefix(journal::v1::JournalEvent_Name(event), "JOURNAL_EVENT_"));
}

}  // namespace ndx::tools::ndxctl
