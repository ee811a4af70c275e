#include "ndx/dispatch/failure_reason.h"

#include <catch2/catch.hpp>

namespace ndx::dispatch {
namespace {

using transport::Delivery;
using transport::EndCause;

struct Case {
  EndCause cause;
  Delivery delivery;
  std::string read;    // reason for a read
  std::string change;  // reason for a change
};

TEST_CASE("every end that is no answer has its reason, told apart for reads and changes") {
  const Case cases[] = {
      {EndCause::kConnectFailed, Delivery::kNotSent, "PROVIDER_DOWN", "PROVIDER_DOWN"},
      {EndCause::kRefusedStream, Delivery::kNotSent, "PROVIDER_DOWN", "PROVIDER_DOWN"},
      {EndCause::kGoAway, Delivery::kNotSent, "PROVIDER_DOWN", "PROVIDER_DOWN"},
      {EndCause::kChannelClosed, Delivery::kNotSent, "PROVIDER_DOWN", "PROVIDER_DOWN"},
      {EndCause::kQueueFull, Delivery::kNotSent, "PROVIDER_BUSY", "PROVIDER_BUSY"},
      {EndCause::kDeadline, Delivery::kNotSent, "DEADLINE_BEFORE_SENDING",
       "DEADLINE_BEFORE_SENDING"},
      {EndCause::kDeadline, Delivery::kSentAnswerUnknown, "READ_TIMED_OUT", "CHANGE_TIMED_OUT"},
      {EndCause::kReset, Delivery::kSentAnswerUnknown, "READ_BROKEN_OFF", "CHANGE_BROKEN_OFF"},
      {EndCause::kConnectionLost, Delivery::kSentAnswerUnknown, "READ_BROKEN_OFF",
       "CHANGE_BROKEN_OFF"},
      {EndCause::kChannelClosed, Delivery::kSentAnswerUnknown, "READ_BROKEN_OFF",
       "CHANGE_BROKEN_OFF"},
      {EndCause::kMalformedAnswer, Delivery::kSentAnswerUnknown, "PROVIDER_ANSWER_MALFORMED",
       "PROVIDER_ANSWER_MALFORMED"},
      {EndCause::kNoGrpcStatus, Delivery::kSentAnswerUnknown, "PROVIDER_ANSWER_MALFORMED",
       "PROVIDER_ANSWER_MALFORMED"},
      {EndCause::kProtocolError, Delivery::kNotSent, "PROVIDER_ANSWER_MALFORMED",
       "PROVIDER_ANSWER_MALFORMED"},
      {EndCause::kAnswerTooLarge, Delivery::kSentAnswerUnknown, "PROVIDER_ANSWER_TOO_LARGE",
       "PROVIDER_ANSWER_TOO_LARGE"},
      {EndCause::kCancelled, Delivery::kSentAnswerUnknown, "CANCELLED", "CANCELLED"},
  };
  for (const Case& each : cases) {
    CAPTURE(static_cast<int>(each.cause), static_cast<int>(each.delivery));
    const transport::CallEnd end{.cause = each.cause};
    CHECK(core::ReasonName(FailureReason(end, each.delivery, {.changes = false}).reason) ==
          each.read);
    CHECK(core::ReasonName(FailureReason(end, each.delivery, {.changes = true}).reason) ==
          each.change);
  }
}

TEST_CASE("an HTTP gateway's 503 is no answer of the provider: a change may have reached it") {
  const transport::CallEnd end{.status = {.code = 14}, .cause = EndCause::kNoGrpcStatus};
  const auto name = [&](bool changes) {
    return core::ReasonName(
        FailureReason(end, Delivery::kSentAnswerUnknown, {.changes = changes}).reason);
  };
  CHECK(name(false) == "READ_BROKEN_OFF");
  CHECK(name(true) == "CHANGE_BROKEN_OFF");
}

TEST_CASE("a failure's texts have no placeholder left") {
  const FailedCall facts{.provider = "VN:GOV:G01:ledger",
                         .owner = "Cơ quan chủ quản (trực ban)",
                         .elapsed = absl::Milliseconds(350),
                         .down_since = absl::FromUnixSeconds(1'799'028'000),
                         .retry_after = absl::Milliseconds(2500),
                         .answer_bytes_max = 1024,
                         .calls_max = 64};
  for (const EndCause cause :
       {EndCause::kConnectFailed, EndCause::kQueueFull, EndCause::kReset, EndCause::kDeadline,
        EndCause::kMalformedAnswer, EndCause::kAnswerTooLarge}) {
    for (const Delivery delivery : {Delivery::kNotSent, Delivery::kSentAnswerUnknown}) {
      const core::Refusal refusal = FailureReason({.cause = cause}, delivery, facts);
      const std::string vi = core::TextOf(refusal, core::Language::kVietnamese);
      CAPTURE(vi);
      CHECK(vi.find('?') == std::string::npos);
      CHECK(core::TextOf(refusal, core::Language::kEnglish).find('?') == std::string::npos);
    }
  }
  const core::Refusal down =
      FailureReason({.cause = EndCause::kConnectFailed}, Delivery::kNotSent, facts);
  CHECK(core::TextOf(down, core::Language::kEnglish) ==
        "VN:GOV:G01:ledger is down since 09:00:00 04/01/2027; not sent, retry in 2.5s.");
  CHECK(down.retry_after == absl::Milliseconds(2500));
  const core::Refusal busy =
      FailureReason({.cause = EndCause::kQueueFull}, Delivery::kNotSent, facts);
  CHECK(busy.parameters.at("limit") == "64");
}

TEST_CASE("durations and instants are shown as people write them") {
  CHECK(ShortDuration(absl::Milliseconds(999)) == "999ms");
  CHECK(ShortDuration(absl::Seconds(1)) == "1.0s");
  CHECK(ShortDuration(absl::ZeroDuration()) == "0ms");
  CHECK(VietnamTime(absl::FromUnixSeconds(0)) == "07:00:00 01/01/1970");
}

}  // namespace
}  // namespace ndx::dispatch
