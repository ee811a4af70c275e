#include "ndx/tools/verify/verdict.h"

#include <map>

#include "absl/strings/str_cat.h"
#include "google/protobuf/util/json_util.h"
#include "google/protobuf/wrappers.pb.h"

namespace ndx::tools::verify {
namespace {

std::string JsonText(const std::string& text) {
  google::protobuf::StringValue value;
  value.set_value(text);
  std::string json;
  // The wrapper's JSON is the quoted text alone.
  const auto status = google::protobuf::util::MessageToJsonString(value, &json);
  return status.ok() ? json : "\"\xEF\xBF\xBD\"";
}

std::string JsonList(const std::vector<Bilingual>& texts, core::Language language) {
  std::string out;
  for (const Bilingual& text : texts) {
    absl::StrAppend(&out, out.empty() ? "" : ",", JsonText(Say(text, language)));
  }
  return absl::StrCat("[", out, "]");
}

}  // namespace

void Verdict::Problem(Bilingual text) {
  if (++problem_count_ <= kProblemsMax) problems_.push_back(std::move(text));
}

void Verdict::PrintText(std::ostream& out, core::Language language) const {
  const bool vi = language == core::Language::kVietnamese;
  out << (holds() ? (vi ? "đúng" : "holds") : (vi ? "KHÔNG ĐÚNG" : "DOES NOT HOLD")) << "\n";
  for (const Bilingual& text : problems_) {
    out << (vi ? "  sai: " : "  wrong: ") << Say(text, language) << "\n";
  }
  if (problem_count_ > problems_.size()) {
    out << (vi ? "  và thêm: " : "  and more: ") << problem_count_ - problems_.size() << "\n";
  }
  for (const Bilingual& text : checked_) {
    out << (vi ? "  đã kiểm tra: " : "  checked: ") << Say(text, language) << "\n";
  }
  for (const Bilingual& text : not_checked_) {
    out << (vi ? "  không kiểm tra: " : "  not checked: ") << Say(text, language) << "\n";
  }
}

void Verdict::PrintJson(std::ostream& out, core::Language language) const {
  out << "{\"holds\":" << (holds() ? "true" : "false")
      << ",\"checked\":" << JsonList(checked_, language)
      << ",\"not_checked\":" << JsonList(not_checked_, language)
      << ",\"problems\":" << JsonList(problems_, language) << "}\n";
}

std::string Say(const Bilingual& text, core::Language language) {
  std::string said = language == core::Language::kVietnamese ? text.vi : text.en;
  for (char& c : said) {
    if (static_cast<unsigned char>(c) < 0x20 || c == 0x7F) c = '?';
  }
  return said;
}

Bilingual Translate(const std::string& message) {
  static const auto* const kTexts = new std::map<std::string, std::string>({
      {"the proof does not lead to the root hash", "bằng chứng không dẫn đến giá trị băm gốc"},
      {"the leaf's index is outside the tree", "vị trí bản ghi nằm ngoài cây"},
      {"the newer tree is smaller", "cây mới hơn lại nhỏ hơn"},
      {"not a leaf as a line of JSON", "không phải bản ghi dạng một dòng JSON"},
      {"leaf_hash is not the hash of the leaf", "leaf_hash không phải giá trị băm của bản ghi"},
      {"record does not say what the leaf says", "record không nói đúng nội dung bản ghi"},
      {"not a signed note", "không phải văn bản có chữ ký (signed note)"},
      {"the note is not plain UTF-8 text", "văn bản không phải UTF-8 thuần"},
      {"the note has too many signatures", "văn bản có quá nhiều chữ ký"},
      {"a signature line is malformed", "một dòng chữ ký sai dạng"},
      {"not standard base64", "không đúng base64 chuẩn"},
      {"not a decimal number", "không phải số thập phân"},
      {"no known key signed the note", "không có khóa nào đã biết ký văn bản này"},
      {"a root hash has 32 bytes", "giá trị băm gốc phải có 32 byte"},
      {"the receipt is not a tlog-proof", "xác nhận không đúng dạng tlog-proof"},
      {"the request given is not the one that was recorded",
       "yêu cầu đưa ra không phải yêu cầu đã ghi"},
      {"the answer given is not the one that was recorded",
       "trả lời đưa ra không phải trả lời đã ghi"},
      {"the next node's receipt is not the one that the record names",
       "xác nhận của nút tiếp theo không phải xác nhận mà bản ghi nêu"},
      {"the signature given is not the one that was recorded",
       "chữ ký đưa ra không phải chữ ký đã ghi"},
  });
  const auto found = kTexts->find(message);
  return {message, found == kTexts->end() ? message : found->second};
}

}  // namespace ndx::tools::verify
