// A followed journal and its backups.
//
// Thread-safety: thread-compatible.
#pragma once

#include <sstream>
#include <string>
#include <vector>

#include "follow_fixture.h"
#include "ndx/journal/journal_backup.h"
#include "ndx/journal/journal_restore.h"
#include "ndx/store/database.h"

namespace ndx::journal {

class BackupFixture : public FollowFixture {
 public:
  BackupFixture() : journal(OpenFollowed()) { vkey = journal->vkey(); }

  uint64_t Append(const std::string& number, const std::string& name) {
    const auto appended = AppendAndWait(
        *journal,
        ReadOf(NewId(), "number: \"" + number + "\" text: \"who\"",
               "head: \"one\" people { number: \"" + number + "\" name: \"" + name + "\" }"));
    REQUIRE(appended.ok());
    receipt = appended->receipt;
    return appended->index;
  }

  // Backs up to <dir>/NAME, and the keys to <dir>/NAME.keys.
  absl::StatusOr<BackupSummary> BackUp(const std::string& name, bool with_keys = true) {
    return BackUpJournal(*journal,
                         {.directory = dir.File(name),
                          .keys_directory = with_keys ? dir.File(name + ".keys") : "",
                          .program_version = "0.1.0-test",
                          .progress = {}},
                         clock, random);
  }

  RestoreOptions RestoreOf(const std::string& name) {
    return {.from = dir.File(name),
            .keys_directory = dir.File(name + ".keys"),
            .to = dir.File(name + ".restored"),
            .erased_by = "",
            .vkeys = {vkey},
            .now = clock.Now(),
            .progress = {}};
  }

  std::unique_ptr<RocksJournal> journal;
  std::string vkey;
  std::string receipt;
};

inline std::string ReadText(const std::string& path) {
  std::ostringstream text;
  text << std::ifstream(path, std::ios::binary).rdbuf();
  return text.str();
}

inline void WriteText(const std::string& path, const std::string& text) {
  std::ofstream(path, std::ios::binary) << text;
}

// Values of a family of a database in a copy of a journal.
inline std::vector<std::string> ValuesOf(const std::string& directory,
                                         const std::vector<std::string>& families,
                                         store::Family family) {
  store::DatabaseOptions options{.directory = directory};
  for (const std::string& name : families) options.families.push_back({.name = name});
  const auto database = store::Database::OpenReadOnly(options, store::LogCheck::kPointInTime);
  REQUIRE(database.ok());
  std::vector<std::string> values;
  const auto cursor = (*database)->NewCursor(family);
  for (cursor->SeekToFirst(); cursor->Valid(); cursor->Next()) {
    values.emplace_back(cursor->value());
  }
  return values;
}

inline const std::vector<std::string>& JournalFamilyNames() {
  static const auto& names =
      *new std::vector<std::string>{"leaves", "tiles", "exchanges", "open", "keys", "payloads"};
  return names;
}

inline constexpr store::Family kTestKeyFamily = 5;

}  // namespace ndx::journal
