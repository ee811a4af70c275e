// Time-stamps (dấu thời gian) of an authority: the request, and the verification of its answer.
//
// Thread-safety: TimeStampTrust is immutable; the functions are thread-safe.
// Certificates are checked as of the token's own time, so that a token stays good when they expire;
// revocation is not looked at. Hash of the imprint: SHA-256.
// Source: RFC 3161, RFC 5816.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "ndx/crypto/certificate.h"
#include "ndx/crypto/digest.h"

namespace ndx::crypto {

// Longest answer that is looked at.
inline constexpr size_t kTimeStampAnswerBytesMax = 64 << 10;

// Content types of request and answer over HTTP.
inline constexpr char kTimeStampRequestType[] = "application/timestamp-query";
inline constexpr char kTimeStampAnswerType[] = "application/timestamp-reply";

// A TimeStampReq in DER for this digest; asks for the authority's certificate in the answer.
std::string TimeStampRequest(const Digest& imprint, uint64_t nonce);

// Whose time-stamps are believed.
class TimeStampTrust {
 public:
  // From PEM: the authority's own certificate, or one or more it chains to. kInvalidArgument if
  // there is none or one is broken.
  static absl::StatusOr<TimeStampTrust> FromPem(absl::string_view pem);

  const std::vector<Certificate>& certificates() const { return certificates_; }

 private:
  explicit TimeStampTrust(std::vector<Certificate> certificates)
      : certificates_(std::move(certificates)) {}
  std::vector<Certificate> certificates_;
};

// What a verified token says.
struct TimeStamp {
  absl::Time time;
  std::string serial_hex;
  std::string policy;  // object identifier, dotted
  std::string signer;  // subject of the signing certificate, RFC 2253
};

// Verifies a TimeStampResp in DER: granted, over this imprint, with this nonce where one is given,
// signed by a certificate for time-stamping that the trust covers. kInvalidArgument for something
// else than such an answer, kUnavailable with the authority's words where it refused,
// kPermissionDenied where it does not verify.
absl::StatusOr<TimeStamp> VerifyTimeStampAnswer(absl::string_view answer, const Digest& imprint,
                                                std::optional<uint64_t> nonce,
                                                const TimeStampTrust& trust);

}  // namespace ndx::crypto
