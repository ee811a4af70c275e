#include "ndx/crypto/signature_fault.h"

#include "ndx/core/status_macros.h"

namespace ndx::crypto {
namespace {

struct Row {
  SignatureFault fault;
  absl::string_view vi;
  absl::string_view en;
};

constexpr Row kRows[] = {
    {SignatureFault::kTooLong, "dài quá giới hạn", "longer than allowed"},
    {SignatureFault::kForm, "không đúng dạng JWS (RFC 7515)",
     "not in the form of a JWS (RFC 7515)"},
    {SignatureFault::kEncoding, "không phải base64url chuẩn, không đệm",
     "not canonical base64url without padding"},
    {SignatureFault::kHeader, "phần đầu JWS không phải một đối tượng JSON phẳng",
     "its header is no flat JSON object"},
    {SignatureFault::kMember, "phần đầu JWS thiếu trường, hoặc có trường không được phép",
     "its header lacks a member or has one that is not allowed"},
    {SignatureFault::kAlgorithm, "thuật toán phải là ES256 hoặc EdDSA, đúng với loại khóa",
     "the algorithm must be ES256 or EdDSA, as the key is"},
    {SignatureFault::kType, "được ký cho việc khác (`typ`)", "made for something else (`typ`)"},
    {SignatureFault::kLength, "giá trị chữ ký không đúng dạng", "the signature value is malformed"},
    {SignatureFault::kLife, "thời hạn ghi trong đó không hợp lệ hoặc quá dài",
     "its life is not valid or too long"},
    {SignatureFault::kNotYet, "thời điểm tạo nằm ở tương lai; kiểm tra đồng hồ",
     "it was made in the future; check the clock"},
    {SignatureFault::kExpired, "đã hết hạn; hãy ký lại", "it has expired; sign anew"},
    {SignatureFault::kKeyUnknown, "khóa (`kid`) chưa đăng ký cho bên ký",
     "the key (`kid`) is not registered for the signer"},
    {SignatureFault::kKeyNotToday, "khóa đăng ký cho những ngày khác",
     "the key is registered for other days"},
    {SignatureFault::kMismatch, "không khớp với nội dung đã gửi hoặc với khóa",
     "it does not match what was sent, or the key"},
    {SignatureFault::kNoExchangeId, "phải gửi kèm `ndx-exchange-id`",
     "`ndx-exchange-id` must be sent with it"},
    {SignatureFault::kMissing, "không có chữ ký", "there is none"},
    {SignatureFault::kSentTwice, "có nhiều hơn một chữ ký", "there is more than one"},
    {SignatureFault::kClaims, "thẻ thiếu thông tin, hoặc có thông tin không được phép",
     "the token lacks a claim or has one that is not allowed"},
    {SignatureFault::kIssuer, "thẻ không do đơn vị của bên khai thác cấp (`iss`)",
     "the token is not from the caller's member (`iss`)"},
    {SignatureFault::kAudience, "thẻ được cấp cho nút khác (`aud`)",
     "the token is for another node (`aud`)"},
    {SignatureFault::kSubject, "thẻ không phải của cán bộ ghi trong `ndx-officer`",
     "the token is not that of the officer in `ndx-officer`"},
};

const Row& RowOf(SignatureFault fault) {
  for (const Row& row : kRows) {
    if (row.fault == fault) return row;
  }
  NDX_CHECK(false);
}

}  // namespace

absl::string_view FaultTextVi(SignatureFault fault) { return RowOf(fault).vi; }
absl::string_view FaultTextEn(SignatureFault fault) { return RowOf(fault).en; }

}  // namespace ndx::crypto
