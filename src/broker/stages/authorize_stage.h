// Stage 4: grant, purpose, references, dates and hours, the officer's token; then, once the body is
// there, the caller's signature over it, check rules and the request's fields.
#pragma once

#include <string>
#include <utility>

#include "ndx/broker/stage.h"
#include "ndx/core/clock.h"

namespace ndx::broker {

class AuthorizeStage final : public Stage {
 public:
  // node: its system id, for which officers' tokens are made out.
  AuthorizeStage(const core::Clock& clock, std::string node)
      : clock_(clock), node_(std::move(node)) {}

  absl::string_view name() const override { return "authorize"; }
  Flow Enter(Exchange& x) override;

 private:
  void Decide(Exchange& x);

  const core::Clock& clock_;
  const std::string node_;
};

}  // namespace ndx::broker
