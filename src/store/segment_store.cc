#include "ndx/store/segment_store.h"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <filesystem>
#include <map>
#include <optional>
#include <system_error>

#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "ndx/core/big_endian.h"
#include "ndx/core/mutex.h"
#include "ndx/core/status_macros.h"
#include "ndx/store/directory.h"
#include "ndx/store/file_copy.h"
#include "posix_file.h"

namespace ndx::store {
namespace {

constexpr absl::string_view kFileMagic = "NDXSEG1\n";
constexpr absl::string_view kRecordMagic = "NDXR";
constexpr size_t kCheckBytes = 8;
constexpr uint64_t kZeroCheckBytes = uint64_t{1} << 20;
constexpr size_t kLengthAt = 4 + kSegmentLabelBytes;
constexpr size_t kDigestAt = kLengthAt + 4;
constexpr size_t kCheckAt = kDigestAt + crypto::kDigestBytes;

std::string HeaderCheck(uint64_t segment, uint64_t offset, absl::string_view header) {
  const crypto::Digest digest = crypto::Sha256Of(
      {core::BigEndian(segment), core::BigEndian(offset), header.substr(0, kCheckAt)});
  return std::string(crypto::AsBytes(digest).substr(0, kCheckBytes));
}

absl::Status Damaged(const PosixFile& file, uint64_t offset, absl::string_view what) {
  return absl::DataLossError(absl::StrCat(std::filesystem::path(file.path()).filename().string(),
                                          " at offset ", offset, ": ", what));
}

// A power cut may leave a file longer than what reached it.
absl::StatusOr<bool> IsZeroFrom(const PosixFile& file, uint64_t offset, uint64_t size) {
  while (offset < size) {
    const auto piece = static_cast<size_t>(std::min(kZeroCheckBytes, size - offset));
    NDX_ASSIGN_OR_RETURN(const std::string bytes, file.ReadAt(offset, piece));
    if (bytes.find_first_not_of('\0') != std::string::npos) return false;
    offset += piece;
  }
  return true;
}

class DiskSegmentStore final : public SegmentStore {
 public:
  DiskSegmentStore(SegmentOptions options, uint64_t last)
      : options_(std::move(options)), last_(last) {}

  absl::StatusOr<SegmentPlace> Append(absl::string_view label, absl::string_view content,
                                      const crypto::Digest& digest) override;
  absl::Status Sync() override;
  absl::StatusOr<std::string> Read(const SegmentPlace& place) const override;
  absl::StatusOr<std::vector<uint64_t>> Segments() const override;
  absl::Status Walk(uint64_t segment,
                    absl::FunctionRef<void(const SegmentRecord&)> see) const override {
    return WalkRecords(segment, /*contents=*/true, see);
  }
  absl::Status WalkHeaders(uint64_t segment,
                           absl::FunctionRef<void(const SegmentRecord&)> see) const override {
    return WalkRecords(segment, /*contents=*/false, see);
  }
  absl::StatusOr<uint64_t> SizeOf(uint64_t segment) const override;
  uint64_t WrittenFrom() const override;
  void Roll() override;
  absl::Status Remove(uint64_t segment) override;

 private:
  std::string PathOf(uint64_t segment) const {
    return absl::StrFormat("%s/%08d.seg", options_.directory, segment);
  }
  absl::Status Begin() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  absl::Status CheckFileHeader(const PosixFile& file, uint64_t segment) const;
  absl::StatusOr<SegmentRecord> ReadHeader(const PosixFile& file, const SegmentPlace& place) const;
  absl::StatusOr<std::string> ReadContent(const PosixFile& file, const SegmentRecord& record) const;
  absl::Status WalkRecords(uint64_t segment, bool contents,
                           absl::FunctionRef<void(const SegmentRecord&)> see) const;

  const SegmentOptions options_;
  mutable core::Mutex mutex_;
  uint64_t last_ ABSL_GUARDED_BY(mutex_);
  uint64_t end_ ABSL_GUARDED_BY(mutex_) = 0;
  // Held while one thread syncs outside the lock, and kept for files rolled before their sync.
  std::shared_ptr<PosixFile> current_ ABSL_GUARDED_BY(mutex_);
  std::vector<std::shared_ptr<PosixFile>> unsynced_ ABSL_GUARDED_BY(mutex_);
};

absl::Status DiskSegmentStore::Begin() {
  const uint64_t number = last_ + 1;
  NDX_ASSIGN_OR_RETURN(PosixFile file,
                       PosixFile::Open(PathOf(number), O_RDWR | O_CREAT | O_EXCL, options_.faults));
  NDX_RETURN_IF_ERROR(file.WriteAt(0, absl::StrCat(kFileMagic, core::BigEndian(number))));
  NDX_RETURN_IF_ERROR(SyncDirectory(options_.directory, options_.faults));
  last_ = number;
  end_ = kSegmentHeaderBytes;
  current_ = std::make_shared<PosixFile>(std::move(file));
  return absl::OkStatus();
}

absl::StatusOr<SegmentPlace> DiskSegmentStore::Append(absl::string_view label,
                                                      absl::string_view content,
                                                      const crypto::Digest& digest) {
  NDX_CHECK(label.size() == kSegmentLabelBytes && content.size() <= kSegmentContentBytesMax);
  std::string header = absl::StrCat(kRecordMagic, label);
  core::AppendBigEndian(static_cast<uint32_t>(content.size()), &header);
  absl::StrAppend(&header, crypto::AsBytes(digest));
  core::MutexLock lock(mutex_);
  if (current_ == nullptr || end_ >= options_.bytes_max) NDX_RETURN_IF_ERROR(Begin());
  const SegmentPlace place{
      .segment = last_, .offset = end_, .length = static_cast<uint32_t>(content.size())};
  absl::StrAppend(&header, HeaderCheck(place.segment, place.offset, header));
  NDX_RETURN_IF_ERROR(current_->WriteAt(end_, header));
  NDX_RETURN_IF_ERROR(current_->WriteAt(end_ + header.size(), content));
  end_ += header.size() + content.size();
  if (unsynced_.empty() || unsynced_.back() != current_) unsynced_.push_back(current_);
  return place;
}

absl::Status DiskSegmentStore::Sync() {
  std::vector<std::shared_ptr<PosixFile>> files;
  {
    core::MutexLock lock(mutex_);
    files.swap(unsynced_);
  }
  for (const auto& file : files) NDX_RETURN_IF_ERROR(file->SyncData());
  return absl::OkStatus();
}

absl::Status DiskSegmentStore::CheckFileHeader(const PosixFile& file, uint64_t segment) const {
  NDX_ASSIGN_OR_RETURN(const uint64_t size, file.Size());
  if (size < kSegmentHeaderBytes) {
    return absl::OutOfRangeError(absl::StrCat(file.path(), ": ends in its header"));
  }
  NDX_ASSIGN_OR_RETURN(const std::string header, file.ReadAt(0, kSegmentHeaderBytes));
  if (header != absl::StrCat(kFileMagic, core::BigEndian(segment))) {
    return Damaged(file, 0, "not the header of this segment file");
  }
  return absl::OkStatus();
}

absl::StatusOr<SegmentRecord> DiskSegmentStore::ReadHeader(const PosixFile& file,
                                                           const SegmentPlace& place) const {
  NDX_ASSIGN_OR_RETURN(const std::string header,
                       file.ReadAt(place.offset, kSegmentRecordHeaderBytes));
  const absl::string_view view = header;
  if (view.substr(0, 4) != kRecordMagic ||
      view.substr(kCheckAt) != HeaderCheck(place.segment, place.offset, header)) {
    return Damaged(file, place.offset, "the record's header was changed");
  }
  SegmentRecord record{.place = place,
                       .label = std::string(view.substr(4, kSegmentLabelBytes)),
                       .digest = crypto::DigestFromBytes(view.substr(kDigestAt, 32))};
  record.place.length = core::ReadBigEndian<uint32_t>(view.substr(kLengthAt));
  return record;
}

absl::StatusOr<std::string> DiskSegmentStore::ReadContent(const PosixFile& file,
                                                          const SegmentRecord& record) const {
  NDX_ASSIGN_OR_RETURN(
      std::string content,
      file.ReadAt(record.place.offset + kSegmentRecordHeaderBytes, record.place.length));
  if (crypto::Sha256Of({content}) != record.digest) {
    return Damaged(file, record.place.offset, "the record's content was changed");
  }
  return content;
}

absl::StatusOr<std::string> DiskSegmentStore::Read(const SegmentPlace& place) const {
  const auto file = PosixFile::Open(PathOf(place.segment), O_RDONLY, nullptr);
  if (absl::IsNotFound(file.status())) {
    return absl::DataLossError(absl::StrCat(PathOf(place.segment), " is missing"));
  }
  NDX_RETURN_IF_ERROR(file.status());
  NDX_ASSIGN_OR_RETURN(const SegmentRecord record, ReadHeader(*file, place));
  if (record.place.length != place.length) {
    return Damaged(*file, place.offset, "the record has another length");
  }
  return ReadContent(*file, record);
}

absl::StatusOr<std::vector<uint64_t>> DiskSegmentStore::Segments() const {
  std::vector<uint64_t> numbers;
  std::error_code error;
  for (std::filesystem::directory_iterator at(options_.directory, error), end; !error && at != end;
       at.increment(error)) {
    const std::string name = at->path().filename().string();
    uint64_t number = 0;
    if (name.size() == 12 && absl::EndsWith(name, ".seg") &&
        absl::SimpleAtoi(name.substr(0, 8), &number)) {
      numbers.push_back(number);
    }
  }
  if (error) {
    return PathFailed(options_.directory, error);
  }
  std::sort(numbers.begin(), numbers.end());
  return numbers;
}

absl::StatusOr<uint64_t> DiskSegmentStore::SizeOf(uint64_t segment) const {
  NDX_ASSIGN_OR_RETURN(const PosixFile file, PosixFile::Open(PathOf(segment), O_RDONLY, nullptr));
  return file.Size();
}

uint64_t DiskSegmentStore::WrittenFrom() const {
  core::MutexLock lock(mutex_);
  return current_ == nullptr ? last_ + 1 : last_;
}

void DiskSegmentStore::Roll() {
  core::MutexLock lock(mutex_);
  current_ = nullptr;  // unsynced_ holds it as long as it has to be synced
}

absl::Status DiskSegmentStore::Remove(uint64_t segment) {
  {
    core::MutexLock lock(mutex_);
    if (segment >= last_) {
      return absl::FailedPreconditionError(absl::StrCat("segment ", segment, " is the newest"));
    }
  }
  if (unlink(PathOf(segment).c_str()) != 0 && errno != ENOENT) {
    return absl::ErrnoToStatus(errno, absl::StrCat(PathOf(segment), ": removing"));
  }
  return SyncDirectory(options_.directory, options_.faults);
}

absl::Status DiskSegmentStore::WalkRecords(
    uint64_t segment, bool contents, absl::FunctionRef<void(const SegmentRecord&)> see) const {
  NDX_ASSIGN_OR_RETURN(const PosixFile file, PosixFile::Open(PathOf(segment), O_RDONLY, nullptr));
  NDX_RETURN_IF_ERROR(CheckFileHeader(file, segment));
  NDX_ASSIGN_OR_RETURN(const uint64_t size, file.Size());
  uint64_t offset = kSegmentHeaderBytes;
  while (offset < size) {
    const auto cut_off = [&] {
      return absl::OutOfRangeError(absl::StrCat(file.path(), ": cut off at offset ", offset));
    };
    if (size - offset < kSegmentRecordHeaderBytes) return cut_off();
    const auto record = ReadHeader(file, {.segment = segment, .offset = offset, .length = 0});
    if (!record.ok()) {
      NDX_ASSIGN_OR_RETURN(const bool zeros, IsZeroFrom(file, offset, size));
      return zeros ? cut_off() : record.status();
    }
    const uint64_t end = offset + kSegmentRecordHeaderBytes + record->place.length;
    if (end > size) return cut_off();
    if (contents) NDX_RETURN_IF_ERROR(ReadContent(file, *record).status());
    see(*record);
    offset = end;
  }
  return absl::OkStatus();
}

}  // namespace

absl::StatusOr<std::unique_ptr<SegmentStore>> SegmentStore::Open(const SegmentOptions& options) {
  if (!options.read_only) {
    NDX_RETURN_IF_ERROR(MakeDirectory(options.directory, options.faults));
  }
  auto store = std::make_unique<DiskSegmentStore>(options, 0);
  NDX_ASSIGN_OR_RETURN(const std::vector<uint64_t> numbers, store->Segments());
  std::unique_ptr<SegmentStore> out =
      std::make_unique<DiskSegmentStore>(options, numbers.empty() ? 0 : numbers.back());
  return out;
}

}  // namespace ndx::store
