#include "ndx/search/search_field.h"

namespace ndx::search {

const std::vector<SearchField>& SearchFields() {
  static const auto* const kFields = new std::vector<SearchField>{
      {FieldName::kTime, "time", FieldKind::kTime, "when it was recorded", "thời điểm ghi"},
      {FieldName::kExchange, "exchange", FieldKind::kId, "exchange id", "mã giao dịch"},
      {FieldName::kConsumer, "consumer", FieldKind::kText, "calling system", "bên khai thác"},
      {FieldName::kProvider, "provider", FieldKind::kText, "system asked", "bên cung cấp"},
      {FieldName::kService, "service", FieldKind::kMethod, "service", "dịch vụ"},
      {FieldName::kMethod, "method", FieldKind::kMethod, "method", "chức năng"},
      {FieldName::kOutcome, "outcome", FieldKind::kWord, "what became of it", "kết quả"},
      {FieldName::kEvent, "event", FieldKind::kWord, "kind of record", "loại bản ghi"},
      {FieldName::kReason, "reason", FieldKind::kText, "error reason", "mã lỗi"},
      {FieldName::kStatus, "status", FieldKind::kNumber, "gRPC status code", "mã trạng thái gRPC"},
      {FieldName::kCode, "code", FieldKind::kText, "business result code", "mã kết quả nghiệp vụ"},
      {FieldName::kGrant, "grant", FieldKind::kText, "rule that decided", "quyền đã áp dụng"},
      {FieldName::kShadow, "shadow", FieldKind::kText, "grant in shadow mode that said otherwise",
       "quyền ở chế độ thử có ý khác"},
      {FieldName::kPurpose, "purpose", FieldKind::kText, "purpose", "mục đích khai thác"},
      {FieldName::kProcedure, "procedure", FieldKind::kText, "procedure code", "mã TTHC"},
      {FieldName::kRelay, "relay", FieldKind::kText, "node crossed", "nút đã đi qua"},
      {FieldName::kDossier, "dossier", FieldKind::kReference, "dossier code", "mã hồ sơ"},
      {FieldName::kOfficer, "officer", FieldKind::kReference, "officer code", "mã cán bộ"},
      {FieldName::kSubject, "subject", FieldKind::kReference, "person concerned",
       "người được nói đến"},
      {FieldName::kReplayOf, "replay_of", FieldKind::kId, "exchange that it executed again",
       "giao dịch được thực hiện lại"},
      {FieldName::kReplayedAs, "replayed_as", FieldKind::kId, "exchange that executed it again",
       "giao dịch đã thực hiện lại nó"},
      {FieldName::kDuration, "duration", FieldKind::kDuration, "from first byte in to outcome",
       "thời gian xử lý"},
      {FieldName::kRequestSize, "request_size", FieldKind::kSize, "bytes of the request",
       "dung lượng yêu cầu"},
      {FieldName::kResponseSize, "response_size", FieldKind::kSize, "bytes of the answer",
       "dung lượng trả lời"},
      {FieldName::kOperator, "operator", FieldKind::kText, "operator", "người vận hành"},
      {FieldName::kAction, "action", FieldKind::kText, "what the operator did",
       "việc người vận hành đã làm"},
  };
  return *kFields;
}

const SearchField* FindField(absl::string_view text) {
  for (const SearchField& field : SearchFields()) {
    if (field.text == text) return &field;
  }
  return nullptr;
}

}  // namespace ndx::search
