// A small file of two slots, written in turn, so that one whole value survives any crash.
//
// Thread-safety: thread-compatible.
// Format: two slots of kSlotBytes. A slot: magic "NDXSLOT1", u64 sequence, u32 length (big-endian),
// content, zeros, and in its last 32 bytes the SHA-256 of everything before. A slot of zeros only
// was never written.
#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "ndx/store/file_faults.h"

namespace ndx::store {

inline constexpr size_t kSlotBytes = 4096;
inline constexpr size_t kSlotContentBytesMax = kSlotBytes - 8 - 8 - 4 - 32;

enum class SlotState { kNeverWritten, kValid, kDamaged };

struct Slot {
  SlotState state = SlotState::kNeverWritten;
  uint64_t sequence = 0;
  std::string content;
};

using Slots = std::array<Slot, 2>;

// Both slots of a file, without changing it. kNotFound if there is none; a file of another length
// has damaged slots.
absl::StatusOr<Slots> ReadSlots(const std::string& path);

// The valid slot with the highest sequence; null if there is none.
const Slot* NewestSlot(const Slots& slots);

class SlotFile {
 public:
  // Opens, or creates with both slots never written. faults may be null.
  static absl::StatusOr<std::unique_ptr<SlotFile>> Open(const std::string& path,
                                                        FileFaults* faults);
  virtual ~SlotFile() = default;

  // Writes the content, at most kSlotContentBytesMax bytes, over a damaged or the older slot; OK
  // means that it is on stable storage.
  virtual absl::Status Write(absl::string_view content) = 0;
};

}  // namespace ndx::store
