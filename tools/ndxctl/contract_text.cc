#include "ndx/tools/ndxctl/contract_text.h"

#include <string>

#include "absl/strings/str_cat.h"
#include "ndx/tools/ndxctl/text_table.h"

namespace ndx::tools::ndxctl {
namespace {

namespace rv1 = ndx::registry::v1;

absl::string_view TextOf(rv1::ContractDifferenceKind kind, const Terminal& terminal) {
  switch (kind) {
    case rv1::CONTRACT_DIFFERENCE_KIND_METHOD_REMOVED:
      return terminal.Say("the method is gone", "bỏ chức năng");
    case rv1::CONTRACT_DIFFERENCE_KIND_INPUT_TYPE:
      return terminal.Say("is asked with another type", "đổi kiểu yêu cầu");
    case rv1::CONTRACT_DIFFERENCE_KIND_OUTPUT_TYPE:
      return terminal.Say("answers with another type", "đổi kiểu trả lời");
    case rv1::CONTRACT_DIFFERENCE_KIND_STREAMING:
      return terminal.Say("streams otherwise", "đổi kiểu truyền dòng");
    case rv1::CONTRACT_DIFFERENCE_KIND_FIELD_REMOVED:
      return terminal.Say("the field is gone, its number is not reserved",
                          "bỏ trường mà không giữ chỗ số trường");
    case rv1::CONTRACT_DIFFERENCE_KIND_FIELD_NUMBER:
      return terminal.Say("has another number", "đổi số trường");
    case rv1::CONTRACT_DIFFERENCE_KIND_FIELD_TYPE:
      return terminal.Say("has another type", "đổi kiểu trường");
    case rv1::CONTRACT_DIFFERENCE_KIND_FIELD_LABEL:
      return terminal.Say("is single, optional or repeated otherwise",
                          "đổi dạng đơn, tùy chọn hoặc lặp");
    case rv1::CONTRACT_DIFFERENCE_KIND_FIELD_ONEOF:
      return terminal.Say("is in another oneof", "đổi nhóm oneof");
    case rv1::CONTRACT_DIFFERENCE_KIND_ENUM_VALUE_REMOVED:
      return terminal.Say("the value is gone", "bỏ giá trị");
    case rv1::CONTRACT_DIFFERENCE_KIND_PERSONAL_DATA:
      return terminal.Say("is less protected as personal data", "giảm mức bảo vệ dữ liệu cá nhân");
    case rv1::CONTRACT_DIFFERENCE_KIND_REQUIRED:
      return terminal.Say("has to be sent now", "trở thành bắt buộc");
    case rv1::CONTRACT_DIFFERENCE_KIND_EFFECT:
      return terminal.Say("is called a read", "được coi là chỉ đọc");
    case rv1::CONTRACT_DIFFERENCE_KIND_IDEMPOTENT:
      return terminal.Say("may be sent twice", "được phép gửi lại");
    case rv1::CONTRACT_DIFFERENCE_KIND_WRITE_AHEAD:
      return terminal.Say("is no longer recorded before it is sent",
                          "không còn ghi nhật ký trước khi gửi");
    case rv1::CONTRACT_DIFFERENCE_KIND_REPLAY:
      return terminal.Say("may be executed again more easily", "nới điều kiện thực hiện lại");
    case rv1::CONTRACT_DIFFERENCE_KIND_GRANT:
      return terminal.Say("is named by a grant and gone", "quyền đang dùng mà không còn");
    case rv1::CONTRACT_DIFFERENCE_KIND_FIELD_RESERVED:
      return terminal.Say("the field is gone, its number is reserved",
                          "bỏ trường, có giữ chỗ số trường");
    case rv1::CONTRACT_DIFFERENCE_KIND_JSON_NAME:
      return terminal.Say("is called otherwise in JSON", "đổi tên trong JSON");
    case rv1::CONTRACT_DIFFERENCE_KIND_FORMAT:
      return terminal.Say("is held against another format", "đổi quy tắc định dạng");
    default:
      return terminal.Say("messages may be less large", "giảm kích thước thông điệp");
  }
}

}  // namespace

bool PrintContractDifferences(
    const google::protobuf::RepeatedPtrField<rv1::ContractDifference>& differences,
    Terminal& terminal) {
  bool breaks = false;
  for (const rv1::ContractDifference& difference : differences) {
    breaks = breaks || difference.breaking();
    const std::string text =
        absl::StrCat(difference.breaking() ? "!" : " ", " ", Printable(difference.file()),
                     difference.file().empty() ? "" : ": ", Printable(difference.element()), " ",
                     TextOf(difference.kind(), terminal), " (", Printable(difference.was()),
                     difference.now().empty() ? "" : " → ", Printable(difference.now()), ")");
    terminal.out << terminal.Paint(text, difference.breaking() ? Colour::kBad : Colour::kWarning)
                 << "\n";
  }
  return breaks;
}

}  // namespace ndx::tools::ndxctl
