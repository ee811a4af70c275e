// Exports and reports hold a worker while their caller reads: so many may run at once.
//
//   const ExportSlots::Slot slot(slots);
//   if (!slot.status().ok()) return slot.status();
//
// Thread-safety: thread-safe. Ownership: the slots outlive each Slot.
// Errors: kAborted when all are taken.
#pragma once

#include <atomic>

#include "absl/status/status.h"

namespace ndx::console {

inline constexpr int kExportsMax = 2;

class ExportSlots {
 public:
  class Slot {
   public:
    explicit Slot(ExportSlots& slots)
        : running_(slots.running_), held_(++running_ <= kExportsMax) {}
    ~Slot() { --running_; }
    Slot(const Slot&) = delete;
    Slot& operator=(const Slot&) = delete;

    absl::Status status() const {
      if (held_) return absl::OkStatus();
      return absl::AbortedError("two exports or reports are under way; wait for one to end");
    }

   private:
    std::atomic<int>& running_;
    const bool held_;
  };

 private:
  std::atomic<int> running_{0};
};

}  // namespace ndx::console
