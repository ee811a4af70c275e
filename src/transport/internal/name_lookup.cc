#include "internal/name_lookup.h"

#include <thread>
#include <utility>

#include "absl/base/thread_annotations.h"
#include "ndx/core/mutex.h"

namespace ndx::transport {

struct NameLookup::State {
  core::Mutex mutex;
  EventLoop* loop ABSL_GUARDED_BY(mutex) = nullptr;  // null once nobody waits
  bool abandoned = false;                            // only on the loop
  Done done;                                         // only on the loop
};

NameLookup::NameLookup(EventLoop& loop, AddressText address, Done done)
    : state_(std::make_shared<State>()) {
  {
    core::MutexLock lock(state_->mutex);
    state_->loop = &loop;
  }
  state_->done = std::move(done);
  std::thread([state = state_, address = std::move(address)] {
    auto found = ResolveBlocking(address);
    core::MutexLock lock(state->mutex);
    if (state->loop == nullptr) return;
    state->loop->Post([state, found = std::move(found)]() mutable {
      if (!state->abandoned) state->done(std::move(found));
    });
  }).detach();
}

NameLookup::~NameLookup() {
  state_->abandoned = true;
  core::MutexLock lock(state_->mutex);
  state_->loop = nullptr;
}

}  // namespace ndx::transport
