// Randomness as everything but the daemon sees it.
//
// Thread-safety: implementations are thread-safe.
#pragma once

#include <cstddef>
#include <cstdint>

namespace ndx::core {

class Random {
 public:
  virtual ~Random() = default;

  // Fills size bytes. Implementations used outside tests are cryptographically secure and abort
  // rather than return predictable bytes.
  virtual void Fill(void* out, size_t size) = 0;

  // A uniformly distributed 64-bit number.
  uint64_t Next64() {
    uint64_t value = 0;
    Fill(&value, sizeof(value));
    return value;
  }
};

}  // namespace ndx::core
