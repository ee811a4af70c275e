#include "ndx/adapters/sdk/call_context.h"

#include <catch2/catch.hpp>

#include "ndx/tests/support/adapter_caller.h"
#include "ndx/tests/support/fake_clock.h"

namespace ndx::sdk {
namespace {

TEST_CASE("what is left until the deadline shrinks to nothing and not below") {
  tests::FakeClock clock;
  AdapterCall call;
  const CallContext unlimited(call, nullptr, clock);
  CHECK(unlimited.Remaining() == absl::InfiniteDuration());
  call.deadline_nanos = clock.MonotonicNanos() + 1'000'000'000;
  const CallContext context(call, nullptr, clock);
  CHECK(context.Remaining() == absl::Seconds(1));
  clock.Advance(absl::Seconds(1) - absl::Nanoseconds(1));
  CHECK(context.Check().ok());
  clock.Advance(absl::Nanoseconds(1));
  CHECK(context.Check().code() == absl::StatusCode::kDeadlineExceeded);
  clock.Advance(absl::Seconds(1));
  CHECK(context.Remaining() == absl::ZeroDuration());
}

TEST_CASE("a caller that has gone is known, and the consumer is who the node says") {
  const tests::FakeClock clock;
  AdapterCall call;
  tests::KeptReply reply;
  const CallContext context(call, &reply, clock);
  CHECK(context.Check().ok());
  CHECK(context.consumer() == "local");
  reply.Cancel();
  CHECK(context.Check().code() == absl::StatusCode::kCancelled);
  call.metadata = {{"ndx-consumer", "VN:GOV:H55:motcua"}, {"ndx-consumer", "second"}};
  CHECK(context.consumer() == "VN:GOV:H55:motcua");
  CHECK(call.Metadata("ndx-officer").empty());
}

}  // namespace
}  // namespace ndx::sdk
