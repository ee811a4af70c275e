#include "ndx/tools/ndxctl/report_words.h"

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "ndx/tools/ndxctl/error_report.h"
#include "ndx/tools/ndxctl/exchange_printer.h"

namespace ndx::tools::ndxctl {
namespace {

namespace api = console::v1;

// Digits of a keyed reference that are shown; the JSON form has all of them.
constexpr size_t kReferenceDigits = 8;

}  // namespace

ReportWords::ReportWords(const api::SubjectReport& report, core::Language language)
    : report_(report), language_(language) {
  for (const api::RegisteredName& name : report.names()) names_[name.code()] = &name;
}

std::string ReportWords::NameOf(const std::string& code) const {
  const auto found = names_.find(code);
  if (found == names_.end()) return "";
  const api::RegisteredName& name = *found->second;
  const bool english = language_ == core::Language::kEnglish && !name.name_en().empty();
  return english ? name.name_en() : name.name_vi();
}

std::string ReportWords::LegalBasisOf(const std::string& code) const {
  const auto found = names_.find(code);
  return found == names_.end() ? "" : found->second->legal_basis();
}

std::string ReportWords::Outcome(const api::SubjectReportRow& row) const {
  std::string outcome = StateText(row.state(), language_);
  std::string detail = row.error_reason();
  if (detail.empty() && row.grpc_status() != 0) {
    detail = CodeName(static_cast<int>(row.grpc_status()));
  }
  if (detail.empty() && !row.business_code().empty()) {
    detail = absl::StrCat(Say("code ", "mã "), row.business_code());
  }
  if (!detail.empty()) absl::StrAppend(&outcome, ": ", detail);
  return outcome;
}

std::string ReportWords::Reference(const api::ReportedReference& reference) const {
  if (reference.reference().empty()) return "";
  if (!reference.known_as().empty()) return reference.known_as();
  return absl::StrCat(Say("ref. ", "mã băm "), reference.reference().substr(0, kReferenceDigits),
                      "…/", reference.key_year());
}

std::string ReportWords::Officer(const api::ReportedReference& officer) const {
  if (officer.reference().empty()) return "";
  return absl::StrCat(Reference(officer), " (", OfficerProofText(officer.proved(), language_), ")");
}

std::string ReportWords::Class(options::v1::PersonalData personal_data) const {
  switch (personal_data) {
    case options::v1::PERSONAL_DATA_SENSITIVE:
      return std::string(Say("sensitive", "nhạy cảm"));
    case options::v1::PERSONAL_DATA_BASIC:
      return std::string(Say("basic", "cơ bản"));
    default:
      return std::string(Say("other", "khác"));
  }
}

std::string ReportWords::Basis(api::FieldBasis basis) const {
  switch (basis) {
    case api::FIELD_BASIS_NO_ANSWER:
      return std::string(Say("no answer was delivered", "không có trả lời nào được chuyển đi"));
    case api::FIELD_BASIS_GRANT:
      return std::string(
          Say("at most these: what the grant names, less what was taken out",
              "nhiều nhất là các trường này: theo quyền khai thác, trừ trường đã lược bỏ"));
    case api::FIELD_BASIS_TYPE_OF_TODAY:
      return std::string(
          Say("at most these: the registry has changed since, so the type of today, "
              "less what was taken out",
              "nhiều nhất là các trường này: danh bạ đã thay đổi, nên theo kiểu dữ "
              "liệu hiện nay, trừ trường đã lược bỏ"));
    case api::FIELD_BASIS_LIST_BESIDE:
      return std::string(
          Say("at most these: what was taken out is too long a list for the leaf",
              "nhiều nhất là các trường này: danh sách trường đã lược bỏ quá dài, bản "
              "ghi chỉ giữ mã băm"));
    default:
      return std::string(Say("cannot be said: the method is not registered any more",
                             "không xác định được: chức năng không còn đăng ký"));
  }
}

std::string ReportWords::FieldsInShort(const api::FieldSet& set) const {
  if (set.basis() == api::FIELD_BASIS_NO_ANSWER) return std::string(Say("nothing", "không có"));
  if (set.fields().empty()) return std::string(Say("not known", "không xác định"));
  std::map<options::v1::PersonalData, int> counts;
  for (const api::ReportedField& field : set.fields()) ++counts[field.personal_data()];
  std::vector<std::string> parts;
  for (auto count = counts.rbegin(); count != counts.rend(); ++count) {
    parts.push_back(absl::StrCat(count->second, " ", Class(count->first)));
  }
  return absl::StrJoin(parts, ", ");
}

std::string ReportWords::Field(const api::ReportedField& field) const {
  const std::string& title =
      language_ == core::Language::kVietnamese ? field.title_vi() : field.title_en();
  return title.empty() ? field.path() : absl::StrCat(field.path(), " (", title, ")");
}

const api::FieldSet* ReportWords::FieldSetOf(const api::SubjectReportRow& row) const {
  for (const api::FieldSet& set : report_.field_sets()) {
    if (set.number() == row.field_set()) return &set;
  }
  return nullptr;
}

std::string ReportWords::NodeMark(const std::string& origin) const {
  int number = 0;
  std::map<std::string, int> numbers;
  for (const api::SubjectReportSource& source : report_.sources()) {
    if (numbers.emplace(source.origin(), number + 1).second) ++number;
  }
  const auto found = numbers.find(origin);
  return found == numbers.end() ? "" : absl::StrCat("N", found->second);
}

std::string ReportWords::Verdict(const api::SubjectReportSource& source) const {
  switch (source.verdict()) {
    case api::SOURCE_VERDICT_VERIFIED:
      return std::string(Say("verified against the key given", "đã kiểm chứng bằng khoá được cấp"));
    case api::SOURCE_VERDICT_OWN_KEY:
      return std::string(Say("agrees with itself alone: no key of this journal was given",
                             "chỉ tự khớp: chưa có khoá của nhật ký này để kiểm chứng"));
    default:
      return absl::StrCat(Say("REJECTED, left out of the report: ", "BỊ LOẠI khỏi báo cáo: "),
                          source.problem());
  }
}

std::string ReportWords::Reach(const api::SubjectReportSource& source) const {
  const std::string searched =
      absl::StrCat(Say("searched to leaf ", "đã tra đến bản ghi "), source.searched_to(),
                   Say(" of ", " trên "), source.tree_size());
  if (!source.partial()) {
    return absl::StrCat(searched, Say("; everything recorded before the asking",
                                      "; đủ mọi giao dịch ghi trước lúc yêu cầu"));
  }
  return absl::StrCat(searched, Say("; PARTIAL: the index is behind, ask again later",
                                    "; CHƯA ĐỦ: chỉ mục tra cứu còn chậm, hãy yêu cầu lại sau"));
}

std::string ReportWords::Completeness() const {
  return std::string(
      report_.complete()
          ? Say("Every source was searched up to the moment of its asking.",
                "Mọi nguồn đã được tra đến thời điểm yêu cầu.")
          : Say("THIS REPORT IS NOT COMPLETE: a source was rejected, or searched in part.",
                "BÁO CÁO NÀY CHƯA ĐỦ: có nguồn bị loại hoặc mới tra được một phần."));
}

std::vector<std::string> ReportWords::Limits() const {
  std::vector<std::string> limits;
  const auto add = [&](absl::string_view en, absl::string_view vi) {
    limits.emplace_back(Say(en, vi));
  };
  add("Each row is proved by the journal's signed tree. That no row is missing is stated by the "
      "node from its index, not proved.",
      "Mỗi dòng được chứng minh bằng cây nhật ký có chữ ký. Việc không thiếu dòng nào do nút trục "
      "xác nhận theo chỉ mục, không phải bằng chứng mật mã.");
  add("Exchanges that did not pass through the nodes named here, earlier epochs of their journals, "
      "and refused requests, whose content is not kept and of which no data left, are not in it.",
      "Không gồm: giao dịch không qua các nút trục nêu trên, các kỳ nhật ký trước, và yêu cầu bị "
      "từ "
      "chối (nội dung không được lưu, không có dữ liệu nào được cung cấp).");
  add("Whom an exchange concerns is known from the fields that its service marks as a person's "
      "number; a search by name that found nobody names nobody.",
      "Giao dịch liên quan đến ai được xác định theo trường số định danh mà dịch vụ đã đánh dấu; "
      "tra theo họ tên mà không thấy ai thì không gắn với ai.");
  add("Fields are kinds, not values: what was empty at the provider did not leave. No payload was "
      "opened for this report.",
      "Trường dữ liệu là loại, không phải giá trị: trường trống tại bên cung cấp thì không được "
      "cung cấp. Không mở nội dung giao dịch để lập báo cáo này.");
  add("Dossier and officer are keyed references that nobody can turn back; the same code has "
      "another "
      "reference on another node and in another year. To check a code that is known, ask for the "
      "report again with --dossier CODE or --officer CODE, or list by dossier = \"CODE\".",
      "Mã hồ sơ và mã cán bộ chỉ được lưu dưới dạng mã băm có khoá, không đảo ngược được; mỗi nút, "
      "mỗi năm một mã khác. Để đối chiếu một mã đã biết, lập lại báo cáo với --dossier MÃ hoặc "
      "--officer MÃ, hoặc lọc dossier = \"MÃ\".");
  add("Which person an operator searched for is recorded nowhere; reading, exporting and executing "
      "an exchange again are.",
      "Người vận hành đã tra cứu về ai thì không nhật ký nào ghi; việc đọc, xuất, thực hiện lại "
      "một "
      "giao dịch thì có ghi.");
  return limits;
}

}  // namespace ndx::tools::ndxctl
