// Random draws that depend on a seed and a stream name alone: the same on every machine and in
// every build, which the distributions of the standard library do not promise. Each household,
// enterprise, … has a stream of its own, so that one more draw for one of them does not move the
// others.
//
// Thread-safety: value type. Not for cryptography.
// Source: splitmix64 (Steele, Lea, Flood 2014); range by multiplication (Lemire 2019), whose bias
// of n/2^32 does not matter here.
#pragma once

#include <cstddef>
#include <cstdint>

#include "absl/types/span.h"

namespace ndx::tools::datagen {

// What a stream is for; part of its seed.
enum class Stream : uint64_t {
  kCommune = 1,
  kHousehold = 2,
  kEnterprise = 3,
  kInsurance = 4,
  kLand = 5,
  kInsurerList = 6,
};

class Draws {
 public:
  Draws(uint64_t seed, Stream stream, uint64_t index)
      : state_(Mix(seed) ^ Mix((static_cast<uint64_t>(stream) << 56) + index)) {}

  uint64_t Next() {
    state_ += 0x9E3779B97F4A7C15ULL;
    return Mix(state_);
  }

  // 0 to n-1; n is 1 to 2^32-1.
  uint32_t Below(size_t n) { return static_cast<uint32_t>(((Next() >> 32) * n) >> 32); }

  // low to high, both included.
  int Between(int low, int high) {
    return low + static_cast<int>(Below(static_cast<uint32_t>(high - low) + size_t{1}));
  }

  // True in permille of 1000 draws.
  bool Chance(uint32_t permille) { return Below(1000) < permille; }

  // An element, all alike.
  template <typename T>
  const T& Pick(absl::Span<const T> from) {
    return from[Below(from.size())];
  }

  // An index, in proportion to the weights.
  size_t Weighted(absl::Span<const uint16_t> weights) {
    uint32_t total = 0;
    for (const uint16_t weight : weights) total += weight;
    uint32_t at = Below(total);
    size_t index = 0;
    while (at >= weights[index]) at -= weights[index++];
    return index;
  }

 private:
  static uint64_t Mix(uint64_t z) {
    z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9ULL;
    z = (z ^ (z >> 27)) * 0x94D049BB133111EBULL;
    return z ^ (z >> 31);
  }

  uint64_t state_;
};

}  // namespace ndx::tools::datagen
