#include "family_scrub.h"

#include <algorithm>
#include <filesystem>
#include <set>
#include <system_error>

#include "absl/strings/str_cat.h"
#include "ndx/core/mutex.h"

namespace ndx::store {
namespace {

namespace fs = std::filesystem;

// Looks so many times whether the old files are gone, with this time in between.
constexpr int kLooksMax = 100;
constexpr absl::Duration kLookInterval = absl::Milliseconds(20);

absl::Status Failed(const rocksdb::Status& status) {
  return absl::UnavailableError(absl::StrCat("scrubbing: ", status.ToString()));
}

bool MayHold(const rocksdb::LiveFileMetaData& file, const ScrubbedKeys& keys) {
  if (keys.family->GetName() != file.column_family_name) return false;
  return keys.end.empty() || (file.smallestkey < keys.end && file.largestkey >= keys.begin);
}

// Logs with something in them, and tables in which these keys may stand.
std::set<fs::path> FilesToGo(rocksdb::DB& db, const std::vector<ScrubbedKeys>& scrubbed) {
  std::set<fs::path> files;
  std::error_code error;
  for (fs::directory_iterator at(db.GetName(), error), end; !error && at != end;
       at.increment(error)) {
    if (at->path().extension() == ".log" && at->file_size(error) > 0) files.insert(at->path());
  }
  std::vector<rocksdb::LiveFileMetaData> live;
  db.GetLiveFilesMetaData(&live);
  for (const auto& file : live) {
    const bool wanted = std::any_of(scrubbed.begin(), scrubbed.end(),
                                    [&](const auto& keys) { return MayHold(file, keys); });
    if (wanted) files.insert(fs::path(db.GetName()) / fs::path(file.name).filename());
  }
  return files;
}

// RocksDB removes files that are not needed any more in its own time, unless asked to.
bool RemoveObsolete(rocksdb::DB& db, const std::set<fs::path>& files, fs::path* stays) {
  (void)db.DisableFileDeletions();
  (void)db.EnableFileDeletions(/*force=*/false);
  std::error_code error;
  for (const fs::path& file : files) {
    if (!fs::exists(file, error)) continue;
    *stays = file;
    return false;
  }
  return true;
}

}  // namespace

absl::Status ScrubFamilies(rocksdb::DB& db, const std::vector<rocksdb::ColumnFamilyHandle*>& all,
                           const std::vector<ScrubbedKeys>& scrubbed) {
  const std::set<fs::path> files = FilesToGo(db, scrubbed);
  rocksdb::Status status = db.Flush(rocksdb::FlushOptions(), all);
  if (!status.ok()) return Failed(status);
  rocksdb::CompactRangeOptions options;
  options.bottommost_level_compaction = rocksdb::BottommostLevelCompaction::kForce;
  for (const ScrubbedKeys& keys : scrubbed) {
    const rocksdb::Slice begin(keys.begin);
    const rocksdb::Slice end(keys.end);
    const bool all_keys = keys.end.empty();
    status = db.CompactRange(options, keys.family, all_keys ? nullptr : &begin,
                             all_keys ? nullptr : &end);
    if (!status.ok()) return Failed(status);
  }
  fs::path stays;
  core::Mutex mutex;
  core::CondVar never;
  for (int look = 0; look < kLooksMax; ++look) {
    if (RemoveObsolete(db, files, &stays)) return absl::OkStatus();
    const core::MutexLock lock(mutex);
    never.WaitFor(mutex, kLookInterval);
  }
  return absl::UnavailableError(absl::StrCat("scrubbing: ", stays.filename().string(),
                                             " is still being read; come again later"));
}

}  // namespace ndx::store
