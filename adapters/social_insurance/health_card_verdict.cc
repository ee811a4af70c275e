#include "health_card_verdict.h"

#include <algorithm>

#include "absl/strings/ascii.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_format.h"
#include "ndx/adapters/sdk/name_key.h"

namespace ndx::social_insurance {
namespace {

constexpr int kCodeOffset = 1000;

bool AllDigits(absl::string_view text) {
  return std::all_of(text.begin(), text.end(), [](char c) { return c >= '0' && c <= '9'; });
}

bool SameBirthDate(absl::string_view recorded, absl::string_view asked) {
  return recorded.substr(0, asked.size()) == asked;
}

// The card's own code, where it is one that a card can have.
v1::HealthCardResult OwnResult(const std::string& code) {
  int number = 0;
  if (code.size() != 3 || !AllDigits(code) || !absl::SimpleAtoi(code, &number) ||
      !v1::HealthCardResult_IsValid(kCodeOffset + number)) {
    return v1::HEALTH_CARD_RESULT_DATA_ERROR;
  }
  return static_cast<v1::HealthCardResult>(kCodeOffset + number);
}

struct Note {
  v1::HealthCardResult result;
  const char* text;
};

constexpr Note kNotes[] = {
    {v1::HEALTH_CARD_RESULT_VALID, "Thông tin thẻ chính xác"},
    {v1::HEALTH_CARD_RESULT_MANAGED_BY_DEFENCE, "Thẻ do Bộ Quốc phòng quản lý"},
    {v1::HEALTH_CARD_RESULT_MANAGED_BY_PUBLIC_SECURITY, "Thẻ do Bộ Công an quản lý"},
    {v1::HEALTH_CARD_RESULT_REPLACED, "Thẻ cũ đã được cấp thẻ mới"},
    {v1::HEALTH_CARD_RESULT_EXPIRED, "Thẻ hết giá trị sử dụng"},
    {v1::HEALTH_CARD_RESULT_NOT_FOUND, "Không thấy thông tin thẻ"},
    {v1::HEALTH_CARD_RESULT_NUMBER_MALFORMED, "Mã thẻ sai"},
    {v1::HEALTH_CARD_RESULT_PROVINCE_WRONG, "Mã tỉnh trên thẻ sai (ký tự thứ 4, 5)"},
    {v1::HEALTH_CARD_RESULT_BENEFIT_WRONG, "Mã quyền lợi trên thẻ sai (ký tự thứ 3)"},
    {v1::HEALTH_CARD_RESULT_NAME_WRONG, "Thẻ sai họ tên"},
    {v1::HEALTH_CARD_RESULT_NAME_WRONG_INITIALS_RIGHT, "Thẻ sai họ tên (đúng ký tự đầu)"},
    {v1::HEALTH_CARD_RESULT_BIRTH_DATE_WRONG, "Thẻ sai ngày sinh"},
    {v1::HEALTH_CARD_RESULT_DATA_ERROR, "Lỗi khi lấy dữ liệu thẻ"},
    {v1::HEALTH_CARD_RESULT_SERVER_ERROR, "Lỗi máy chủ"},
    {v1::HEALTH_CARD_RESULT_WITHDRAWN, "Thẻ đã thu hồi"},
    {v1::HEALTH_CARD_RESULT_REDUCED, "Thẻ đã báo giảm"},
    {v1::HEALTH_CARD_RESULT_REDUCED_MOVED_OUT, "Thẻ đã báo giảm: chuyển ngoại tỉnh"},
    {v1::HEALTH_CARD_RESULT_REDUCED_MOVED_WITHIN, "Thẻ đã báo giảm: chuyển nội tỉnh"},
    {v1::HEALTH_CARD_RESULT_REDUCED_GROUP_CHANGED, "Thẻ đã báo giảm: thay đổi nhóm"},
    {v1::HEALTH_CARD_RESULT_REDUCED_DECEASED, "Thẻ đã báo giảm: chết"},
    {v1::HEALTH_CARD_RESULT_CHILD, "Trẻ em không xuất trình thẻ"},
    {v1::HEALTH_CARD_RESULT_NOT_AUTHENTICATED, "Lỗi xác thực tài khoản"},
    {v1::HEALTH_CARD_RESULT_NOT_CONNECTED, "Lỗi kết nối"},
};

}  // namespace

CardNumber ReadCardNumber(absl::string_view number) {
  if (number.size() == 10 && AllDigits(number)) return {CardNumberKind::kInsuranceNumber};
  if (number.size() == 12 && AllDigits(number)) return {CardNumberKind::kCitizenId};
  const auto wrong = [](v1::HealthCardResult result) {
    return CardNumber{CardNumberKind::kCard, result};
  };
  if (number.size() != 15 || !absl::ascii_isupper(static_cast<unsigned char>(number[0])) ||
      !absl::ascii_isupper(static_cast<unsigned char>(number[1])) || !AllDigits(number.substr(5))) {
    return wrong(v1::HEALTH_CARD_RESULT_NUMBER_MALFORMED);
  }
  if (number[2] < '1' || number[2] > '5') return wrong(v1::HEALTH_CARD_RESULT_BENEFIT_WRONG);
  if (!AllDigits(number.substr(3, 2)) || number.substr(3, 2) == "00") {
    return wrong(v1::HEALTH_CARD_RESULT_PROVINCE_WRONG);
  }
  return {CardNumberKind::kCard};
}

v1::HealthCardResult VerdictOf(const v1::CheckHealthCardResponse& record,
                               const v1::CheckHealthCardRequest& request,
                               absl::string_view on_date) {
  const std::string recorded = sdk::NameKey(record.full_name());
  const std::string asked = sdk::NameKey(request.full_name());
  if (recorded != asked) {
    return !asked.empty() && !recorded.empty() && recorded[0] == asked[0]
               ? v1::HEALTH_CARD_RESULT_NAME_WRONG_INITIALS_RIGHT
               : v1::HEALTH_CARD_RESULT_NAME_WRONG;
  }
  if (!SameBirthDate(record.birth_date(), request.birth_date())) {
    return v1::HEALTH_CARD_RESULT_BIRTH_DATE_WRONG;
  }
  if (!record.new_card_number().empty()) return v1::HEALTH_CARD_RESULT_REPLACED;
  const v1::HealthCardResult own = OwnResult(record.result_code());
  if (own != v1::HEALTH_CARD_RESULT_VALID) return own;
  if (on_date < record.valid_from() || on_date > record.valid_to()) {
    return v1::HEALTH_CARD_RESULT_EXPIRED;
  }
  return v1::HEALTH_CARD_RESULT_VALID;
}

std::string ResultCode(v1::HealthCardResult result) {
  return absl::StrFormat("%03d", static_cast<int>(result) - kCodeOffset);
}

std::string ResultNote(v1::HealthCardResult result) {
  for (const Note& note : kNotes) {
    if (note.result == result) return note.text;
  }
  return {};
}

void Disclose(v1::HealthCardResult result, v1::CheckHealthCardResponse& answer) {
  const bool is_not_that_person = result == v1::HEALTH_CARD_RESULT_NOT_FOUND ||
                                  result == v1::HEALTH_CARD_RESULT_NUMBER_MALFORMED ||
                                  result == v1::HEALTH_CARD_RESULT_PROVINCE_WRONG ||
                                  result == v1::HEALTH_CARD_RESULT_BENEFIT_WRONG ||
                                  result == v1::HEALTH_CARD_RESULT_NAME_WRONG ||
                                  result == v1::HEALTH_CARD_RESULT_NAME_WRONG_INITIALS_RIGHT ||
                                  result == v1::HEALTH_CARD_RESULT_BIRTH_DATE_WRONG;
  if (is_not_that_person) answer.Clear();
  answer.set_result_code(ResultCode(result));
  answer.set_result(result);
  answer.set_note(ResultNote(result));
}

}  // namespace ndx::social_insurance
