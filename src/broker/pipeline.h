// Takes exchanges through the stages of one event loop.
//
//   Start ─▶ stage 1 ─▶ … ─▶ stage 7 ─▶ minimise ─▶ close ─▶ answer
//              └── has an outcome ─────────▲
//
// Thread-safety: belongs to its event loop; the callbacks of OnLoop() may be called anywhere.
#pragma once

#include <memory>
#include <utility>
#include <vector>

#include "absl/functional/any_invocable.h"
#include "absl/status/statusor.h"
#include "ndx/broker/stage.h"

namespace ndx::broker {

class Pipeline {
 public:
  Pipeline() = default;
  Pipeline(const Pipeline&) = delete;
  Pipeline& operator=(const Pipeline&) = delete;

  // In their order. `ending` is the index of the first stage for exchanges that have an outcome:
  // as soon as one has, it goes there, and through every stage from there on.
  void SetStages(std::vector<std::unique_ptr<Stage>> stages, size_t ending);

  // Enters the first stage.
  void Start(Exchange& x) { Advance(x); }

  // The stage that made the exchange wait is done.
  void Next(Exchange& x);

  // What the waiting stage waited for may have come: enters it again.
  // Nothing happens to an exchange that has its outcome: it is on its way out and waits for
  // something else.
  void Resume(Exchange& x) {
    if (x.outcome == Outcome::kUndecided) Advance(x);
  }

  // A callback for somebody who answers on another thread: runs `then(exchange, result)` on the
  // exchange's loop, unless the pipeline is gone by then. The loop must outlive whoever calls back.
  template <typename Result, typename Then>
  absl::AnyInvocable<void(absl::StatusOr<Result>)> OnLoop(Exchange& x, Then then) {
    return [here = std::weak_ptr<const bool>(here_), alive = x.shared_from_this(),
            then = std::move(then)](absl::StatusOr<Result> result) mutable {
      transport::EventLoop& loop = alive->loop;
      loop.Post([here = std::move(here), alive = std::move(alive), then = std::move(then),
                 result = std::move(result)]() mutable {
        if (!here.expired()) then(*alive, std::move(result));
      });
    };
  }

 private:
  void Advance(Exchange& x);

  std::vector<std::unique_ptr<Stage>> stages_;
  size_t ending_ = 0;
  // Gone with the pipeline: shared so that a callback can tell.
  const std::shared_ptr<const bool> here_ = std::make_shared<const bool>(true);
};

}  // namespace ndx::broker
