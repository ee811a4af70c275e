// A place at a provider, taken before the call is made and given back when this goes.
//
// Thread-safety: thread-compatible; may go on any thread. Ownership: shares the provider's state;
// the clock must outlive it.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <utility>

#include "ndx/core/clock.h"
#include "ndx/dispatch/provider_state.h"

namespace ndx::dispatch {

class ProviderPlace {
 public:
  // None.
  ProviderPlace() = default;
  // One that the state's line has given to this consumer just now.
  ProviderPlace(std::shared_ptr<ProviderState> state, std::string consumer,
                const core::Clock& clock)
      : state_(std::move(state)),
        consumer_(std::move(consumer)),
        clock_(&clock),
        entered_nanos_(clock.MonotonicNanos()) {}
  // Beyond the provider's limit, which is in shadow mode: nothing is given back.
  static ProviderPlace BeyondTheLimit() {
    ProviderPlace place;
    place.beyond_ = true;
    return place;
  }
  ProviderPlace(ProviderPlace&& other) noexcept { *this = std::move(other); }
  ProviderPlace& operator=(ProviderPlace&& other) noexcept {
    std::swap(state_, other.state_);
    std::swap(consumer_, other.consumer_);
    std::swap(clock_, other.clock_);
    std::swap(entered_nanos_, other.entered_nanos_);
    std::swap(beyond_, other.beyond_);
    return *this;
  }
  ~ProviderPlace() {
    if (state_ != nullptr) state_->line.Leave(consumer_, entered_nanos_, clock_->MonotonicNanos());
  }

  bool taken() const { return state_ != nullptr || beyond_; }

 private:
  std::shared_ptr<ProviderState> state_;
  std::string consumer_;
  const core::Clock* clock_ = nullptr;
  int64_t entered_nanos_ = 0;
  bool beyond_ = false;
};

}  // namespace ndx::dispatch
