// Takes exchanges through the stages of one event loop.
//
//   Start ─▶ stage 1 ─▶ … ─▶ stage 8 ─▶ close ─▶ answer
//              └── refused or failed ──────▲
//
// Thread-safety: belongs to its event loop.
#pragma once

#include <memory>
#include <vector>

#include "ndx/broker/stage.h"

namespace ndx::broker {

class Pipeline {
 public:
  Pipeline() = default;
  Pipeline(const Pipeline&) = delete;
  Pipeline& operator=(const Pipeline&) = delete;

  // In their order. close_stage is the index of the stage to which an exchange with an outcome
  // goes.
  void SetStages(std::vector<std::unique_ptr<Stage>> stages, size_t close_stage);

  // Enters the first stage.
  void Start(Exchange& x) { Advance(x); }

  // The stage that made the exchange wait is done.
  void Next(Exchange& x);

  // What the waiting stage waited for may have come: enters it again.
  void Resume(Exchange& x) { Advance(x); }

 private:
  void Advance(Exchange& x);

  std::vector<std::unique_ptr<Stage>> stages_;
  size_t close_stage_ = 0;
};

}  // namespace ndx::broker
