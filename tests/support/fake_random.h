// Deterministic bytes from a seed (splitmix64), so that a failing test can be run again.
//
// Thread-safety: thread-safe.
#pragma once

#include <atomic>

#include "ndx/core/random.h"

namespace ndx::tests {

class FakeRandom final : public core::Random {
 public:
  explicit FakeRandom(uint64_t seed = 1) : state_(seed) {}

  void Fill(void* out, size_t size) override {
    auto* at = static_cast<unsigned char*>(out);
    for (size_t i = 0; i < size; ++i) at[i] = static_cast<unsigned char>(Step() >> 56);
  }

 private:
  uint64_t Step() {
    uint64_t z = state_.fetch_add(0x9E3779B97F4A7C15ULL) + 0x9E3779B97F4A7C15ULL;
    z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9ULL;
    z = (z ^ (z >> 27)) * 0x94D049BB133111EBULL;
    return z ^ (z >> 31);
  }

  std::atomic<uint64_t> state_;
};

}  // namespace ndx::tests
