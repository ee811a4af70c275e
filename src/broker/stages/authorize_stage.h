// Stage 4: grant, purpose, references, dates and hours; then, once the body is there, check rules
// and the request's fields.
#pragma once

#include "ndx/broker/stage.h"
#include "ndx/core/clock.h"

namespace ndx::broker {

class AuthorizeStage final : public Stage {
 public:
  explicit AuthorizeStage(const core::Clock& clock) : clock_(clock) {}

  absl::string_view name() const override { return "authorize"; }
  Flow Enter(Exchange& x) override;

 private:
  void Decide(Exchange& x);

  const core::Clock& clock_;
};

}  // namespace ndx::broker
