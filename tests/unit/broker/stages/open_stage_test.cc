#include "ndx/broker/stages/open_stage.h"

#include <catch2/catch.hpp>

#include "ndx/tests/support/exchange_fixture.h"

namespace ndx::broker {
namespace {

class OpenStageFixture : public tests::ExchangeFixture {
 public:
  explicit OpenStageFixture(const std::string& method) : ExchangeFixture(method) {}
  void Open() {
    Enter(std::make_unique<OpenStage>(*pipeline, loop.clock(), journal, tests::kNodeContact));
  }
};

TEST_CASE("a plain read is not opened") {
  OpenStageFixture f("Read");
  f.Open();
  CHECK(f.passed == 1);
  CHECK_FALSE(f.x->opened);
  CHECK(f.journal.entries().empty());
}

TEST_CASE("a change, a stream and what asks for it are, and wait until it is durable") {
  for (const char* method : {"Change", "ChangeOnce", "Note", "List", "Apply"}) {
    CAPTURE(method);
    OpenStageFixture f(method);
    f.x->context.signature = "signed";
    f.ChooseId();
    f.journal.Hold();
    f.Open();
    CHECK(f.passed == 0);
    f.loop.Advance(absl::Milliseconds(5));
    f.journal.Release();
    f.loop.Settle();
    CHECK(f.passed == 1);
    CHECK(f.x->opened);
    CHECK(f.x->open_nanos == 5'000'000);
    CHECK((f.x->spill != nullptr) == f.x->streams());
    const auto entry = f.journal.entries().at(0);
    CHECK(entry.leaf.event() == journal::v1::JOURNAL_EVENT_REQUEST_OPENED);
    CHECK(entry.request == std::vector<std::string>{tests::AskBytes("k")});
    CHECK(entry.consumer_signature == "signed");
    CHECK(entry.recallable);
  }
}

TEST_CASE("what cannot be opened is refused") {
  SECTION("the journal fails") {
    OpenStageFixture f("Change");
    f.journal.Fail(absl::DataLossError("x"));
    f.Open();
    CHECK(f.reason() == "JOURNAL_UNAVAILABLE");
    CHECK_FALSE(f.x->opened);
  }
  SECTION("there is no place for a stream") {
    OpenStageFixture f("List");
    f.journal.FailStartSpill(absl::ResourceExhaustedError("x"));
    f.Open();
    CHECK(f.reason() == "JOURNAL_UNAVAILABLE");
    // Opened all the same: it will be closed as failed.
    CHECK(f.x->opened);
  }
}

}  // namespace
}  // namespace ndx::broker
