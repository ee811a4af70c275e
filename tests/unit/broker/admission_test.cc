#include "ndx/broker/admission.h"

#include <catch2/catch.hpp>

#include "ndx/tests/support/fake_clock.h"
#include "ndx/tests/support/fake_random.h"

namespace ndx::broker {
namespace {

const core::SystemId kOneStop = core::SystemId::Parse("VN:GOV:H55:mot-cua").value();
const core::SystemId kInsurer = core::SystemId::Parse("VN:GOV:G24:bhxh").value();

TEST_CASE("the node, each consumer and the memory take their limit and not one more") {
  Admission admission(
      {.in_flight_max = 3, .in_flight_per_consumer_max = 2, .memory_bytes_max = 100});
  SECTION("node") {
    for (int i = 0; i < 3; ++i) CHECK(admission.TryEnter());
    CHECK_FALSE(admission.TryEnter());
    admission.Leave();
    CHECK(admission.TryEnter());
    CHECK(admission.in_flight() == 3);
  }
  SECTION("consumer") {
    CHECK(admission.TryEnterConsumer(kOneStop));
    CHECK(admission.TryEnterConsumer(kOneStop));
    CHECK_FALSE(admission.TryEnterConsumer(kOneStop));
    CHECK(admission.TryEnterConsumer(kInsurer));
    admission.LeaveConsumer(kOneStop);
    CHECK(admission.TryEnterConsumer(kOneStop));
  }
  SECTION("memory") {
    CHECK(admission.TryTakeMemory(60));
    CHECK(admission.TryTakeMemory(40));
    CHECK_FALSE(admission.TryTakeMemory(1));
    admission.ReleaseMemory(40);
    CHECK_FALSE(admission.TryTakeMemory(41));
    CHECK(admission.TryTakeMemory(40));
  }
}

TEST_CASE("an exchange id runs once at a time for one consumer") {
  const tests::FakeClock clock;
  tests::FakeRandom random;
  const auto id = core::ExchangeId::Generate(clock, random);
  Admission admission({});
  CHECK(admission.TryTakeId(kOneStop, id));
  CHECK_FALSE(admission.TryTakeId(kOneStop, id));
  CHECK(admission.TryTakeId(kInsurer, id));
  admission.ReleaseId(kOneStop, id);
  CHECK(admission.TryTakeId(kOneStop, id));
}

}  // namespace
}  // namespace ndx::broker
