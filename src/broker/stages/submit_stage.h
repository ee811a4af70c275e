// Stage 3, for calls of ExchangeService.Submit: the exchange becomes that of the request in it,
// with the same metadata, caller and id, and goes on as a direct call would until it is authorised;
// keep_stage.h then keeps it.
#pragma once

#include "ndx/broker/stage.h"
#include "ndx/core/clock.h"

namespace ndx::broker {

inline constexpr char kSubmitMethod[] = "/ndx.exchange.v1.ExchangeService/Submit";
inline constexpr size_t kOrderKeyBytesMax = 128;

class SubmitStage final : public Stage {
 public:
  explicit SubmitStage(const core::Clock& clock) : clock_(clock) {}

  absl::string_view name() const override { return "submit"; }
  Flow Enter(Exchange& x) override;

 private:
  void Unwrap(Exchange& x) const;

  const core::Clock& clock_;
};

}  // namespace ndx::broker
