#include "ndx/anchors/time_stamper.h"

#include "absl/strings/str_cat.h"
#include "ndx/core/status_macros.h"
#include "ndx/crypto/digest.h"

namespace ndx::anchors {

absl::StatusOr<TimeStampAnswer> AskTimeStamp(const TimeStampAuthority& authority,
                                             absl::string_view checkpoint, http::HttpPoster& poster,
                                             core::Random& random, const core::Clock& clock,
                                             absl::Duration difference_max) {
  const crypto::Digest imprint = crypto::Sha256Of({checkpoint});
  const uint64_t nonce = random.Next64();
  NDX_ASSIGN_OR_RETURN(http::HttpResponse response,
                       poster.Post({.url = authority.url,
                                    .content_type = crypto::kTimeStampRequestType,
                                    .accept = crypto::kTimeStampAnswerType,
                                    .body = crypto::TimeStampRequest(imprint, nonce)}));
  if (response.status != 200) {
    return absl::UnavailableError(
        absl::StrCat("the time-stamp authority answered ", response.status));
  }
  TimeStampAnswer answer{.der = std::move(response.body)};
  NDX_ASSIGN_OR_RETURN(answer.stamp,
                       crypto::VerifyTimeStampAnswer(answer.der, imprint, nonce, authority.trust));
  const absl::Duration difference = answer.stamp.time - clock.Now();
  if (absl::AbsDuration(difference) > difference_max) {
    return absl::PermissionDeniedError(
        absl::StrCat("the time-stamp's time differs from this clock by ",
                     absl::FormatDuration(absl::Trunc(difference, absl::Seconds(1)))));
  }
  return answer;
}

}  // namespace ndx::anchors
