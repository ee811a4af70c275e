#include "ndx/broker/pipeline.h"

#include <utility>

#include "ndx/core/status_macros.h"

namespace ndx::broker {

void Pipeline::SetStages(std::vector<std::unique_ptr<Stage>> stages, size_t ending) {
  NDX_CHECK(ending < stages.size());
  stages_ = std::move(stages);
  ending_ = ending;
}

void Pipeline::Next(Exchange& x) {
  ++x.stage;
  Advance(x);
}

void Pipeline::Advance(Exchange& x) {
  // The last stage lets go of the caller, whose face may own the exchange.
  const std::shared_ptr<Exchange> alive = x.shared_from_this();
  while (x.stage < stages_.size()) {
    if (x.outcome != Outcome::kUndecided && x.stage < ending_) x.stage = ending_;
    if (stages_[x.stage]->Enter(x) == Flow::kWait) return;
    ++x.stage;
  }
}

}  // namespace ndx::broker
