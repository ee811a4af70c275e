#include "ndx/broker/stages/close_stage.h"

#include <catch2/catch.hpp>

#include "ndx/tests/support/exchange_fixture.h"

namespace ndx::broker {
namespace {

class CloseStageFixture : public tests::ExchangeFixture {
 public:
  explicit CloseStageFixture(const std::string& method) : ExchangeFixture(method) {}
  void Close() {
    Enter(std::make_unique<CloseStage>(*pipeline, loop.clock(), journal, refusals, capacity,
                                       tests::kNodeContact));
  }
  void Answered(const std::string& message) {
    x->outcome = Outcome::kAnswered;
    x->answer = {transport::MakeMessage(message)};
  }

  RefusalCounter refusals;
  Capacity capacity{{}};
};

TEST_CASE("a read stands alone: request, answer and signature with its one leaf") {
  CloseStageFixture f("Read");
  f.x->context.signature = "signed";
  f.ChooseId();
  f.Answered("answer");
  f.journal.Hold();
  f.Close();
  CHECK(f.passed == 0);
  f.journal.Release();
  f.loop.Settle();
  CHECK(f.passed == 1);
  CHECK(f.x->receipt == "receipt of leaf 0");
  const auto entry = f.journal.entries().at(0);
  CHECK(entry.request == std::vector<std::string>{tests::AskBytes("k")});
  CHECK(entry.response == std::vector<std::string>{"answer"});
  CHECK(entry.consumer_signature == "signed");
  CHECK(entry.recallable);
}

TEST_CASE("what was opened is closed without its request") {
  CloseStageFixture f("Change");
  f.x->opened = true;
  f.x->context.signature = "signed";
  f.Answered("answer");
  f.Close();
  CHECK(f.journal.entries().at(0).request.empty());
  CHECK(f.journal.entries().at(0).consumer_signature.empty());
  CHECK(f.journal.entries().at(0).response.size() == 1);
  CHECK_FALSE(f.journal.entries().at(0).recallable);
}

TEST_CASE("a stream is closed with what was sealed of it") {
  CloseStageFixture f("List");
  f.x->opened = true;
  f.x->spill = *f.journal.StartSpill("", f.x->id, nullptr, nullptr);
  f.x->outcome = Outcome::kFailed;
  f.x->refusal = core::Refusal{.reason = exchange::v1::ERROR_REASON_READ_BROKEN_OFF};
  SECTION("messages") {
    REQUIRE(f.x->spill->Add("one").ok());
    f.Close();
    CHECK(f.journal.entries().at(0).response == std::vector<std::string>{"one"});
  }
  SECTION("none") {
    f.Close();
    CHECK(f.journal.entries().at(0).response.empty());
  }
}

TEST_CASE("what was refused is recorded without payloads") {
  CloseStageFixture f("Read");
  f.x->Refuse({.reason = exchange::v1::ERROR_REASON_QUOTA_USED});
  f.Close();
  CHECK(f.journal.entries().at(0).leaf.event() == journal::v1::JOURNAL_EVENT_REFUSED);
  CHECK(f.journal.entries().at(0).request.empty());
  CHECK(f.reason() == "QUOTA_USED");
}

TEST_CASE("an answer from the record has its leaf already") {
  CloseStageFixture f("Read");
  f.Answered("answer");
  f.x->recalled = true;
  f.Close();
  CHECK(f.passed == 1);
  CHECK(f.journal.entries().empty());
}

TEST_CASE("what cannot be recorded is withheld") {
  struct Case {
    Outcome before;
    Outcome after;
    std::string reason;
  };
  const Case cases[] = {{Outcome::kAnswered, Outcome::kFailed, "ANSWER_NOT_RECORDED"},
                        {Outcome::kFailed, Outcome::kFailed, "ANSWER_NOT_RECORDED"},
                        {Outcome::kInDoubt, Outcome::kFailed, "ANSWER_NOT_RECORDED"},
                        {Outcome::kRefused, Outcome::kRefused, "JOURNAL_UNAVAILABLE"}};
  for (const Case& each : cases) {
    CloseStageFixture f("Change");
    f.Answered("answer");
    f.x->outcome = each.before;
    f.journal.Fail(absl::DataLossError("x"));
    f.Close();
    CHECK(f.passed == 1);
    CHECK(f.x->answer.empty());
    CHECK(f.x->receipt.empty());
    CHECK(f.x->outcome == each.after);
    CHECK(f.reason() == each.reason);
    CHECK(f.x->refusal->parameters.at("node") == tests::kNodeContact);
  }
}

TEST_CASE("refusals of nobody: a few leaves, all counted") {
  CloseStageFixture f("Read");
  f.x->principal.reset();
  f.x->Refuse({.reason = exchange::v1::ERROR_REASON_CERTIFICATE_EXPIRED});
  f.journal.Hold();  // the stage stands outside the pipeline: nothing may come back to it
  CloseStage stage(*f.pipeline, f.loop.clock(), f.journal, f.refusals, f.capacity,
                   tests::kNodeContact);
  for (int i = 0; i < kUnauthenticatedLeavesPerSecond; ++i) {
    CHECK(stage.Enter(*f.x) == Flow::kWait);
  }
  CHECK(stage.Enter(*f.x) == Flow::kNext);
  CHECK(f.journal.entries().size() == kUnauthenticatedLeavesPerSecond);
  CHECK(f.refusals.TakeLeaf()->handshakes_refused().at("CERTIFICATE_EXPIRED") ==
        kUnauthenticatedLeavesPerSecond + 1);
}

TEST_CASE(
    "refusals for want of room: a few leaves, all counted; with a grant at fault each has its "
    "own") {
  CloseStageFixture f("Read");
  f.journal.Hold();
  CloseStage stage(*f.pipeline, f.loop.clock(), f.journal, f.refusals, f.capacity,
                   tests::kNodeContact);
  f.x->Refuse({.reason = exchange::v1::ERROR_REASON_NO_GRANT});
  for (int i = 0; i < 2 * kUnauthenticatedLeavesPerSecond; ++i) {
    CHECK(stage.Enter(*f.x) == Flow::kWait);
  }
  f.x->Refuse({.reason = exchange::v1::ERROR_REASON_PROVIDER_BUSY});
  for (int i = 0; i < kUnauthenticatedLeavesPerSecond; ++i) {
    CHECK(stage.Enter(*f.x) == Flow::kWait);
  }
  CHECK(stage.Enter(*f.x) == Flow::kNext);
  CHECK(f.refusals.TakeLeaf()->handshakes_refused().at("PROVIDER_BUSY") ==
        kUnauthenticatedLeavesPerSecond + 1);
}

TEST_CASE("how long recording takes is what the node's capacity is measured by") {
  const auto wait = GENERATE(absl::Milliseconds(150), absl::Milliseconds(250));
  CloseStageFixture f("Read");
  for (int window = 0; window < 5; ++window) {
    std::vector<std::unique_ptr<tests::ExchangeFixture>> exchanges;
    for (int i = 0; i < 6; ++i) {
      auto& g = *exchanges.emplace_back(std::make_unique<tests::ExchangeFixture>("Read"));
      g.x->outcome = Outcome::kAnswered;
      g.journal.Hold();
      g.Enter(std::make_unique<CloseStage>(*g.pipeline, f.loop.clock(), g.journal, f.refusals,
                                           f.capacity, tests::kNodeContact));
    }
    f.loop.Advance(wait);
    for (const auto& g : exchanges) {
      g->journal.Release();
      g->loop.Settle();
    }
  }
  CHECK(f.capacity.limit().has_value() == (wait > absl::Milliseconds(200)));
}

}  // namespace
}  // namespace ndx::broker
