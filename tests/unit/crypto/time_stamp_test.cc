#include "ndx/crypto/time_stamp.h"

#include <catch2/catch.hpp>
#include <cstdlib>
#include <fstream>
#include <sstream>
#include <string>

#include "ndx/tests/support/time_stamp_authority.h"

namespace ndx::crypto {
namespace {

constexpr uint64_t kNonce = 0x8123'4567'89AB'CDEF;

const tests::TimeStampAuthority& Authority() {
  static const auto* const kAuthority = new tests::TimeStampAuthority();
  return *kAuthority;
}

TimeStampTrust Trust(const std::string& pem) { return TimeStampTrust::FromPem(pem).value(); }

TEST_CASE("a time-stamp of openssl's own authority verifies against its CA and its certificate") {
  const Digest imprint = Sha256Of({"a checkpoint"});
  const std::string answer = Authority().Answer(TimeStampRequest(imprint, kNonce));
  for (const std::string& pem : {Authority().ca_pem(), Authority().certificate_pem()}) {
    const auto stamp = VerifyTimeStampAnswer(answer, imprint, kNonce, Trust(pem));
    REQUIRE(stamp.ok());
    CHECK(stamp->time > absl::FromUnixSeconds(1'700'000'000));
    CHECK(stamp->policy == "1.2.3.4.1");
    CHECK(stamp->signer == "CN=tsa");
    CHECK_FALSE(stamp->serial_hex.empty());
  }
  // Without the nonce at hand, as whoever verifies a kept token.
  CHECK(VerifyTimeStampAnswer(answer, imprint, std::nullopt, Trust(Authority().ca_pem())).ok());
}

TEST_CASE("another imprint, nonce or authority, and any changed byte, is refused") {
  const Digest imprint = Sha256Of({"a checkpoint"});
  const TimeStampTrust trust = Trust(Authority().ca_pem());
  const std::string answer = Authority().Answer(TimeStampRequest(imprint, kNonce));
  const auto code = [&](const std::string& bytes, const Digest& digest, uint64_t nonce,
                        const TimeStampTrust& believed) {
    return VerifyTimeStampAnswer(bytes, digest, nonce, believed).status().code();
  };
  REQUIRE(code(answer, imprint, kNonce, trust) == absl::StatusCode::kOk);
  CHECK(code(answer, Sha256Of({"another"}), kNonce, trust) == absl::StatusCode::kPermissionDenied);
  CHECK(code(answer, imprint, kNonce + 1, trust) == absl::StatusCode::kPermissionDenied);
  const tests::TimeStampAuthority stranger;
  CHECK(code(answer, imprint, kNonce, Trust(stranger.ca_pem())) ==
        absl::StatusCode::kPermissionDenied);
  // The certificate that only signs documents is not one for time-stamps.
  CHECK(code(stranger.Answer(TimeStampRequest(imprint, kNonce)), imprint, kNonce, trust) ==
        absl::StatusCode::kPermissionDenied);
  size_t accepted = 0;
  for (size_t i = 0; i < answer.size(); i += 7) {
    std::string changed = answer;
    changed[i] = static_cast<char>(changed[i] ^ 0x10);
    if (!VerifyTimeStampAnswer(changed, imprint, kNonce, trust).ok()) continue;
    // What an authority sends along unsigned may be changed without harm: the same is proved.
    ++accepted;
    CHECK(VerifyTimeStampAnswer(changed, imprint, kNonce, trust)->time ==
          VerifyTimeStampAnswer(answer, imprint, kNonce, trust)->time);
  }
  CHECK(accepted < answer.size() / 70);
}

TEST_CASE("something else than an answer is refused, at and above the limit") {
  const Digest imprint = Sha256Of({"a checkpoint"});
  const TimeStampTrust trust = Trust(Authority().ca_pem());
  const std::string answer = Authority().Answer(TimeStampRequest(imprint, kNonce));
  for (const std::string& bytes :
       {std::string(), std::string("no DER"), answer + "x", answer.substr(0, answer.size() - 1),
        std::string(kTimeStampAnswerBytesMax, 'x'),
        std::string(kTimeStampAnswerBytesMax + 1, 'x')}) {
    CHECK(VerifyTimeStampAnswer(bytes, imprint, kNonce, trust).status().code() ==
          absl::StatusCode::kInvalidArgument);
  }
  CHECK_FALSE(TimeStampTrust::FromPem("").ok());
}

TEST_CASE("an authority's refusal is passed on with its words") {
  const Digest imprint = Sha256Of({"a checkpoint"});
  const std::string refusal = Authority().Answer("no request at all");
  const auto status =
      VerifyTimeStampAnswer(refusal, imprint, kNonce, Trust(Authority().ca_pem())).status();
  CHECK(status.code() == absl::StatusCode::kUnavailable);
}

}  // namespace
}  // namespace ndx::crypto
