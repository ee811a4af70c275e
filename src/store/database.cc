#include "ndx/store/database.h"

#include <rocksdb/cache.h>
#include <rocksdb/db.h>
#include <rocksdb/env.h>
#include <rocksdb/file_checksum.h>
#include <rocksdb/filter_policy.h>
#include <rocksdb/perf_level.h>
#include <rocksdb/table.h>
#include <rocksdb/utilities/checkpoint.h>

#include <filesystem>
#include <fstream>
#include <system_error>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "family_scrub.h"
#include "faulty_file_system.h"
#include "manifest_mark.h"
#include "ndx/core/status_macros.h"
#include "ndx/store/directory.h"
#include "table_guard.h"

namespace ndx::store {
namespace {

constexpr size_t kCheckBufferBytes = size_t{1} << 20;
constexpr uint64_t kLogBytesMax = uint64_t{256} << 20;
// In which a write buffer grows. RocksDB's own choice would be a good part of a small database's.
constexpr size_t kArenaBlockBytes = size_t{128} << 10;
constexpr int kFilterBitsPerKey = 10;
// What RocksDB's own batch adds to key and value: type, family, two lengths.
constexpr size_t kOperationBytes = 16;

rocksdb::Slice ToSlice(absl::string_view bytes) { return {bytes.data(), bytes.size()}; }

absl::string_view FromSlice(const rocksdb::Slice& slice) { return {slice.data(), slice.size()}; }

absl::Status ToStatus(const rocksdb::Status& status, absl::string_view doing) {
  if (status.ok()) return absl::OkStatus();
  const std::string text = absl::StrCat(doing, ": ", status.ToString());
  if (status.IsNotFound()) return absl::NotFoundError(text);
  if (status.IsCorruption()) return absl::DataLossError(text);
  if (status.IsNoSpace()) return absl::ResourceExhaustedError(text);
  if (status.IsInvalidArgument()) return absl::InvalidArgumentError(text);
  return absl::UnavailableError(text);
}

// RocksDB counts every comparison of keys for whoever asks, which is nobody here: by default, and
// for each thread by itself.
void CountNothing() {
  thread_local const bool kDone = [] {
    rocksdb::SetPerfLevel(rocksdb::PerfLevel::kDisable);
    return true;
  }();
  (void)kDone;
}

class RocksCursor final : public Cursor {
 public:
  RocksCursor(rocksdb::DB& db, rocksdb::ColumnFamilyHandle* family, absl::string_view end)
      : end_(end), bound_(end_) {
    rocksdb::ReadOptions options;
    if (!end_.empty()) options.iterate_upper_bound = &bound_;
    iterator_.reset(db.NewIterator(options, family));
  }
  void SeekToFirst() override { iterator_->SeekToFirst(); }
  void SeekToLast() override { iterator_->SeekToLast(); }
  void Seek(absl::string_view key) override { iterator_->Seek(ToSlice(key)); }
  void SeekForPrev(absl::string_view key) override { iterator_->SeekForPrev(ToSlice(key)); }
  void Next() override { iterator_->Next(); }
  void Prev() override { iterator_->Prev(); }
  bool Valid() const override { return iterator_->Valid(); }
  absl::string_view key() const override { return FromSlice(iterator_->key()); }
  absl::string_view value() const override { return FromSlice(iterator_->value()); }
  absl::Status status() const override { return ToStatus(iterator_->status(), "reading"); }

 private:
  const std::string end_;
  const rocksdb::Slice bound_;
  std::unique_ptr<rocksdb::Iterator> iterator_;
};

// RocksDB's own log (LOG) is not kept: once a write to it has failed, as on a full disk, the next
// one ends Debian's build by an assertion. What goes wrong reaches the caller, and the node's log.
class SilentLogger final : public rocksdb::Logger {
 public:
  using rocksdb::Logger::Logv;
  void Logv(const char* /*format*/, va_list /*arguments*/) override {}
};

class RocksDatabase final : public Database {
 public:
  RocksDatabase(DatabaseOptions options, LogCheck log_check, bool read_only);
  ~RocksDatabase() override;

  absl::Status Start(bool read_only);

  absl::StatusOr<std::string> Get(Family family, absl::string_view key) const override;
  absl::Status WriteSynced(const Batch& batch) override { return Write(batch, true); }
  absl::Status WriteUnsynced(const Batch& batch) override { return Write(batch, false); }
  std::unique_ptr<Cursor> NewCursor(Family family, absl::string_view end) const override;
  absl::Status Flush() override;
  absl::Status Scrub(const std::vector<Family>& families) override;
  absl::Status LinkTo(const std::string& directory) const override;
  absl::Status Empty(Family family) override;
  absl::Status ScrubRange(Family family, absl::string_view begin, absl::string_view end) override;
  absl::StatusOr<std::vector<FileProblem>> CheckFiles(uint64_t* files) const override;
  Memory memory() const override;

 private:
  rocksdb::ColumnFamilyOptions OptionsOf(const FamilyOptions& family) const;
  absl::Status Write(const Batch& batch, bool sync);
  std::string ChecksumOf(const std::string& path) const;

  const DatabaseOptions options_;
  std::unique_ptr<rocksdb::Env> env_;
  rocksdb::DBOptions db_options_;
  std::shared_ptr<rocksdb::Cache> cache_;
  std::unique_ptr<rocksdb::DB> db_;
  std::vector<rocksdb::ColumnFamilyHandle*> families_;
};

RocksDatabase::RocksDatabase(DatabaseOptions options, LogCheck log_check, bool read_only)
    : options_(std::move(options)), cache_(rocksdb::NewLRUCache(options_.block_cache_bytes)) {
  const auto disk = options_.faults == nullptr ? rocksdb::FileSystem::Default()
                                               : NewFaultyFileSystem(*options_.faults);
  env_ = rocksdb::NewCompositeEnv(
      NewMarkingFileSystem(NewGuardedFileSystem(disk), options_.directory, options_.faults));
  db_options_.env = env_.get();
  db_options_.create_if_missing = !read_only;
  db_options_.create_missing_column_families = !read_only;
  db_options_.paranoid_checks = true;
  db_options_.wal_recovery_mode = log_check == LogCheck::kWhole
                                      ? rocksdb::WALRecoveryMode::kAbsoluteConsistency
                                      : rocksdb::WALRecoveryMode::kPointInTimeRecovery;
  db_options_.max_total_wal_size = kLogBytesMax;
  db_options_.db_write_buffer_size = options_.write_buffer_bytes;
  db_options_.max_background_jobs = 2;
  db_options_.info_log = std::make_shared<SilentLogger>();
  // A checksum of each whole table file: finds a changed byte that no block checksum covers.
  db_options_.file_checksum_gen_factory = rocksdb::GetFileChecksumGenCrc32cFactory();
}

RocksDatabase::~RocksDatabase() {
  if (db_ == nullptr) return;
  for (auto* family : families_) {
    if (family != nullptr) (void)db_->DestroyColumnFamilyHandle(family);
  }
  (void)db_->Close();
}

rocksdb::ColumnFamilyOptions RocksDatabase::OptionsOf(const FamilyOptions& family) const {
  rocksdb::ColumnFamilyOptions out;
  out.write_buffer_size = options_.write_buffer_bytes;
  out.arena_block_size = kArenaBlockBytes;
  out.compression = family.compress ? rocksdb::kLZ4Compression : rocksdb::kNoCompression;
  rocksdb::BlockBasedTableOptions table;
  table.block_cache = cache_;
  table.checksum = rocksdb::kCRC32c;  // the one that the table guard can compute
  if (family.filter) table.filter_policy.reset(rocksdb::NewBloomFilterPolicy(kFilterBitsPerKey));
  out.table_factory.reset(rocksdb::NewBlockBasedTableFactory(table));
  return out;
}

absl::Status RocksDatabase::Start(bool read_only) {
  std::vector<rocksdb::ColumnFamilyDescriptor> descriptors;
  descriptors.emplace_back(rocksdb::kDefaultColumnFamilyName, OptionsOf({}));
  for (const FamilyOptions& family : options_.families) {
    descriptors.emplace_back(family.name, OptionsOf(family));
  }
  NDX_RETURN_IF_ERROR(CheckManifestMark(options_.directory));
  if (!read_only) NDX_RETURN_IF_ERROR(MakeDirectory(options_.directory, options_.faults));
  rocksdb::DB* db = nullptr;
  const rocksdb::Status status =
      read_only ? rocksdb::DB::OpenForReadOnly(db_options_, options_.directory, descriptors,
                                               &families_, &db)
                : rocksdb::DB::Open(db_options_, options_.directory, descriptors, &families_, &db);
  db_.reset(db);
  return ToStatus(status, absl::StrCat("opening the database ", options_.directory));
}

absl::StatusOr<std::string> RocksDatabase::Get(Family family, absl::string_view key) const {
  CountNothing();
  std::string value;
  const rocksdb::Status status =
      db_->Get(rocksdb::ReadOptions(), families_.at(family), ToSlice(key), &value);
  if (!status.ok()) return ToStatus(status, "reading");
  return value;
}

absl::Status RocksDatabase::Write(const Batch& batch, bool sync) {
  rocksdb::WriteBatch out(batch.bytes() + kOperationBytes * batch.size());
  batch.ForEach([&](const Batch::Operation& operation) {
    auto* family = families_.at(operation.family);
    if (operation.is_delete) {
      (void)out.Delete(family, ToSlice(operation.key));
    } else {
      (void)out.Put(family, ToSlice(operation.key), ToSlice(operation.value));
    }
  });
  CountNothing();
  rocksdb::WriteOptions options;
  options.sync = sync;
  return ToStatus(db_->Write(options, &out), "writing");
}

std::unique_ptr<Cursor> RocksDatabase::NewCursor(Family family, absl::string_view end) const {
  CountNothing();
  return std::make_unique<RocksCursor>(*db_, families_.at(family), end);
}

absl::Status RocksDatabase::Flush() {
  return ToStatus(db_->Flush(rocksdb::FlushOptions(), families_), "flushing");
}

absl::Status RocksDatabase::Scrub(const std::vector<Family>& families) {
  std::vector<ScrubbedKeys> keys;
  keys.reserve(families.size());
  for (const Family family : families) keys.push_back({.family = families_.at(family)});
  return ScrubFamilies(*db_, families_, keys);
}

absl::Status RocksDatabase::ScrubRange(Family family, absl::string_view begin,
                                       absl::string_view end) {
  NDX_CHECK(begin < end);
  return ScrubFamilies(
      *db_, families_,
      {{.family = families_.at(family), .begin = std::string(begin), .end = std::string(end)}});
}

absl::Status RocksDatabase::LinkTo(const std::string& directory) const {
  rocksdb::Checkpoint* made = nullptr;
  rocksdb::Status status = rocksdb::Checkpoint::Create(db_.get(), &made);
  const std::unique_ptr<rocksdb::Checkpoint> checkpoint(made);
  if (status.ok()) status = checkpoint->CreateCheckpoint(directory);
  return ToStatus(status, absl::StrCat("linking the database to ", directory));
}

absl::Status RocksDatabase::Empty(Family family) {
  NDX_CHECK(family != kDefaultFamily);  // RocksDB cannot drop it
  const FamilyOptions& options = options_.families.at(family - 1);
  rocksdb::ColumnFamilyHandle*& handle = families_.at(family);
  rocksdb::Status status = db_->DropColumnFamily(handle);
  if (status.ok()) status = db_->DestroyColumnFamilyHandle(handle);
  handle = nullptr;
  if (status.ok()) status = db_->CreateColumnFamily(OptionsOf(options), options.name, &handle);
  return ToStatus(status, absl::StrCat("emptying the family ", options.name));
}

std::string RocksDatabase::ChecksumOf(const std::string& path) const {
  const auto generator =
      db_options_.file_checksum_gen_factory->CreateFileChecksumGenerator({.file_name = path});
  std::ifstream file(path, std::ios::binary);
  std::string buffer(kCheckBufferBytes, '\0');
  while (file) {
    file.read(buffer.data(), static_cast<std::streamsize>(buffer.size()));
    generator->Update(buffer.data(), static_cast<size_t>(file.gcount()));
  }
  generator->Finalize();
  return generator->GetChecksum();
}

absl::StatusOr<std::vector<FileProblem>> RocksDatabase::CheckFiles(uint64_t* files) const {
  std::vector<rocksdb::LiveFileMetaData> live;
  db_->GetLiveFilesMetaData(&live);
  std::vector<FileProblem> problems;
  *files = live.size();
  for (const rocksdb::LiveFileMetaData& file : live) {
    std::string what;
    const std::string path = absl::StrCat(file.db_path, file.name);
    if (!std::filesystem::exists(path)) {
      what = "the file is missing";
    } else if (file.file_checksum_func_name != "FileChecksumCrc32c") {
      what = "the file was written without a checksum";
    } else if (ChecksumOf(path) != file.file_checksum) {
      what = "the file's checksum is not the one noted when it was written";
    }
    if (what.empty()) continue;
    problems.push_back({.file = std::filesystem::path(file.name).filename().string(),
                        .family = file.column_family_name,
                        .smallest_key = file.smallestkey,
                        .largest_key = file.largestkey,
                        .what = what});
  }
  return problems;
}

Database::Memory RocksDatabase::memory() const {
  using Properties = rocksdb::DB::Properties;
  Memory found{.block_cache = cache_->GetUsage()};
  (void)db_->GetAggregatedIntProperty(Properties::kSizeAllMemTables, &found.write_buffers);
  (void)db_->GetAggregatedIntProperty(Properties::kEstimateTableReadersMem, &found.tables);
  return found;
}

absl::StatusOr<std::unique_ptr<Database>> OpenAs(const DatabaseOptions& options, LogCheck log_check,
                                                 bool read_only) {
  auto database = std::make_unique<RocksDatabase>(options, log_check, read_only);
  NDX_RETURN_IF_ERROR(database->Start(read_only));
  return std::unique_ptr<Database>(std::move(database));
}

}  // namespace

absl::StatusOr<std::unique_ptr<Database>> Database::Open(const DatabaseOptions& options,
                                                         LogCheck log_check) {
  return OpenAs(options, log_check, false);
}

absl::StatusOr<std::unique_ptr<Database>> Database::OpenReadOnly(const DatabaseOptions& options,
                                                                 LogCheck log_check) {
  return OpenAs(options, log_check, true);
}

absl::Status Database::LinkClosed(const std::string& from, const std::string& to) {
  namespace fs = std::filesystem;
  std::error_code error;
  fs::create_directory(to, error);
  for (fs::directory_iterator at(from, error), end; !error && at != end; at.increment(error)) {
    const std::string name = at->path().filename().string();
    if (name == "LOCK" || absl::StartsWith(name, "LOG")) continue;
    // Tables are never written again; the rest is what opening a database changes.
    if (at->path().extension() == ".sst") {
      fs::create_hard_link(at->path(), fs::path(to) / name, error);
    } else {
      fs::copy_file(at->path(), fs::path(to) / name, error);
    }
    if (error) break;
  }
  if (!error) return absl::OkStatus();
  return absl::UnavailableError(
      absl::StrCat("linking the database ", from, " to ", to, ": ", error.message()));
}

bool Database::Exists(const std::string& directory) {
  std::error_code ignored;
  return std::filesystem::exists(absl::StrCat(directory, "/CURRENT"), ignored);
}

}  // namespace ndx::store
