#include "ndx/tools/ndxctl/access_request_text.h"

#include <string>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "ndx/tools/ndxctl/line_difference.h"
#include "ndx/tools/ndxctl/text_table.h"
#include "ndx/tools/ndxctl/time_argument.h"

namespace ndx::tools::ndxctl {
namespace {

namespace api = console::v1;
namespace rv1 = ndx::registry::v1;

absl::string_view StateText(rv1::AccessRequestState state, const Terminal& terminal) {
  switch (state) {
    case rv1::ACCESS_REQUEST_STATE_WAITING:
      return terminal.Say("waits for its owner", "chờ duyệt");
    case rv1::ACCESS_REQUEST_STATE_MORE_ASKED:
      return terminal.Say("waits for an answer", "chờ bổ sung");
    case rv1::ACCESS_REQUEST_STATE_APPROVED:
      return terminal.Say("approved", "đã duyệt");
    case rv1::ACCESS_REQUEST_STATE_REFUSED:
      return terminal.Say("refused", "bị từ chối");
    case rv1::ACCESS_REQUEST_STATE_WITHDRAWN:
      return terminal.Say("withdrawn", "đã rút");
    default:
      return terminal.Say("expired", "hết hạn");
  }
}

absl::string_view StepText(rv1::AccessStepKind kind, const Terminal& terminal) {
  switch (kind) {
    case rv1::ACCESS_STEP_KIND_ASKED:
      return terminal.Say("asked", "gửi yêu cầu");
    case rv1::ACCESS_STEP_KIND_MORE_ASKED:
      return terminal.Say("asked for more", "yêu cầu bổ sung");
    case rv1::ACCESS_STEP_KIND_ANSWERED:
      return terminal.Say("answered", "bổ sung");
    case rv1::ACCESS_STEP_KIND_NARROWED:
      return terminal.Say("left less", "thu hẹp");
    case rv1::ACCESS_STEP_KIND_APPROVED:
      return terminal.Say("approved", "duyệt");
    case rv1::ACCESS_STEP_KIND_REFUSED:
      return terminal.Say("refused", "từ chối");
    case rv1::ACCESS_STEP_KIND_WITHDRAWN:
      return terminal.Say("withdrew it", "rút");
    default:
      return terminal.Say("it expired", "hết hạn");
  }
}

std::string StepTime(const rv1::AccessStep& step) {
  google::protobuf::Timestamp time;
  time.set_seconds(step.time_unix_ns() / 1'000'000'000);
  return TimeText(time);
}

void PrintGrant(const api::AccessRequestView& view, Terminal& terminal) {
  terminal.out << terminal.Say("would be granted:", "quyền sẽ được cấp:") << "\n";
  const std::string& before = view.asked().empty() ? view.grant() : view.asked();
  for (const DifferenceLine& each : LineDifference(before, view.grant())) {
    const std::string text =
        absl::StrCat("    ", std::string(1, each.mark), " ", Printable(each.text));
    const Colour colour = each.mark == '-'   ? Colour::kBad
                          : each.mark == '+' ? Colour::kGood
                                             : Colour::kPlain;
    terminal.out << terminal.Paint(text, colour) << "\n";
  }
  if (!view.asked().empty()) {
    terminal.out << terminal.Say("(- asked for, + left by the owner)",
                                 "(- đã yêu cầu, + đơn vị chủ quản để lại)")
                 << "\n";
  }
}

void PrintNext(const api::AccessRequestView& view, Terminal& terminal) {
  const uint64_t number = view.request().number();
  const bool waits = view.state() == rv1::ACCESS_REQUEST_STATE_WAITING;
  if (number == 0 || (!waits && view.state() != rv1::ACCESS_REQUEST_STATE_MORE_ASKED)) return;
  terminal.out << terminal.Say("counts until ", "có hiệu lực đến ") << TimeText(view.expires())
               << "\n"
               << terminal.Say("next: ", "tiếp theo: ") << "ndxctl access ";
  if (waits) {
    terminal.out << "approve " << number << " --plan " << view.plan_sha256()
                 << "  |  refuse  |  ask-more  |  narrow\n";
  } else {
    terminal.out << "answer " << number << " '…'\n";
  }
}

}  // namespace

void PrintAccessRequest(const api::AccessRequestView& view, Terminal& terminal) {
  const rv1::AccessRequest& request = view.request();
  if (request.number() > 0) {
    terminal.out << terminal.Say("request ", "yêu cầu ") << request.number() << ": "
                 << StateText(view.state(), terminal);
    if (view.overdue()) {
      terminal.out << terminal.Paint(terminal.Say(", overdue", ", quá thời hạn xử lý"),
                                     Colour::kWarning);
    }
    terminal.out << "\n";
  }
  terminal.out << terminal.Say("owner of the data: ", "đơn vị chủ quản: ")
               << Printable(absl::StrJoin(view.owners(), ", ")) << "\n";
  if (!request.steps(0).renews().empty()) {
    terminal.out << terminal.Say("extends the grant ", "gia hạn quyền ")
                 << Printable(request.steps(0).renews()) << "\n";
  }
  PrintGrant(view, terminal);
  for (const rv1::AccessStep& step : request.steps()) {
    terminal.out << StepTime(step) << "  " << Printable(step.by()) << " "
                 << StepText(step.kind(), terminal);
    if (!step.text().empty()) terminal.out << ": " << Printable(step.text());
    if (step.leaf_index_plus_one() > 0) {
      terminal.out << terminal.Say(" (leaf ", " (bản ghi ") << step.leaf_index_plus_one() - 1
                   << ")";
    }
    terminal.out << "\n";
  }
  if (request.change() > 0) {
    terminal.out << terminal.Say("granted by change ", "đã cấp bằng lần thay đổi ")
                 << request.change() << terminal.Say(" of the registry", " của danh bạ") << "\n";
  }
  PrintNext(view, terminal);
}

void PrintAccessRequests(const api::ListAccessRequestsResponse& response, Terminal& terminal) {
  if (response.requests().empty()) {
    terminal.out << terminal.Say("there is none", "không có yêu cầu nào") << "\n";
    return;
  }
  TextTable table({std::string(terminal.Say("REQUEST", "YÊU CẦU")),
                   std::string(terminal.Say("SINCE", "TỪ")),
                   std::string(terminal.Say("STATE", "TRẠNG THÁI")),
                   std::string(terminal.Say("ASKED BY", "NGƯỜI YÊU CẦU")),
                   std::string(terminal.Say("CONSUMER", "BÊN KHAI THÁC")),
                   std::string(terminal.Say("METHODS", "CHỨC NĂNG")),
                   std::string(terminal.Say("OWNER", "CHỦ QUẢN")),
                   std::string(terminal.Say("UNTIL", "ĐẾN NGÀY"))});
  for (const api::AccessRequestView& view : response.requests()) {
    const rv1::AccessRequest& request = view.request();
    rv1::Grant grant = request.steps(0).grant();
    for (const rv1::AccessStep& step : request.steps()) {
      if (step.has_grant()) grant = step.grant();
    }
    const std::string state =
        absl::StrCat(StateText(view.state(), terminal),
                     view.overdue() ? terminal.Say(", overdue", ", quá hạn") : absl::string_view());
    table.AddRow({absl::StrCat(request.number()), TimeText(view.waiting_since()), state,
                  request.steps(0).by(),
                  grant.consumer().empty() ? grant.consumer_group() : grant.consumer(),
                  absl::StrJoin(grant.methods(), ", "), absl::StrJoin(view.owners(), ", "),
                  grant.valid_to()});
  }
  table.Print(terminal);
  if (response.more()) {
    terminal.out << terminal.Say("there are older ones: --count", "còn các yêu cầu cũ hơn: --count")
                 << "\n";
  }
}

void PrintExpiringGrants(const api::ListExpiringGrantsResponse& response, Terminal& terminal) {
  if (response.grants().empty()) {
    terminal.out << terminal.Say("no grant ends soon", "không có quyền nào sắp hết hạn") << "\n";
    return;
  }
  TextTable table({std::string(terminal.Say("GRANT", "QUYỀN")),
                   std::string(terminal.Say("LAST DAY", "NGÀY CUỐI")),
                   std::string(terminal.Say("DAYS LEFT", "SỐ NGÀY CÒN")),
                   std::string(terminal.Say("CONSUMER", "BÊN KHAI THÁC")),
                   std::string(terminal.Say("EXTENSION", "GIA HẠN")),
                   std::string(terminal.Say("LEGAL BASIS", "CĂN CỨ PHÁP LÝ"))});
  for (const api::ExpiringGrant& grant : response.grants()) {
    table.AddRow({grant.name(), grant.valid_to(), absl::StrCat(grant.days_left()),
                  absl::StrJoin(grant.consumers(), ", "),
                  grant.renewal() == 0
                      ? std::string(terminal.Say("not asked for", "chưa yêu cầu"))
                      : absl::StrCat(terminal.Say("request ", "yêu cầu "), grant.renewal()),
                  grant.legal_basis()});
  }
  table.Print(terminal);
}

}  // namespace ndx::tools::ndxctl
