// Between resolve and authorize: while the node is asked for more than it can do, each consumer and
// service has its fair part of that. Refuses NODE_OVERLOADED, before the body is waited for.
#pragma once

#include "ndx/broker/capacity.h"
#include "ndx/broker/early_refusal.h"
#include "ndx/broker/limit_watch.h"
#include "ndx/broker/stage.h"
#include "ndx/core/clock.h"

namespace ndx::broker {

class ShareStage final : public Stage {
 public:
  ShareStage(const core::Clock& clock, Capacity& capacity, const LimitWatch& watch,
             EarlyRefusal& door)
      : clock_(clock), capacity_(capacity), watch_(watch), door_(door) {}

  absl::string_view name() const override { return "share"; }
  Flow Enter(Exchange& x) override;

 private:
  const core::Clock& clock_;
  Capacity& capacity_;
  const LimitWatch& watch_;
  EarlyRefusal& door_;
};

}  // namespace ndx::broker
