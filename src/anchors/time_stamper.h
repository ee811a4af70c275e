// One time-stamp over one checkpoint: asks an authority and verifies what it answers.
//
// Thread-safety: AskTimeStamp as the poster. Source: RFC 3161 section 3.4 (HTTP).
#pragma once

#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "ndx/core/clock.h"
#include "ndx/core/random.h"
#include "ndx/crypto/time_stamp.h"
#include "ndx/http/http_client.h"

namespace ndx::anchors {

// A time-stamp authority (cơ quan cấp dấu thời gian) and whose signature makes its tokens good.
struct TimeStampAuthority {
  std::string name;  // IsAuthorityName()
  std::string url;
  crypto::TimeStampTrust trust;
};

struct TimeStampAnswer {
  std::string der;  // TimeStampResp, as the authority sent it
  crypto::TimeStamp stamp;
};

// A time-stamp over SHA-256 of the checkpoint note's bytes. Not OK unless granted, over this
// imprint, with the nonce sent, signed as the trust wants it, and of a time that differs from the
// clock by at most difference_max (one of the two is wrong then): kUnavailable, kDeadlineExceeded,
// kPermissionDenied, kInvalidArgument.
absl::StatusOr<TimeStampAnswer> AskTimeStamp(const TimeStampAuthority& authority,
                                             absl::string_view checkpoint, http::HttpPoster& poster,
                                             core::Random& random, const core::Clock& clock,
                                             absl::Duration difference_max);

}  // namespace ndx::anchors
