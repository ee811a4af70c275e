// Stage 7: the call to the provider. A unary answer is kept for the next stages; a stream's
// messages are minimised, sealed and passed on as they come, and a slow caller slows the provider
// by way of the flow-control windows.
//
// Where the provider is reached through a peer, the call goes to the peer's data port with this
// node's assertion; what the peer answers is held against its receipt in stage 8.
//
// A caller that goes away cancels a read, and a change that was not sent yet. A change that was
// sent runs to its end and is recorded. Outcomes: the table in ../README.md.
#pragma once

#include <string>

#include "absl/container/flat_hash_set.h"
#include "ndx/broker/admission.h"
#include "ndx/broker/answer_sizes.h"
#include "ndx/broker/hop_times.h"
#include "ndx/broker/pipeline.h"
#include "ndx/broker/relay_request.h"
#include "ndx/broker/stage.h"
#include "ndx/core/clock.h"
#include "ndx/core/random.h"
#include "ndx/dispatch/dispatcher.h"

namespace ndx::broker {

// A streamed answer waits at the provider while more than this waits for the caller.
inline constexpr size_t kStreamPendingBytesMax = size_t{256} << 10;

class DispatchStage final : public Stage {
 public:
  DispatchStage(Pipeline& pipeline, const core::Clock& clock, core::Random& random,
                Admission& admission, dispatch::Dispatcher& dispatcher, AnswerSizes& sizes,
                HopTimes& hops, RelaySigner sign_relay, std::string node_contact)
      : pipeline_(pipeline),
        clock_(clock),
        random_(random),
        admission_(admission),
        dispatcher_(dispatcher),
        sizes_(sizes),
        hops_(hops),
        sign_relay_(std::move(sign_relay)),
        node_contact_(std::move(node_contact)) {}
  // Ends the calls under way without a word: their exchanges are found open when the node starts
  // again.
  ~DispatchStage() override;

  absl::string_view name() const override { return "dispatch"; }
  Flow Enter(Exchange& x) override;

 private:
  class Observer;

  transport::Metadata MetadataFor(const Exchange& x);
  void TakeUnary(Exchange& x, transport::Message message);
  void DeliverStreamed(Exchange& x, transport::Message message);
  void Ended(Exchange& x, dispatch::DispatchEnd end);
  void EndedByPeer(Exchange& x, dispatch::DispatchEnd end);

  Pipeline& pipeline_;
  const core::Clock& clock_;
  core::Random& random_;
  Admission& admission_;
  dispatch::Dispatcher& dispatcher_;
  AnswerSizes& sizes_;
  HopTimes& hops_;
  const RelaySigner sign_relay_;
  const std::string node_contact_;
  absl::flat_hash_set<Exchange*> running_;  // each kept alive by its observer
};

// The moment by which the provider must have answered: the caller's deadline, or the method's where
// it states none, at most the method's longest; less a margin in which the answer is recorded and
// travels back.
int64_t ProviderDeadline(const Exchange& x, int64_t now_nanos);

// The caller has taken what was sent: lets the provider send on.
void ReleaseStreamed(Exchange& x, Admission& admission);

}  // namespace ndx::broker
