// A dispatcher on a loop of its own, and an observer that keeps what it was told.
//
// Thread-safety: used by the test's thread; see loop_thread.h.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "ndx/dispatch/dispatcher.h"
#include "ndx/tests/support/fake_random.h"
#include "ndx/tests/support/fake_upstream.h"
#include "ndx/tests/support/ledger_registry.h"
#include "ndx/tests/support/loop_thread.h"

namespace ndx::dispatch {

// Keeps everything; ends its call in OnEnd where told so, as the broker does.
class KeepingObserver final : public DispatchObserver {
 public:
  explicit KeepingObserver(tests::LoopThread& loop) : loop_(loop) {}
  ~KeepingObserver() override {
    loop_.Run([this] { call.reset(); });
  }
  KeepingObserver(const KeepingObserver&) = delete;
  KeepingObserver& operator=(const KeepingObserver&) = delete;

  void OnInitialMetadata(transport::Metadata metadata) override { initial = std::move(metadata); }
  void OnMessage(transport::Message message) override { messages.push_back(*message); }
  void OnEnd(DispatchEnd with) override {
    end = std::move(with);
    call.reset();
  }

  std::string reason() const {
    return end.has_value() && end->refusal.has_value() ? core::ReasonName(end->refusal->reason)
                                                       : "";
  }

  std::unique_ptr<DispatchCall> call;
  std::optional<transport::Metadata> initial;
  std::vector<std::string> messages;
  std::optional<DispatchEnd> end;

 private:
  tests::LoopThread& loop_;
};

class DispatchFixture {
 public:
  explicit DispatchFixture(const std::string& more_yaml = "")
      : registry(tests::BuildLedgerRegistry(more_yaml)) {
    loop.Run([this] {
      dispatcher = std::make_unique<Dispatcher>(loop.loop(), random, states, far.source());
    });
  }
  ~DispatchFixture() {
    loop.Run([this] { dispatcher.reset(); });
  }

  // Starts a call of the method with this much time.
  std::unique_ptr<KeepingObserver> Start(absl::string_view method,
                                         absl::Duration time = absl::Seconds(10)) {
    auto observer = std::make_unique<KeepingObserver>(loop);
    loop.Run([&] {
      observer->call = dispatcher->Start(Request(method, time), observer.get());
      // Nothing may be told from inside Start().
      NDX_CHECK(!observer->end.has_value());
    });
    return observer;
  }

  DispatchRequest Request(absl::string_view method, absl::Duration time) {
    const registry::MethodEntry* entry = registry->FindMethod(tests::LedgerMethod(method));
    NDX_CHECK(entry != nullptr);
    return {.method = entry,
            .provider = &entry->service->providers.front(),
            .registry = registry,
            .message = transport::MakeMessage("request"),
            .metadata = {{"ndx-exchange-id", "x"}},
            .deadline_nanos = loop.clock().MonotonicNanos() + absl::ToInt64Nanoseconds(time)};
  }

  // Has the provider end its newest attempt.
  void Break(transport::EndCause cause, transport::Delivery delivery) {
    loop.Run([&] { far.last().Break(cause, delivery); });
  }

  ProviderState& state() { return *states.All().front(); }

  tests::LoopThread loop;
  tests::FakeRandom random;
  tests::FakeUpstream far;
  ProviderStates states;
  std::shared_ptr<const registry::RegistrySnapshot> registry;
  std::unique_ptr<Dispatcher> dispatcher;
};

}  // namespace ndx::dispatch
