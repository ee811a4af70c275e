#include "manifest_mark.h"

#include <filesystem>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "ndx/core/big_endian.h"
#include "ndx/core/mutex.h"
#include "ndx/core/status_macros.h"
#include "ndx/crypto/digest.h"
#include "ndx/store/slot_file.h"
#include "ndx/store/whole_file.h"

namespace ndx::store {
namespace {

using rocksdb::FSWritableFile;
using rocksdb::IODebugContext;
using rocksdb::IOOptions;
using rocksdb::IOStatus;

constexpr absl::string_view kListPrefix = "MANIFEST-";
constexpr size_t kCurrentBytesMax = 256;
constexpr size_t kListBytesMax = size_t{1} << 30;  // RocksDB begins a new one there
constexpr size_t kNameAt = sizeof(uint64_t) + crypto::kDigestBytes;

std::string MarkPath(const std::string& directory) {
  return absl::StrCat(directory, "/manifest-mark");
}

std::string NameOf(const std::string& path) {
  return std::filesystem::path(path).filename().string();
}

class MarkedList final : public rocksdb::FSWritableFileOwnerWrapper {
 public:
  MarkedList(std::unique_ptr<FSWritableFile>&& file, std::string path, SlotFile& mark)
      : FSWritableFileOwnerWrapper(std::move(file)), path_(std::move(path)), mark_(mark) {}

  IOStatus Sync(const IOOptions& options, IODebugContext* debug) override {
    const IOStatus synced = FSWritableFileOwnerWrapper::Sync(options, debug);
    return synced.ok() ? Mark() : synced;
  }
  IOStatus Fsync(const IOOptions& options, IODebugContext* debug) override {
    const IOStatus synced = FSWritableFileOwnerWrapper::Fsync(options, debug);
    return synced.ok() ? Mark() : synced;
  }

 private:
  IOStatus Mark() {
    const auto content = ReadWholeFile(path_, kListBytesMax);
    if (!content.ok()) return IOStatus::IOError(std::string(content.status().message()));
    const crypto::Digest digest = crypto::Sha256Of({*content});
    const absl::Status written = mark_.Write(absl::StrCat(
        core::BigEndian(uint64_t{content->size()}), crypto::AsBytes(digest), NameOf(path_)));
    return written.ok() ? IOStatus::OK() : IOStatus::IOError(std::string(written.message()));
  }

  const std::string path_;
  SlotFile& mark_;
};

class MarkingFileSystem final : public rocksdb::FileSystemWrapper {
 public:
  MarkingFileSystem(const std::shared_ptr<rocksdb::FileSystem>& other, std::string directory,
                    FileFaults* faults)
      : FileSystemWrapper(other), directory_(std::move(directory)), faults_(faults) {}

  const char* Name() const override { return "NdxMarkingFileSystem"; }

  IOStatus NewWritableFile(const std::string& path, const rocksdb::FileOptions& options,
                           std::unique_ptr<FSWritableFile>* out, IODebugContext* debug) override {
    IOStatus status = FileSystemWrapper::NewWritableFile(path, options, out, debug);
    if (!status.ok() || !IsOwnList(path)) return status;
    const core::MutexLock lock(mutex_);
    if (mark_ == nullptr) {
      auto mark = SlotFile::Open(MarkPath(directory_), faults_);
      if (!mark.ok()) return IOStatus::IOError(std::string(mark.status().message()));
      mark_ = *std::move(mark);
    }
    *out = std::make_unique<MarkedList>(std::move(*out), path, *mark_);
    return status;
  }

 private:
  // A list that is copied elsewhere, when the database is linked, is nobody's yet.
  bool IsOwnList(const std::string& path) const {
    const std::filesystem::path file(path);
    return absl::StartsWith(file.filename().string(), kListPrefix) &&
           file.parent_path().lexically_normal() ==
               std::filesystem::path(directory_).lexically_normal();
  }

  const std::string directory_;
  FileFaults* const faults_;
  core::Mutex mutex_;
  std::unique_ptr<SlotFile> mark_ ABSL_GUARDED_BY(mutex_);  // once there is a list to mark
};

// The newest mark of this list; empty if there is none.
std::string MarkOf(const std::string& directory, const std::string& list) {
  const auto slots = ReadSlots(MarkPath(directory));
  if (!slots.ok()) return "";
  Slots of_list;
  for (size_t i = 0; i < slots->size(); ++i) {
    const Slot& slot = (*slots)[i];
    if (slot.content.size() > kNameAt && slot.content.substr(kNameAt) == list) of_list[i] = slot;
  }
  const Slot* newest = NewestSlot(of_list);
  return newest == nullptr ? "" : newest->content;
}

}  // namespace

absl::Status CheckManifestMark(const std::string& directory) {
  const auto current = ReadWholeFile(absl::StrCat(directory, "/CURRENT"), kCurrentBytesMax);
  if (!current.ok()) return absl::OkStatus();  // no database, or RocksDB says what is wrong
  const std::string list(absl::StripSuffix(*current, "\n"));
  const std::string mark = MarkOf(directory, list);
  if (mark.empty()) return absl::OkStatus();
  const auto size = core::ReadBigEndian<uint64_t>(mark);
  const auto content = ReadWholeFile(absl::StrCat(directory, "/", list), kListBytesMax);
  if (absl::IsNotFound(content.status())) return absl::OkStatus();  // likewise
  NDX_RETURN_IF_ERROR(content.status());
  const absl::string_view synced = absl::string_view(*content).substr(0, size);
  const crypto::Digest digest = crypto::Sha256Of({synced});
  if (synced.size() == size && crypto::AsBytes(digest) == mark.substr(sizeof(uint64_t), 32)) {
    return absl::OkStatus();
  }
  return absl::DataLossError(absl::StrCat(directory, "/", list,
                                          ": the list of the database's files is not the one that "
                                          "was written"));
}

std::shared_ptr<rocksdb::FileSystem> NewMarkingFileSystem(
    const std::shared_ptr<rocksdb::FileSystem>& other, std::string directory, FileFaults* faults) {
  return std::make_shared<MarkingFileSystem>(other, std::move(directory), faults);
}

}  // namespace ndx::store
