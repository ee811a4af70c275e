// Stage 3: method and provider → route.
#pragma once

#include "ndx/broker/stage.h"

namespace ndx::broker {

class ResolveStage final : public Stage {
 public:
  absl::string_view name() const override { return "resolve"; }
  Flow Enter(Exchange& x) override;
};

}  // namespace ndx::broker
