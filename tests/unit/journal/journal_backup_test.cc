// What a backup holds and what it never holds.
#include "ndx/journal/journal_backup.h"

#include <atomic>
#include <future>
#include <thread>

#include "backup_fixture.h"

namespace ndx::journal {
namespace {

namespace fs = std::filesystem;

constexpr char kPerson[] = "999000000001";

TEST_CASE("a backup holds the journal, and no byte of a key") {
  BackupFixture f;
  f.Append(kPerson, "moved");
  FollowFixture::Follow(*f.journal);
  // An exchange that is open keeps its wrapped exchange key; the hour its intake key.
  REQUIRE(AppendAndWait(*f.journal, f.OpeningOf(f.NewId(), R"(number: "999000000002")")).ok());
  const auto summary = f.BackUp("b");
  INFO(summary.status());
  REQUIRE(summary.ok());
  CHECK(summary->tree_size == 3);  // the start, the read, the opening
  CHECK(summary->left_out.empty());
  CHECK(summary->keys_not_after == f.clock.Now() + kBackupKeysKept);
  CHECK_FALSE(fs::exists(f.dir.File("journal/backup.staging")));
  CHECK_FALSE(fs::exists(f.dir.File("b/epoch-0001/keys")));

  const std::string copy = f.CopyDirectory("copy");
  std::vector<std::string> keys =
      ValuesOf(copy + "/epoch-0001/db", JournalFamilyNames(), kTestKeyFamily);
  CHECK(keys.size() >= 2);  // an intake key and a wrap at least
  const std::vector<std::string> families{"subjects", "moved", "leaf_subjects", "holds",
                                          "erasures"};
  for (const store::Family family : {1U, 2U}) {
    const auto more = ValuesOf(copy + "/epoch-0001/keys", families, family);
    CHECK_FALSE(more.empty());
    keys.insert(keys.end(), more.begin(), more.end());
  }
  for (const std::string& key : keys) {
    // The last bytes of each: wrapped keys stand behind what protobuf puts before them.
    const std::string bytes = key.substr(key.size() - 16);
    CHECK(AnyFileHolds(f.dir.File("journal"), bytes));
    CHECK_FALSE(AnyFileHolds(f.dir.File("b"), bytes));
    CHECK(AnyFileHolds(f.dir.File("b.keys"), bytes));
  }
  const auto verified = VerifyJournal(f.dir.File("b"), {.vkeys = {f.vkey}, .progress = {}});
  REQUIRE(verified.ok());
  CHECK(verified->problems.empty());
  CHECK(verified->checkpoint_size == 3);
}

TEST_CASE("without a place for keys none are backed up") {
  BackupFixture f;
  f.Append(kPerson, "x");
  const auto summary = f.BackUp("b", /*with_keys=*/false);
  REQUIRE(summary.ok());
  CHECK(summary->keys_not_after == absl::InfinitePast());
  CHECK(ValuesOf(f.dir.File("b/epoch-0001/db"), JournalFamilyNames(), kTestKeyFamily).empty());
}

TEST_CASE("a backup taken while records are appended verifies") {
  BackupFixture f;
  std::promise<void> begun;
  std::atomic<bool> stop{false};
  std::thread load([&] {
    for (int i = 0; !stop; ++i) {
      const auto appended =
          AppendAndWait(*f.journal, f.ReadOf(f.NewId(), R"(number: "999000000001" text: "load")",
                                             R"(head: ")" + std::string(2000, 'p') + R"(")"));
      if (!appended.ok()) break;
      if (i == 20) begun.set_value();
    }
  });
  begun.get_future().wait();
  const auto first = f.BackUp("b1");
  const auto second = f.BackUp("b2");
  stop = true;
  load.join();
  INFO(first.status() << second.status());
  REQUIRE(first.ok());
  REQUIRE(second.ok());
  CHECK(first->tree_size >= 20);
  CHECK(second->tree_size >= first->tree_size);
  for (const char* name : {"b1", "b2"}) {
    const auto verified = VerifyJournal(f.dir.File(name), {.vkeys = {f.vkey}, .progress = {}});
    REQUIRE(verified.ok());
    for (const VerifyProblem& problem : verified->problems) UNSCOPED_INFO(problem.ToString());
    CHECK(verified->problems.empty());
    const auto restored = RestoreJournal(f.RestoreOf(name));
    INFO(restored.status());
    CHECK(restored.ok());
  }
}

TEST_CASE("earlier epochs are in the backup; a damaged one is left out, and named") {
  BackupFixture f;
  f.Append(kPerson, "x");
  FollowFixture::Follow(*f.journal);
  f.journal.reset();
  RocksJournalOptions options = f.Options();
  options.open_new_epoch = true;
  f.journal = *f.Open(std::move(options));
  const auto both = f.BackUp("b1");
  INFO(both.status());
  REQUIRE(both.ok());
  CHECK(both->left_out.empty());
  CHECK(both->origin == "VN:GOV:G01:ndxp/journal/2");
  CHECK(fs::exists(f.dir.File("b1/epoch-0001/db/CURRENT")));
  CHECK(fs::exists(f.dir.File("b1.keys/epoch-0001/keys/CURRENT")));
  // The earlier epoch is as it was.
  CHECK(ValuesOf(f.dir.File("journal/epoch-0001/keys"),
                 {"subjects", "moved", "leaf_subjects", "holds", "erasures"}, 1)
            .size() == 1);

  fs::remove(f.dir.File("journal/epoch-0001/db/CURRENT"));
  const auto one = f.BackUp("b2");
  INFO(one.status());
  REQUIRE(one.ok());
  REQUIRE(one->left_out.size() == 1);
  CHECK_THAT(one->left_out[0], Catch::StartsWith("epoch 1: "));
  CHECK_FALSE(fs::exists(f.dir.File("b2/epoch-0001")));
  CHECK(fs::exists(f.dir.File("b2/epoch-0002/db/CURRENT")));
}

TEST_CASE("places that do not do are refused before anything is done") {
  BackupFixture f;
  struct Case {
    const char* name;
    std::string directory;
    std::string keys;
  };
  const std::string good = f.dir.File("b");
  for (const Case& c :
       {Case{"relative", "b", ""}, Case{"in the journal", f.dir.File("journal/b"), ""},
        Case{"the journal", f.dir.File("journal"), ""},
        Case{"around the journal", f.dir.File(""), ""}, Case{"keys inside", good, good + "/keys"},
        Case{"keys at the same place", good, good},
        Case{"inside the keys", f.dir.File("k/b"), f.dir.File("k")}}) {
    INFO(c.name);
    const auto summary = BackUpJournal(
        *f.journal, {.directory = c.directory, .keys_directory = c.keys, .progress = {}}, f.clock,
        f.random);
    CHECK(absl::IsInvalidArgument(summary.status()));
  }
  fs::create_directory(f.dir.File("taken"));
  CHECK(absl::IsAlreadyExists(f.BackUp("taken").status()));
  CHECK_FALSE(fs::exists(f.dir.File("taken.keys")));
}

TEST_CASE("keys are kept for an hour at least and for ninety days at most") {
  BackupFixture f;
  const auto back_up = [&](const std::string& name, absl::Duration kept) {
    return BackUpJournal(*f.journal,
                         {.directory = f.dir.File(name),
                          .keys_directory = f.dir.File(name + ".keys"),
                          .keys_kept = kept,
                          .progress = {}},
                         f.clock, f.random)
        .status();
  };
  CHECK(back_up("a", absl::Hours(1)).ok());
  CHECK(absl::IsInvalidArgument(back_up("b", absl::Hours(1) - absl::Seconds(1))));
  CHECK(back_up("c", kBackupKeysKeptMax).ok());
  CHECK(absl::IsInvalidArgument(back_up("d", kBackupKeysKeptMax + absl::Seconds(1))));
}

TEST_CASE("a backup that is given up leaves nothing") {
  BackupFixture f;
  f.Append(kPerson, "x");
  for (int calls = 0; calls < 3; ++calls) {
    int left = calls;
    const auto summary = BackUpJournal(*f.journal,
                                       {.directory = f.dir.File("b"),
                                        .keys_directory = f.dir.File("k"),
                                        .progress = [&](uint64_t, uint64_t) { return left-- > 0; }},
                                       f.clock, f.random);
    CHECK(absl::IsCancelled(summary.status()));
    for (const char* name : {"b", "k", "b.partial", "k.partial", "journal/backup.staging"}) {
      CHECK_FALSE(fs::exists(f.dir.File(name)));
    }
  }
  CHECK(f.BackUp("b").ok());
  CHECK_THAT(ReadText(f.dir.File("b/manifest.json")), Catch::Contains("BACKUP_CONTENT_JOURNAL"));
}

TEST_CASE("what a killed process left of a backup, keys among it, goes with the next start") {
  BackupFixture f;
  f.journal.reset();
  fs::create_directories(f.dir.File("journal/backup.staging/epoch-0001/keys"));
  f.journal = f.OpenFollowed();
  CHECK_FALSE(fs::exists(f.dir.File("journal/backup.staging")));
}

}  // namespace
}  // namespace ndx::journal
