// One step of an exchange. The list of stages, in their order, is the broker (broker.cc).
//
// Thread-safety: a stage object belongs to one event loop.
#pragma once

#include <memory>

#include "absl/strings/string_view.h"
#include "ndx/broker/exchange.h"

namespace ndx::broker {

enum class Flow {
  kNext,  // done, or the exchange has an outcome: go on
  kWait,  // will be resumed: by Pipeline::Next (this stage is done) or Pipeline::Resume (enter it
          // again)
};

class Stage {
 public:
  virtual ~Stage() = default;
  virtual absl::string_view name() const = 0;
  // Does its part. Setting x.outcome sends the exchange to the ending stages.
  virtual Flow Enter(Exchange& x) = 0;
};

}  // namespace ndx::broker
