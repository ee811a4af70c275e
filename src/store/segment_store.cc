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
// More than this is written at once, and not gathered first.
constexpr size_t kGatheredBytesMax = size_t{1} << 20;

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
  ~DiskSegmentStore() override {
    core::MutexLock lock(mutex_);
    (void)WriteGathered();  // nobody was told that it is there
  }

  absl::StatusOr<SegmentPlace> Append(absl::string_view label, absl::string_view content,
                                      const crypto::Digest& digest) override;
  absl::Status Sync() override;
  absl::StatusOr<SegmentContent> Read(const SegmentPlace& place) const override;
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
  absl::Status WriteGathered() const ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  // What is read from a file is what was appended to it.
  absl::Status WriteGatheredOf(uint64_t segment) const;
  absl::Status CheckFileHeader(const PosixFile& file, uint64_t segment) const;
  absl::StatusOr<SegmentRecord> ReadHeader(const PosixFile& file, const SegmentPlace& place) const;
  static absl::StatusOr<SegmentRecord> ParseHeader(const PosixFile& file, const SegmentPlace& place,
                                                   absl::string_view header);
  static absl::Status CheckContent(const PosixFile& file, const SegmentRecord& record,
                                   absl::string_view content);
  absl::Status WalkRecords(uint64_t segment, bool contents,
                           absl::FunctionRef<void(const SegmentRecord&)> see) const;

  const SegmentOptions options_;
  mutable core::Mutex mutex_;
  uint64_t last_ ABSL_GUARDED_BY(mutex_);
  uint64_t end_ ABSL_GUARDED_BY(mutex_) = 0;
  // Held while one thread syncs outside the lock, and kept for files rolled before their sync.
  std::shared_ptr<PosixFile> current_ ABSL_GUARDED_BY(mutex_);
  std::vector<std::shared_ptr<PosixFile>> unsynced_ ABSL_GUARDED_BY(mutex_);
  // Records that were appended and not written yet: those of a group go out in one write.
  struct Gathered {
    std::shared_ptr<PosixFile> file;
    uint64_t segment = 0;
    uint64_t offset = 0;
    std::string bytes;
  };
  mutable Gathered gathered_ ABSL_GUARDED_BY(mutex_);
};

absl::Status DiskSegmentStore::WriteGathered() const {
  if (gathered_.bytes.empty()) return absl::OkStatus();
  NDX_RETURN_IF_ERROR(gathered_.file->WriteAt(gathered_.offset, gathered_.bytes));
  gathered_.bytes.clear();
  gathered_.file = nullptr;
  return absl::OkStatus();
}

absl::Status DiskSegmentStore::WriteGatheredOf(uint64_t segment) const {
  core::MutexLock lock(mutex_);
  return segment == gathered_.segment ? WriteGathered() : absl::OkStatus();
}

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
  const size_t bytes = header.size() + content.size();
  if (gathered_.file != current_ || gathered_.bytes.size() + bytes > kGatheredBytesMax) {
    NDX_RETURN_IF_ERROR(WriteGathered());
  }
  if (bytes > kGatheredBytesMax) {
    NDX_RETURN_IF_ERROR(current_->WriteAt(end_, header));
    NDX_RETURN_IF_ERROR(current_->WriteAt(end_ + header.size(), content));
  } else {
    if (gathered_.bytes.empty()) {
      gathered_.file = current_;
      gathered_.segment = place.segment;
      gathered_.offset = place.offset;
    }
    absl::StrAppend(&gathered_.bytes, header, content);
  }
  end_ += bytes;
  if (unsynced_.empty() || unsynced_.back() != current_) unsynced_.push_back(current_);
  return place;
}

absl::Status DiskSegmentStore::Sync() {
  std::vector<std::shared_ptr<PosixFile>> files;
  {
    core::MutexLock lock(mutex_);
    NDX_RETURN_IF_ERROR(WriteGathered());
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

absl::StatusOr<SegmentRecord> DiskSegmentStore::ParseHeader(const PosixFile& file,
                                                            const SegmentPlace& place,
                                                            absl::string_view header) {
  if (header.substr(0, 4) != kRecordMagic ||
      header.substr(kCheckAt, kCheckBytes) != HeaderCheck(place.segment, place.offset, header)) {
    return Damaged(file, place.offset, "the record's header was changed");
  }
  SegmentRecord record{.place = place,
                       .label = std::string(header.substr(4, kSegmentLabelBytes)),
                       .digest = crypto::DigestFromBytes(header.substr(kDigestAt, 32))};
  record.place.length = core::ReadBigEndian<uint32_t>(header.substr(kLengthAt));
  return record;
}

absl::StatusOr<SegmentRecord> DiskSegmentStore::ReadHeader(const PosixFile& file,
                                                           const SegmentPlace& place) const {
  NDX_ASSIGN_OR_RETURN(const std::string header,
                       file.ReadAt(place.offset, kSegmentRecordHeaderBytes));
  return ParseHeader(file, place, header);
}

absl::Status DiskSegmentStore::CheckContent(const PosixFile& file, const SegmentRecord& record,
                                            absl::string_view content) {
  if (crypto::Sha256Of({content}) == record.digest) return absl::OkStatus();
  return Damaged(file, record.place.offset, "the record's content was changed");
}

absl::StatusOr<SegmentContent> DiskSegmentStore::Read(const SegmentPlace& place) const {
  NDX_RETURN_IF_ERROR(WriteGatheredOf(place.segment));
  const auto file = PosixFile::Open(PathOf(place.segment), O_RDONLY, nullptr);
  if (absl::IsNotFound(file.status())) {
    return absl::DataLossError(absl::StrCat(PathOf(place.segment), " is missing"));
  }
  NDX_RETURN_IF_ERROR(file.status());
  // A place that was changed must not make this ask for memory that the file cannot fill.
  const uint64_t size_wanted = kSegmentRecordHeaderBytes + uint64_t{place.length};
  NDX_ASSIGN_OR_RETURN(const uint64_t size, file->Size());
  if (place.offset > size || size_wanted > size - place.offset) {
    return Damaged(*file, place.offset, "the record is cut off");
  }
  NDX_ASSIGN_OR_RETURN(std::string bytes, file->ReadAt(place.offset, size_wanted));
  NDX_ASSIGN_OR_RETURN(const SegmentRecord record, ParseHeader(*file, place, bytes));
  if (record.place.length != place.length) {
    return Damaged(*file, place.offset, "the record has another length");
  }
  bytes.erase(0, kSegmentRecordHeaderBytes);
  NDX_RETURN_IF_ERROR(CheckContent(*file, record, bytes));
  return SegmentContent{.bytes = std::move(bytes), .digest = record.digest};
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
  NDX_RETURN_IF_ERROR(WriteGatheredOf(segment));
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
  NDX_RETURN_IF_ERROR(WriteGatheredOf(segment));
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
    if (contents) {
      NDX_ASSIGN_OR_RETURN(const std::string content,
                           file.ReadAt(offset + kSegmentRecordHeaderBytes, record->place.length));
      NDX_RETURN_IF_ERROR(CheckContent(file, *record, content));
    }
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
