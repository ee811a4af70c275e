// Before stage 8, for an answer from a peer that came without its receipt: one that does not fit
// the trailers, or that the peer's journal makes only when asked. Asks the peer for it
// (GetReceipt), in the name of who asked for the answer and within the exchange's own deadline.
// What comes of it is for stage 8 to judge.
//
// Thread-safety: belongs to its event loop. Destroying it ends the calls under way.
#pragma once

#include <memory>
#include <utility>

#include "absl/container/flat_hash_map.h"
#include "ndx/broker/pipeline.h"
#include "ndx/broker/relay_request.h"
#include "ndx/broker/stage.h"
#include "ndx/core/clock.h"
#include "ndx/core/random.h"
#include "ndx/dispatch/dispatcher.h"

namespace ndx::broker {

class NextReceiptStage final : public Stage {
 public:
  NextReceiptStage(Pipeline& pipeline, const core::Clock& clock, core::Random& random,
                   dispatch::Dispatcher& dispatcher, RelaySigner sign_relay);
  ~NextReceiptStage() override;

  absl::string_view name() const override { return "next receipt"; }
  Flow Enter(Exchange& x) override;

 private:
  class Question;

  Pipeline& pipeline_;
  const core::Clock& clock_;
  core::Random& random_;
  dispatch::Dispatcher& dispatcher_;
  const RelaySigner sign_relay_;
  absl::flat_hash_map<Exchange*, std::unique_ptr<Question>> running_;  // each keeps its exchange
};

}  // namespace ndx::broker
