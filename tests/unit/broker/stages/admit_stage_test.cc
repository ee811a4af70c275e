#include "ndx/broker/stages/admit_stage.h"

#include <catch2/catch.hpp>

#include "ndx/tests/support/exchange_fixture.h"

namespace ndx::broker {
namespace {

class AdmitStageFixture : public tests::ExchangeFixture {
 public:
  void Admit(Admission& with) {
    Enter(std::make_unique<AdmitStage>(loop.clock(), random, with, journal, tests::kNodeContact));
  }
};

TEST_CASE("an exchange gets an id and a trace of its own, or the caller's") {
  AdmitStageFixture f;
  SECTION("of its own") {
    f.Admit(f.admission);
    CHECK(f.x->id.unix_ms() == absl::ToUnixMillis(f.loop.clock().Now()));
    CHECK(f.x->trace.is_valid());
  }
  SECTION("the caller's") {
    f.x->metadata = {{"ndx-exchange-id", "0198f3a4-0000-7000-8000-00000000002a"},
                     {"traceparent", "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"}};
    f.Admit(f.admission);
    CHECK(f.x->id.ToString() == "0198f3a4-0000-7000-8000-00000000002a");
    CHECK(f.x->trace.ToString().substr(0, 36) == "00-0af7651916cd43dd8448eb211c80319c-");
    CHECK(f.x->trace.ToString().find("b7ad6b7169203331") == std::string::npos);
  }
  CHECK(f.passed == 1);
  CHECK(f.x->outcome == Outcome::kUndecided);
  CHECK(f.x->holds_node_place);
  f.admission.Leave();
}

TEST_CASE("what is refused at the door, and what is taken from it") {
  AdmitStageFixture f;
  Admission none({.in_flight_max = 0}, f.watch);
  Admission* used = &f.admission;
  std::string reason;
  bool place = true;
  SECTION("a stopping node") {
    f.admission.Stop();
    reason = "NODE_STOPPING";
    place = false;
  }
  SECTION("a full node") {
    used = &none;
    reason = "TOO_MANY_IN_FLIGHT";
    place = false;
  }
  SECTION("metadata") {
    f.x->metadata = {{"ndx-exchange-id", "x"}};
    reason = "METADATA_INVALID";
  }
  SECTION("a journal without room") {
    f.journal.SetDiskFull(true);
    reason = "JOURNAL_UNAVAILABLE";
  }
  f.Admit(*used);
  CHECK(f.reason() == reason);
  CHECK(f.x->outcome == Outcome::kRefused);
  CHECK(f.x->holds_node_place == place);
  CHECK_FALSE(f.x->id.is_nil());
  if (place) used->Leave();
}

}  // namespace
}  // namespace ndx::broker
