// One exchange at the door of one stage, and what the stage needs.
//
//   ExchangeFixture f("Read");                       // of mot-cua, resolved and allowed
//   OpenStage stage(f.pipeline, …);
//   f.Enter(std::make_unique<OpenStage>(…));         // and what follows from it
//   f.x->opened, f.passed …
//
// Thread-safety: used by the test's thread; see loop_thread.h.
#pragma once

#include <memory>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "ndx/broker/admission.h"
#include "ndx/broker/pipeline.h"
#include "ndx/tests/support/fake_caller.h"
#include "ndx/tests/support/fake_random.h"
#include "ndx/tests/support/ledger_registry.h"
#include "ndx/tests/support/loop_thread.h"
#include "ndx/tests/support/mem_journal.h"
#include "ndx/tests/support/recorded_log.h"

namespace ndx::tests {

inline constexpr char kNodeContact[] = "trực ban trục";

inline core::SystemId OneStop() { return core::SystemId::Parse("VN:GOV:H55:mot-cua").value(); }
inline core::SystemId Insurer() { return core::SystemId::Parse("VN:GOV:G24:bhxh").value(); }

class ExchangeFixture {
 public:
  // As it is after stage 4, with a complete body. An empty method: as it is before stage 1.
  explicit ExchangeFixture(const std::string& method = "",
                           const core::SystemId& consumer = OneStop())
      : registry(BuildLedgerRegistry("")) {
    x = std::make_shared<broker::Exchange>(loop.loop(), caller);
    x->received_nanos = loop.clock().MonotonicNanos();
    if (method.empty()) return;
    x->path = LedgerMethod(method);
    x->id = core::ExchangeId::Generate(loop.clock(), random);
    x->registry = registry;
    x->principal = security::Principal{.system = consumer,
                                       .entry = registry->FindSystem(consumer.text()),
                                       .spki_sha256 = std::string(32, 's')};
    x->route = std::get<routing::Route>(
        routing::Router::Resolve(*registry, x->path, "", loop.clock().Now()));
    x->context.purpose = "tthc";
    const routing::AccessFacts facts{
        .consumer = &x->principal->system, .route = x->route, .purpose = "tthc"};
    x->decision = routing::AccessPolicy::Decide(*registry, facts, loop.clock().Now());
    x->decided_nanos = loop.clock().MonotonicNanos();
    x->request = transport::MakeMessage(AskBytes("k"));
    x->request_complete = true;
  }
  // What belongs to the loop goes there: stages, and the exchange with its call.
  ~ExchangeFixture() {
    loop.Run([this] {
      pipeline.reset();
      x->call.reset();
      x->observer.reset();
      x.reset();
    });
  }

  // The caller chose the exchange's id itself.
  void ChooseId() { x->context.exchange_id = x->id; }

  // Takes the exchange into a pipeline of this stage alone; an ending one, if the exchange has its
  // outcome.
  void Enter(std::unique_ptr<broker::Stage> stage) {
    std::vector<std::unique_ptr<broker::Stage>> stages;
    stages.push_back(std::move(stage));
    stages.push_back(std::make_unique<End>(*this));
    pipeline->SetStages(std::move(stages), x->outcome == broker::Outcome::kUndecided ? 1 : 0);
    loop.Run([this] { pipeline->Start(*x); });
  }
  void Resume() {
    loop.Run([this] { pipeline->Resume(*x); });
  }

  // Why it was refused or failed; empty when it was not.
  std::string reason() const {
    return x->refusal.has_value() ? core::ReasonName(x->refusal->reason) : "";
  }

  LoopThread loop;
  FakeRandom random;
  MemJournal journal;
  FakeCaller caller;
  telemetry::MetricRegistry limit_metrics;
  RecordedLog limit_log;
  const broker::LimitWatch watch{{}, limit_metrics, limit_log};
  broker::Admission admission{{}, watch};
  std::shared_ptr<const registry::RegistrySnapshot> registry;
  std::shared_ptr<broker::Exchange> x;
  std::unique_ptr<broker::Pipeline> pipeline = std::make_unique<broker::Pipeline>();
  int passed = 0;  // how often the exchange came out of the stage

 private:
  class End final : public broker::Stage {
   public:
    explicit End(ExchangeFixture& fixture) : fixture_(fixture) {}
    absl::string_view name() const override { return "end"; }
    broker::Flow Enter(broker::Exchange&) override {
      ++fixture_.passed;
      return broker::Flow::kWait;
    }

   private:
    ExchangeFixture& fixture_;
  };
};

}  // namespace ndx::tests
