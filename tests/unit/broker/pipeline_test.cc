#include "ndx/broker/pipeline.h"

#include <catch2/catch.hpp>
#include <thread>

#include "ndx/tests/support/exchange_fixture.h"

namespace ndx::broker {
namespace {

// Notes its name, and does what the test says.
class NotingStage final : public Stage {
 public:
  NotingStage(std::string name, std::string& notes, std::function<Flow(Exchange&)> act)
      : name_(std::move(name)), notes_(notes), act_(std::move(act)) {}
  absl::string_view name() const override { return name_; }
  Flow Enter(Exchange& x) override {
    notes_ += name_;
    return act_(x);
  }

 private:
  const std::string name_;
  std::string& notes_;
  const std::function<Flow(Exchange&)> act_;
};

Flow Pass(Exchange&) { return Flow::kNext; }

class PipelineFixture : public tests::ExchangeFixture {
 public:
  void Use(std::vector<std::function<Flow(Exchange&)>> acts, size_t ending) {
    std::vector<std::unique_ptr<Stage>> stages;
    char name = 'a';
    for (auto& act : acts) {
      stages.push_back(
          std::make_unique<NotingStage>(std::string(1, name++), notes, std::move(act)));
    }
    pipeline->SetStages(std::move(stages), ending);
  }
  std::string notes;
};

TEST_CASE("stages are entered in their order") {
  PipelineFixture f;
  f.Use({Pass, Pass, Pass, Pass}, 2);
  f.pipeline->Start(*f.x);
  CHECK(f.notes == "abcd");
  // At the end there is nothing to do any more.
  f.pipeline->Next(*f.x);
  f.pipeline->Resume(*f.x);
  CHECK(f.notes == "abcd");
}

TEST_CASE("an exchange that gets an outcome goes to the ending stages, through all of them") {
  for (const Outcome outcome :
       {Outcome::kRefused, Outcome::kFailed, Outcome::kAnswered, Outcome::kInDoubt}) {
    PipelineFixture f;
    f.Use({[outcome](Exchange& x) {
             x.outcome = outcome;
             return Flow::kNext;
           },
           Pass, Pass, Pass},
          2);
    f.pipeline->Start(*f.x);
    CHECK(f.notes == "acd");
  }
}

TEST_CASE("a stage that waits goes on by Next, and is entered again by Resume") {
  PipelineFixture f;
  bool ready = false;
  f.Use({Pass, [&](Exchange&) { return ready ? Flow::kNext : Flow::kWait; }, Pass, Pass}, 3);
  f.pipeline->Start(*f.x);
  CHECK(f.notes == "ab");
  f.pipeline->Resume(*f.x);
  CHECK(f.notes == "abb");
  SECTION("Next") { f.pipeline->Next(*f.x); }
  SECTION("Resume") {
    ready = true;
    f.pipeline->Resume(*f.x);
    CHECK(f.notes == "abbbcd");
    f.notes = "abbcd";
  }
  CHECK(f.notes == "abbcd");
}

TEST_CASE("Resume does nothing to an exchange on its way out") {
  PipelineFixture f;
  f.Use({[](Exchange& x) {
           x.outcome = Outcome::kRefused;
           return Flow::kNext;
         },
         [](Exchange&) { return Flow::kWait; }},
        1);
  f.pipeline->Start(*f.x);
  f.pipeline->Resume(*f.x);
  CHECK(f.notes == "ab");
}

TEST_CASE(
    "OnLoop brings an answer from any thread to the exchange's loop, while there is a pipeline") {
  PipelineFixture f;
  int got = 0;
  bool in_loop = false;
  auto callback = f.pipeline->OnLoop<int>(*f.x, [&](Exchange& x, absl::StatusOr<int> answer) {
    got = *answer;
    in_loop = x.loop.InLoop();
  });
  std::thread answering([&] { callback(7); });
  answering.join();
  f.loop.Settle();
  CHECK(got == 7);
  CHECK(in_loop);

  auto late = f.pipeline->OnLoop<int>(*f.x, [&](Exchange&, absl::StatusOr<int>) { got = 8; });
  f.loop.Run([&] { f.pipeline.reset(); });
  late(1);
  f.loop.Settle();
  CHECK(got == 7);
}

}  // namespace
}  // namespace ndx::broker
