// Executes recorded exchanges again (thực hiện lại): the request as recorded, in its consumer's
// name, authorised anew under the registry of today. The new exchange has an id of its own and
// names the old one; the old id is the idempotency key that the provider sees.
//
// By itself it replays only methods that read and whose policy is FREE, one exchange at a time.
// What asks for more (a second person, an order, a pace) is replayed as part of a task
// (task_runner.h), which says so in ReplayRequest::task.
//
// Thread-safety: thread-safe. Replay() reads the journal and so blocks: call it from a worker
// thread. done runs there or on an event loop. Ownership: everything given to the constructor must
// outlive the replayer and every replay under way.
#pragma once

#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "absl/functional/any_invocable.h"
#include "ndx/broker/broker.h"
#include "ndx/core/clock.h"
#include "ndx/core/exchange_id.h"
#include "ndx/core/limits.h"
#include "ndx/core/refusal.h"
#include "ndx/journal/journal.h"
#include "ndx/journal/journal_reader.h"
#include "ndx/registry/registry.h"
#include "ndx/replay/recorded_exchange.h"
#include "ndx/transport/event_loop_group.h"
#include "ndx/transport/grpc_status.h"

namespace ndx::replay {

// Bytes of a new answer that are kept for the operator; of a longer one the journal has the rest.
inline constexpr size_t kReplayAnswerBytesMax = core::kMessageBytesMax;

// Who asks, and why: stands in the leaf REPLAY_EXECUTED.
struct OperatorAct {
  std::string operator_name;
  std::string action;
  std::string reason;
  std::optional<uint64_t> leaf_index;  // of the leaf that records the request
};

// The exchange is one of a task, which decides what is sent and records what came out.
struct TaskPart {
  core::ExchangeId new_exchange_id;  // durable before it is sent
  v1::ReplayMode mode = v1::REPLAY_MODE_UNSPECIFIED;
};

struct ReplayRequest {
  std::string consumer;  // of the exchange to be executed again
  core::ExchangeId exchange_id;
  bool dry_run = true;
  OperatorAct act;
  std::optional<TaskPart> task = std::nullopt;
};

struct ReplayResult {
  core::ExchangeId new_exchange_id;  // nil after a dry run
  std::string provider;
  std::string method;
  std::string purpose;
  std::string procedure;
  std::vector<std::string> request;
  std::vector<std::string> response;
  transport::GrpcStatus status;
  std::string error_reason;
  bool response_cut = false;  // there was more than kReplayAnswerBytesMax
  bool same_answer = false;   // the new answer has the same bytes as the recorded one
  std::optional<absl::Duration> retry_after;   // as the node says with a refusal
  std::vector<std::string> recorded_response;  // for a task
  journal::v1::Decision decision;
};

class Replayer {
 public:
  using Callback = absl::AnyInvocable<void(std::variant<ReplayResult, core::Refusal>)>;

  Replayer(broker::Broker& broker, transport::EventLoopGroup& loops, journal::Journal& journal,
           const journal::JournalReader& reader, const registry::Registry& registry,
           const core::Clock& clock)
      : broker_(broker),
        loops_(loops),
        journal_(journal),
        reader_(reader),
        registry_(registry),
        clock_(clock) {}

  // Refuses EXCHANGE_UNKNOWN, PAYLOAD_NOT_KEPT, REPLAY_NOT_ALLOWED, METHOD_UNKNOWN … through done;
  // INTERNAL when the journal cannot be read.
  void Replay(ReplayRequest request, Callback done);

 private:
  // What today's registry says of it; the refusal if it must not be executed again.
  std::optional<core::Refusal> Judge(const ReplayRequest& request, const RecordedExchange& recorded,
                                     ReplayResult& result) const;
  void RecordExecution(const ReplayRequest& request, ReplayResult result, Callback done);
  void Execute(const ReplayRequest& request, RecordedExchange recorded, ReplayResult result,
               Callback done);

  broker::Broker& broker_;
  transport::EventLoopGroup& loops_;
  journal::Journal& journal_;
  const journal::JournalReader& reader_;
  const registry::Registry& registry_;
  const core::Clock& clock_;
};

}  // namespace ndx::replay
