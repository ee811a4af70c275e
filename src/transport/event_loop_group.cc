#include "ndx/transport/event_loop_group.h"

#include <pthread.h>

#include "ndx/core/status_macros.h"

namespace ndx::transport {

EventLoopGroup::EventLoopGroup(const core::Clock& clock, size_t size, const std::string& name) {
  NDX_CHECK(size > 0);
  for (size_t i = 0; i < size; ++i) {
    loops_.push_back(std::make_unique<EventLoop>(clock, name + "-" + std::to_string(i)));
  }
}

EventLoopGroup::~EventLoopGroup() { Stop(); }

void EventLoopGroup::Start() {
  for (const auto& loop : loops_) {
    loop->AnnounceRun();
    threads_.emplace_back([&loop = *loop] {
      constexpr size_t kThreadNameMax = 15;
      pthread_setname_np(pthread_self(), loop.name().substr(0, kThreadNameMax).c_str());
      loop.Run();
    });
  }
}

void EventLoopGroup::Stop() {
  for (const auto& loop : loops_) loop->Stop();
  for (std::thread& thread : threads_) thread.join();
  threads_.clear();
}

EventLoop& EventLoopGroup::Next() {
  return *loops_[next_.fetch_add(1, std::memory_order_relaxed) % loops_.size()];
}

}  // namespace ndx::transport
