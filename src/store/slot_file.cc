#include "ndx/store/slot_file.h"

#include <fcntl.h>

#include <filesystem>
#include <optional>

#include "absl/strings/str_cat.h"
#include "ndx/core/big_endian.h"
#include "ndx/core/status_macros.h"
#include "ndx/crypto/digest.h"
#include "posix_file.h"

namespace ndx::store {
namespace {

constexpr absl::string_view kMagic = "NDXSLOT1";
constexpr size_t kContentAt = 8 + 8 + 4;
constexpr size_t kSlotDigestAt = kSlotBytes - crypto::kDigestBytes;

std::string EncodeSlot(uint64_t sequence, absl::string_view content) {
  std::string slot(kMagic);
  core::AppendBigEndian(sequence, &slot);
  core::AppendBigEndian(static_cast<uint32_t>(content.size()), &slot);
  slot.append(content.data(), content.size());
  slot.resize(kSlotDigestAt, '\0');
  const crypto::Digest digest = crypto::Sha256Of({slot});
  slot.append(crypto::AsBytes(digest).data(), digest.size());
  return slot;
}

Slot DecodeSlot(absl::string_view bytes) {
  if (bytes.find_first_not_of('\0') == absl::string_view::npos) return {};
  const absl::string_view body = bytes.substr(0, kSlotDigestAt);
  const crypto::Digest digest = crypto::Sha256Of({body});
  const auto length = core::ReadBigEndian<uint32_t>(bytes.substr(16));
  if (bytes.substr(kSlotDigestAt) != crypto::AsBytes(digest) || body.substr(0, 8) != kMagic ||
      length > kSlotContentBytesMax) {
    return {.state = SlotState::kDamaged};
  }
  return {.state = SlotState::kValid,
          .sequence = core::ReadBigEndian<uint64_t>(bytes.substr(8)),
          .content = std::string(bytes.substr(kContentAt, length))};
}

absl::StatusOr<Slots> ReadFrom(const PosixFile& file) {
  NDX_ASSIGN_OR_RETURN(const uint64_t size, file.Size());
  if (size != 2 * kSlotBytes) {
    const Slot damaged{.state = SlotState::kDamaged};
    return Slots{damaged, damaged};
  }
  NDX_ASSIGN_OR_RETURN(const std::string bytes, file.ReadAt(0, 2 * kSlotBytes));
  const absl::string_view view = bytes;
  return Slots{DecodeSlot(view.substr(0, kSlotBytes)), DecodeSlot(view.substr(kSlotBytes))};
}

class PosixSlotFile final : public SlotFile {
 public:
  PosixSlotFile(PosixFile file, const Slots& slots) : file_(std::move(file)) {
    const Slot* newest = NewestSlot(slots);
    if (newest != nullptr) sequence_ = newest->sequence;
    // Never over the newest valid slot: what follows a crash here must still find it.
    next_ = newest == &slots[0] ? 1 : 0;
  }

  absl::Status Write(absl::string_view content) override {
    if (content.size() > kSlotContentBytesMax) {
      return absl::InvalidArgumentError("the content does not fit a slot");
    }
    const std::string slot = EncodeSlot(sequence_ + 1, content);
    NDX_RETURN_IF_ERROR(file_.WriteAt(next_ * kSlotBytes, slot));
    NDX_RETURN_IF_ERROR(file_.SyncData());
    ++sequence_;
    next_ = 1 - next_;
    return absl::OkStatus();
  }

 private:
  PosixFile file_;
  uint64_t sequence_ = 0;
  size_t next_ = 0;
};

}  // namespace

absl::StatusOr<Slots> ReadSlots(const std::string& path) {
  NDX_ASSIGN_OR_RETURN(const PosixFile file, PosixFile::Open(path, O_RDONLY, nullptr));
  return ReadFrom(file);
}

const Slot* NewestSlot(const Slots& slots) {
  const Slot* newest = nullptr;
  for (const Slot& slot : slots) {
    if (slot.state != SlotState::kValid) continue;
    if (newest == nullptr || slot.sequence > newest->sequence) newest = &slot;
  }
  return newest;
}

absl::StatusOr<std::unique_ptr<SlotFile>> SlotFile::Open(const std::string& path,
                                                         FileFaults* faults) {
  NDX_ASSIGN_OR_RETURN(PosixFile file, PosixFile::Open(path, O_RDWR | O_CREAT, faults));
  NDX_ASSIGN_OR_RETURN(const uint64_t size, file.Size());
  if (size == 0) {
    NDX_RETURN_IF_ERROR(file.WriteAt(0, std::string(2 * kSlotBytes, '\0')));
    NDX_RETURN_IF_ERROR(file.SyncData());
    NDX_RETURN_IF_ERROR(SyncDirectory(std::filesystem::path(path).parent_path().string(), faults));
  }
  NDX_ASSIGN_OR_RETURN(const Slots slots, ReadFrom(file));
  std::unique_ptr<SlotFile> out = std::make_unique<PosixSlotFile>(std::move(file), slots);
  return out;
}

}  // namespace ndx::store
