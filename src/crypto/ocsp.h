// Asking an authority whether a certificate is revoked (giao thức kiểm tra trạng thái chứng thư
// số): the request, and the verification of its answer.
//
// Thread-safety: thread-safe functions.
// The answer must be signed by the certificate's issuer or by whom it has issued a certificate for
// signing such answers. No nonce: responders answer from what they have signed before, and the
// answer's dates say how old that is.
// Source: RFC 6960, RFC 5019.
#pragma once

#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "ndx/crypto/certificate.h"

namespace ndx::crypto {

// Longest answer that is looked at.
inline constexpr size_t kOcspAnswerBytesMax = 64 << 10;

// Content types of request and answer over HTTP.
inline constexpr char kOcspRequestType[] = "application/ocsp-request";
inline constexpr char kOcspAnswerType[] = "application/ocsp-response";

// An OCSPRequest in DER for one certificate.
std::string OcspRequest(const Certificate& certificate, const Certificate& issuer);

// The first HTTP address of a responder that the certificate names (authority information access);
// empty where it names none.
std::string OcspResponderOf(const Certificate& certificate);

// What a verified answer says.
struct OcspAnswer {
  enum class State { kGood, kRevoked, kUnknown };
  State state = State::kUnknown;
  absl::Time revoked_at = absl::InfiniteFuture();  // where it is
  absl::Time this_update;
  absl::Time next_update = absl::InfiniteFuture();  // where it says
};

// Verifies an OCSPResponse in DER: about this certificate, signed as above, made not after `now`
// and not out of date, with five minutes for clocks that differ. kInvalidArgument for something
// else than such an answer, kUnavailable where the responder refused, kPermissionDenied where it
// does not verify, kFailedPrecondition for one of another time.
absl::StatusOr<OcspAnswer> VerifyOcspAnswer(absl::string_view answer,
                                            const Certificate& certificate,
                                            const Certificate& issuer, absl::Time now);

}  // namespace ndx::crypto
