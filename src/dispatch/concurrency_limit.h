// How many calls may be under way at one provider at once: the bulkhead that keeps one hung
// provider from taking the node.
//
// Thread-safety: thread-safe, no locks.
#pragma once

#include <atomic>
#include <cstdint>

namespace ndx::dispatch {

class ConcurrencyLimit {
 public:
  explicit ConcurrencyLimit(uint32_t calls_max) : calls_max_(calls_max) {}

  // Takes a place; false when all are taken. A place taken must be given back with Leave().
  bool TryEnter() {
    uint32_t calls = calls_.load(std::memory_order_relaxed);
    while (calls < calls_max_) {
      if (calls_.compare_exchange_weak(calls, calls + 1, std::memory_order_relaxed)) return true;
    }
    return false;
  }

  void Leave() { calls_.fetch_sub(1, std::memory_order_relaxed); }

  uint32_t calls() const { return calls_.load(std::memory_order_relaxed); }
  uint32_t calls_max() const { return calls_max_; }

 private:
  const uint32_t calls_max_;
  std::atomic<uint32_t> calls_{0};
};

}  // namespace ndx::dispatch
