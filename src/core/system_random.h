// Random bytes from the kernel (getrandom), fetched 4 KiB at a time per thread.
//
// Thread-safety: thread-safe. Not for use across fork().
#pragma once

#include "ndx/core/random.h"

namespace ndx::core {

class SystemRandom final : public Random {
 public:
  void Fill(void* out, size_t size) override;
};

}  // namespace ndx::core
