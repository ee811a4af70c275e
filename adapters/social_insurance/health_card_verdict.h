// What a health-card check says (maKetQua), as a pure function of the card's record and the
// question.
//
// Order of the checks, the first that applies wins: form of the number (051, 053, 052) · no such
// card (050) · name (060, 061) · birth date (070) · replaced (003) · the card's own code (001, 002,
// 100, 101, 110, 120 to 124, 130, 401, 500) · expired or not yet valid (010) · good (000).
//
// Thread-safety: thread-safe functions.
// Source: the result codes of the insurer's portal, as public clients list them; their order is
// this project's.
#pragma once

#include <string>

#include "absl/strings/string_view.h"
#include "ndx/social_insurance/v1/social_insurance_service.pb.h"

namespace ndx::social_insurance {

// How a number may be looked up.
enum class CardNumberKind { kCard, kInsuranceNumber, kCitizenId };

struct CardNumber {
  CardNumberKind kind = CardNumberKind::kCard;
  // VALID, or what is wrong with the form.
  v1::HealthCardResult result = v1::HEALTH_CARD_RESULT_VALID;
};

// By its form: 15 characters (two letters, benefit 1 to 5, province, ten digits), 10 or 12 digits.
CardNumber ReadCardNumber(absl::string_view number);

// record: the card as the database has it; result_code is the card's own. on_date is yyyy-MM-dd.
v1::HealthCardResult VerdictOf(const v1::CheckHealthCardResponse& record,
                               const v1::CheckHealthCardRequest& request,
                               absl::string_view on_date);

// "050" of NOT_FOUND.
std::string ResultCode(v1::HealthCardResult result);

// The insurer's remark (ghi chú).
std::string ResultNote(v1::HealthCardResult result);

// The answer with nothing of the record but what its result allows: personal data only when number,
// name and birth date were right.
void Disclose(v1::HealthCardResult result, v1::CheckHealthCardResponse& answer);

}  // namespace ndx::social_insurance
