// Finds out what became of an exchange in doubt: asks the provider's
// AdapterService.GetExchangeStatus, or where it is behind a peer that node for its receipt, and
// records RESOLVED when they can tell.
//
// Thread-safety: thread-safe. Resolve() reads the journal and so blocks: call it from a worker
// thread. done runs there or on an event loop. Ownership: everything given to the constructor must
// outlive the resolver and every question under way.
#pragma once

#include <memory>
#include <string>
#include <variant>

#include "absl/functional/any_invocable.h"
#include "ndx/adapter/v1/adapter_service.pb.h"
#include "ndx/broker/broker.h"
#include "ndx/core/exchange_id.h"
#include "ndx/core/refusal.h"
#include "ndx/journal/journal.h"
#include "ndx/journal/journal_reader.h"
#include "ndx/registry/registry.h"
#include "ndx/replay/replayer.h"
#include "ndx/transport/event_loop_group.h"

namespace ndx::replay {

// How long a provider may take to say what became of an exchange.
inline constexpr absl::Duration kStatusDeadline = absl::Seconds(10);

class Resolver {
 public:
  // UNSPECIFIED and RUNNING leave the exchange in doubt.
  using Callback =
      absl::AnyInvocable<void(std::variant<adapter::v1::ExchangeOutcome, core::Refusal>)>;

  Resolver(broker::Broker& broker, transport::EventLoopGroup& loops, journal::Journal& journal,
           const journal::JournalReader& reader, const registry::Registry& registry,
           const core::Clock& clock)
      : broker_(broker),
        loops_(loops),
        journal_(journal),
        reader_(reader),
        registry_(registry),
        clock_(clock) {}

  // An exchange of this consumer that is in doubt.
  void Resolve(const std::string& consumer, core::ExchangeId exchange_id, OperatorAct act,
               Callback done);

 private:
  class Question;

  broker::Broker& broker_;
  transport::EventLoopGroup& loops_;
  journal::Journal& journal_;
  const journal::JournalReader& reader_;
  const registry::Registry& registry_;
  const core::Clock& clock_;
};

}  // namespace ndx::replay
