// The change of the master key, and what is said when it is wrong or lost.
#include <set>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "follow_fixture.h"
#include "ndx/core/mutex.h"
#include "ndx/journal/journal_copy.h"
#include "ndx/journal/key_rotation.h"
#include "ndx/journal/master_key.h"
#include "ndx/journal/v1/journal_store.pb.h"
#include "ndx/store/database.h"

namespace ndx::journal {
namespace {

namespace fs = std::filesystem;
using absl::StrContains;

crypto::SecretBytes Master(char byte) { return crypto::SecretBytes(std::string(32, byte)); }
std::string IdOf(char byte) { return MasterKeyId(MasterKeyCheck(std::string(32, byte))); }

// What a kill -9 would leave at each sync of the journal's files.
class CopyAtSyncs final : public store::FileFaults {
 public:
  explicit CopyAtSyncs(const FollowFixture& fixture) : fixture_(fixture) {}
  absl::Status BeforeWrite(const std::string&, size_t) override { return absl::OkStatus(); }
  absl::Status BeforeSync(const std::string& path) override {
    core::MutexLock lock(mutex_);
    if (!copying_ || !absl::EndsWith(path, ".log")) return absl::OkStatus();
    // Other threads make and remove files meanwhile; then this moment is not one that is looked at.
    const std::string name = absl::StrCat("cut-", copies_.size());
    std::error_code error;
    fs::copy(fixture_.Options().directory, fixture_.dir.File(name), fs::copy_options::recursive,
             error);
    if (!error) copies_.push_back(fixture_.dir.File(name));
    return absl::OkStatus();
  }
  void Copy(bool on) {
    core::MutexLock lock(mutex_);
    copying_ = on;
  }
  std::vector<std::string> copies() {
    core::MutexLock lock(mutex_);
    return copies_;
  }

 private:
  const FollowFixture& fixture_;
  core::Mutex mutex_;
  bool copying_ ABSL_GUARDED_BY(mutex_) = false;
  std::vector<std::string> copies_ ABSL_GUARDED_BY(mutex_);
};

// A journal under the master key 'm' with payloads moved and not, closed again.
struct Changing {
  Changing() : faults(fixture) {
    auto journal = fixture.OpenFollowed();
    moved = Append(*journal, "079000000001");
    FollowFixture::Follow(*journal);
    REQUIRE(journal->Reference(ReferenceKind::kDossier, "HS-1").ok());
    journal.reset();
    // Another hour, another subject; not followed.
    fixture.clock.Advance(absl::Hours(2));
    auto again = fixture.Open();
    recent = Append(*again, "079000000002");
  }

  uint64_t Append(RocksJournal& journal, const std::string& number) {
    return AppendAndWait(journal,
                         fixture.ReadOf(fixture.NewId(), absl::StrCat("number: '", number, "'"),
                                        R"(head: "h" people { number: "079000000003" })"))
        ->index;
  }

  absl::StatusOr<std::unique_ptr<RocksJournal>> Open(
      char master, char previous, std::optional<std::string> directory = std::nullopt) {
    RocksJournalOptions options =
        fixture.OptionsFor(directory.value_or(fixture.Options().directory));
    options.faults = &faults;
    options.open_new_epoch = open_new_epoch;
    RocksJournalKeys keys = TestKeys();
    keys.master = Master(master);
    if (previous != 0) {
      keys.master_change =
          MasterKeyChange{.previous = Master(previous),
                          .by = {.operator_name = "lan", .operator_reason = "12/QD-A05"}};
    }
    return RocksJournal::Open(std::move(options), std::move(keys), fixture.clock, fixture.random);
  }

  bool ReadsAll(const RocksJournal& journal) const {
    for (const uint64_t leaf : {moved, recent}) {
      const auto opened = journal.reader().OpenPayload(leaf);
      if (!opened.ok() || !opened->whole() || opened->request.size() != 1) return false;
    }
    return true;
  }

  FollowFixture fixture;
  CopyAtSyncs faults;
  uint64_t moved = 0;
  uint64_t recent = 0;
  bool open_new_epoch = false;
};

// Every wrap under the master key in a journal's directory.
std::set<std::string> WrapsIn(const std::string& directory) {
  std::set<std::string> wraps;
  const auto journal = store::Database::OpenReadOnly(
                           {.directory = directory + "/epoch-0001/db",
                            .families = {{.name = "leaves", .compress = true},
                                         {.name = "tiles"},
                                         {.name = "exchanges", .compress = true, .filter = true},
                                         {.name = "open"},
                                         {.name = "keys"},
                                         {.name = "payloads"}}},
                           store::LogCheck::kPointInTime)
                           .value();
  const auto keys = journal->NewCursor(5);
  for (keys->SeekToFirst(); keys->Valid(); keys->Next()) {
    if (keys->key()[0] != 'X') wraps.insert(std::string(keys->value()));
  }
  const auto subjects =
      store::Database::OpenReadOnly({.directory = directory + "/epoch-0001/keys",
                                     .families = {{.name = "subjects", .filter = true},
                                                  {.name = "moved"},
                                                  {.name = "leaf_subjects"},
                                                  {.name = "holds"},
                                                  {.name = "erasures"}}},
                                    store::LogCheck::kPointInTime)
          .value();
  wraps.insert(subjects->Get(0, "name_key").value());
  wraps.insert(subjects->Get(0, "house_key").value());
  const auto cursor = subjects->NewCursor(1);
  for (cursor->SeekToFirst(); cursor->Valid(); cursor->Next()) {
    v1::SubjectKey subject;
    REQUIRE(subject.ParseFromString(std::string(cursor->value())));
    wraps.insert(subject.wrapped());
  }
  return wraps;
}

std::vector<KeyRotation> RotationsIn(const RocksJournal& journal) {
  std::vector<KeyRotation> rotations;
  REQUIRE(journal.reader()
              .Scan({},
                    [&](const StoredLeaf& stored) {
                      if (stored.leaf.event() == v1::JOURNAL_EVENT_KEY_ROTATED) {
                        CHECK(stored.leaf.operator_name() == "lan");
                        CHECK(stored.leaf.operator_reason() == "12/QD-A05");
                        rotations.push_back(ParseKeyRotation(stored.leaf.note()).value());
                      }
                      return true;
                    })
              .ok());
  return rotations;
}

TEST_CASE("a changed master key opens everything, and nothing of the old one is in any file") {
  Changing c;
  const std::string directory = c.fixture.Options().directory;
  const std::set<std::string> before = WrapsIn(directory);
  CHECK(before.size() >= 7);  // two hours, a year, name, house, two subjects
  for (const std::string& wrap : before) CHECK(AnyFileHolds(directory, wrap));
  {
    auto journal = c.Open('n', 'm');
    REQUIRE(journal.ok());
    CHECK((*journal)->findings().keys_rewrapped == before.size());
    CHECK((*journal)->master_key_id() == IdOf('n'));
    CHECK(c.ReadsAll(**journal));
    const auto rotations = RotationsIn(**journal);
    REQUIRE(rotations.size() == 1);
    CHECK(rotations[0].kind == KeyRotation::Kind::kMaster);
    CHECK(rotations[0].old_key == IdOf('m'));
    CHECK(rotations[0].new_key == IdOf('n'));
    CHECK(VerifyJournal(**journal, {.vkeys = {(*journal)->vkey()}})->ok());
  }
  for (const std::string& wrap : before) CHECK_FALSE(AnyFileHolds(directory, wrap));
  CHECK(WrapsIn(directory).size() == before.size());
  // Again with the setting still there, and then without it: no second leaf, nothing wrapped.
  CHECK(c.Open('n', 'm').value()->findings().keys_rewrapped == 0);
  auto journal = c.Open('n', 0).value();
  CHECK(RotationsIn(*journal).size() == 1);
  CHECK(c.ReadsAll(*journal));
  journal.reset();
  CHECK_FALSE(c.Open('m', 0).ok());
}

TEST_CASE("a change of the master key that is cut off anywhere is finished by the next start") {
  Changing c;
  const std::set<std::string> before = WrapsIn(c.fixture.Options().directory);
  c.faults.Copy(true);
  REQUIRE(c.Open('n', 'm').ok());
  c.faults.Copy(false);
  const auto copies = c.faults.copies();
  REQUIRE(copies.size() >= 8);
  size_t refused_alone = 0;
  for (const std::string& copy : copies) {
    INFO(copy);
    // One key alone opens all or refuses, and neither does harm.
    for (const char alone : {'m', 'n'}) {
      const auto journal = c.Open(alone, 0, copy);
      if (journal.ok()) CHECK(c.ReadsAll(**journal));
      if (!journal.ok()) ++refused_alone;
    }
    auto journal = c.Open('n', 'm', copy);
    REQUIRE(journal.ok());
    CHECK(c.ReadsAll(**journal));
    CHECK(RotationsIn(**journal).size() == 1);
    CHECK(VerifyJournal(**journal, {.vkeys = {(*journal)->vkey()}})->ok());
    journal->reset();
    for (const std::string& wrap : before) CHECK_FALSE(AnyFileHolds(copy, wrap));
  }
  CHECK(refused_alone > copies.size());
}

TEST_CASE("a wrong master key is refused by name, says how to go on, and changes nothing") {
  Changing c;
  const std::set<std::string> before = WrapsIn(c.fixture.Options().directory);
  const absl::Status wrong = c.Open('x', 0).status();
  CHECK(absl::IsInvalidArgument(wrong));
  for (const std::string& part :
       {IdOf('m'), IdOf('x'), std::string("master-key restore"), std::string("master_key_change"),
        std::string("--open-new-epoch"), std::string("closed for ever")}) {
    INFO(part);
    CHECK(StrContains(wrong.message(), part));
  }
  CHECK_FALSE(StrContains(wrong.message(), std::string(32, 'x')));
  CHECK(StrContains(c.Open('n', 'x').status().message(), IdOf('m')));
  CHECK(absl::IsInvalidArgument(c.Open('m', 'm').status()));
  CHECK(WrapsIn(c.fixture.Options().directory) == before);
  CHECK(c.ReadsAll(*c.Open('m', 0).value()));
}

TEST_CASE("without the master key leaves, proofs and receipts remain, and a new epoch serves") {
  Changing c;
  const std::string directory = c.fixture.Options().directory;
  const std::string vkey = c.Open('m', 0).value()->vkey();
  CHECK(VerifyJournal(directory, {.vkeys = {vkey}})->ok());
  {
    const auto copy = JournalCopy::Open(directory, {vkey}).value();
    const auto receipt = copy->Receipt(c.moved);
    REQUIRE(receipt.ok());
    CHECK(VerifyReceipt(*receipt, {.vkey = vkey})->leaf.method() == kTestMethod);
  }
  c.open_new_epoch = true;
  auto journal = c.Open('y', 0);  // 'm' is lost
  REQUIRE(journal.ok());
  CHECK((*journal)->findings().epoch == 2);
  const uint64_t leaf = c.Append(**journal, "079000000001");
  CHECK((*journal)->reader().OpenPayload(leaf)->whole());
  journal->reset();
  c.open_new_epoch = false;
  CHECK(c.Open('y', 0).ok());
  // The next change leaves the lost epoch as it is, and says so.
  auto changed = c.Open('z', 'y');
  REQUIRE(changed.ok());
  CHECK(StrContains((*changed)->findings().ToString(), "epoch-0001: its keys are not under"));
  CHECK(RotationsIn(**changed).size() == 1);
}

TEST_CASE("earlier epochs are wrapped anew too, also when a new one is opened with the new key") {
  Changing c;
  const std::string directory = c.fixture.Options().directory;
  const std::set<std::string> before = WrapsIn(directory);
  c.open_new_epoch = true;
  auto journal = c.Open('n', 'm');
  REQUIRE(journal.ok());
  CHECK((*journal)->findings().keys_rewrapped == before.size());
  CHECK(RotationsIn(**journal).size() == 1);
  journal->reset();
  for (const std::string& wrap : before) CHECK_FALSE(AnyFileHolds(directory, wrap));
}

TEST_CASE("who changes the master key, and why, fit a leaf") {
  Changing c;
  const auto open = [&](size_t name, size_t reason) {
    RocksJournalKeys keys = TestKeys();
    keys.master = Master('n');
    keys.master_change = MasterKeyChange{.previous = Master('m'),
                                         .by = {.operator_name = std::string(name, 'a'),
                                                .operator_reason = std::string(reason, 'b')}};
    return RocksJournal::Open(c.fixture.Options(), std::move(keys), c.fixture.clock,
                              c.fixture.random)
        .status();
  };
  CHECK(absl::IsInvalidArgument(open(65, 256)));
  CHECK(absl::IsInvalidArgument(open(64, 257)));
  CHECK(open(64, 256).ok());
}

}  // namespace
}  // namespace ndx::journal
