#include "ndx/broker/admission.h"

#include <catch2/catch.hpp>

#include "ndx/tests/support/fake_clock.h"
#include "ndx/tests/support/fake_random.h"
#include "ndx/tests/support/recorded_log.h"

namespace ndx::broker {
namespace {

const core::SystemId kOneStop = core::SystemId::Parse("VN:GOV:H55:mot-cua").value();
const core::SystemId kInsurer = core::SystemId::Parse("VN:GOV:G24:bhxh").value();

struct Watch {
  telemetry::MetricRegistry metrics;
  telemetry::MetricRegistry shadow_metrics;
  tests::RecordedLog log;
  const LimitWatch enforcing{{}, metrics, log};
  const LimitWatch shadow{
      {Limit::kInFlight, Limit::kInFlightPerConsumer, Limit::kMemory, Limit::kMemoryPerConsumer},
      shadow_metrics,
      log};
};

TEST_CASE("the node, each consumer and the memory take their limit and not one more") {
  Watch watch;
  Admission admission({.in_flight_max = 3,
                       .in_flight_per_consumer_max = 2,
                       .memory_bytes_max = 100,
                       .memory_bytes_per_consumer_max = 70},
                      watch.enforcing);
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
    CHECK(admission.TryTakeMemory(kOneStop, 60));
    CHECK(admission.TryTakeMemory(kInsurer, 40));
    CHECK_FALSE(admission.TryTakeMemory(kInsurer, 1));
    admission.ReleaseMemory(kInsurer, 40);
    CHECK_FALSE(admission.TryTakeMemory(kInsurer, 41));
    CHECK(admission.TryTakeMemory(kInsurer, 40));
  }
  SECTION("memory of one consumer") {
    CHECK(admission.TryTakeMemory(kOneStop, 70));
    CHECK_FALSE(admission.TryTakeMemory(kOneStop, 1));
    CHECK(admission.memory_bytes() == 70);
    CHECK(admission.TryTakeMemory(kInsurer, 30));
    admission.ReleaseMemory(kOneStop, 1);
    CHECK(admission.TryTakeMemory(kOneStop, 1));
  }
}

TEST_CASE("limits in shadow mode let through, and what went past them is given back as well") {
  Watch watch;
  Admission admission({.in_flight_max = 1,
                       .in_flight_per_consumer_max = 1,
                       .memory_bytes_max = 10,
                       .memory_bytes_per_consumer_max = 5},
                      watch.shadow);
  for (int i = 0; i < 2; ++i) {
    CHECK(admission.TryEnter());
    CHECK(admission.TryEnterConsumer(kOneStop));
    CHECK(admission.TryTakeMemory(kOneStop, 8));
  }
  CHECK(admission.in_flight() == 2);
  CHECK(admission.memory_bytes() == 16);
  // in_flight, in_flight_per_consumer, memory; twice the consumer's memory.
  CHECK(watch.log.CountOf(telemetry::LogEvent::kLimitInShadow) == 5);
  for (int i = 0; i < 2; ++i) {
    admission.Leave();
    admission.LeaveConsumer(kOneStop);
    admission.ReleaseMemory(kOneStop, 8);
  }
  CHECK(admission.in_flight() == 0);
  CHECK(admission.memory_bytes() == 0);
}

TEST_CASE("an exchange id runs once at a time for one consumer") {
  const tests::FakeClock clock;
  tests::FakeRandom random;
  const auto id = core::ExchangeId::Generate(clock, random);
  Watch watch;
  Admission admission({}, watch.enforcing);
  CHECK(admission.TryTakeId(kOneStop, id));
  CHECK_FALSE(admission.TryTakeId(kOneStop, id));
  CHECK(admission.TryTakeId(kInsurer, id));
  admission.ReleaseId(kOneStop, id);
  CHECK(admission.TryTakeId(kOneStop, id));
}

}  // namespace
}  // namespace ndx::broker
