// Restored journals: as they were, marked, and held against what came later.
#include "ndx/journal/journal_restore.h"

#include "backup_fixture.h"
#include "ndx/tests/support/status_text.h"

namespace ndx::journal {
namespace {

namespace fs = std::filesystem;

constexpr char kSubject[] = "999000000001";
constexpr char kOther[] = "999000000002";

// A receipt or checkpoint as a file.
std::string Known(const BackupFixture& f, const std::string& text) {
  WriteText(f.dir.File("known"), text);
  return f.dir.File("known");
}

void FlipLastByte(const std::string& path) { tests::FlipBit(path, fs::file_size(path) - 1); }

TEST_CASE("a restored journal serves nobody until it is accepted, and then as before") {
  BackupFixture f;
  const uint64_t leaf = f.Append(kSubject, "Tran");
  FollowFixture::Follow(*f.journal);
  REQUIRE(AppendAndWait(*f.journal, f.OpeningOf(f.NewId(), R"(number: "999000000002")")).ok());
  REQUIRE(f.BackUp("b").ok());
  f.journal.reset();
  const auto restored = RestoreJournal(f.RestoreOf("b"));
  INFO(restored.status());
  REQUIRE(restored.ok());
  CHECK(restored->tree_size == 3);
  CHECK(restored->verified.leaves == 3);
  CHECK(restored->with_keys);
  CHECK_FALSE(fs::exists(f.dir.File("b.restored.partial")));

  const std::string to = f.dir.File("b.restored");
  const auto refused = f.Open(f.OptionsFor(to));
  REQUIRE(absl::IsFailedPrecondition(refused.status()));
  CHECK(tests::Says(refused.status(), "comes from the backup made"));
  CHECK(tests::Says(refused.status(), "--open-new-epoch"));

  // The stopped journal's own last checkpoint: three records, as many as the backup.
  const auto accepted = AcceptRestoredJournal(
      to, {f.vkey}, {f.dir.File("journal/epoch-0001/checkpoint")}, f.clock.Now());
  INFO(accepted.status());
  REQUIRE(accepted.ok());
  CHECK_THAT(*accepted, Catch::EndsWith("against a checkpoint of 3 records"));
  {
    const auto journal = f.OpenFollowedIn(to);
    CHECK(journal->findings().in_doubt == 1);
    const auto started = journal->reader().Leaf(3);
    CHECK_THAT(started->leaf.note(), Catch::StartsWith("restored from the backup made"));
    const auto opened = journal->reader().OpenPayload(leaf);
    REQUIRE(opened.ok());
    CHECK(opened->whole());
    CHECK(opened->response.size() == 1);
    FollowFixture::Follow(*journal);
    CHECK(AppendAndWait(*journal, f.ReadOf(f.NewId(), "", "")).ok());
  }
  // On record once; the next start is like any other.
  const auto again = f.OpenFollowedIn(to);
  CHECK(again->reader().Leaf(again->reader().size() - 1)->leaf.note().empty());
}

TEST_CASE("what came later, and what says nothing of it, keeps a restored journal from serving") {
  BackupFixture f;
  f.Append(kSubject, "a");
  const std::string before = f.receipt;
  REQUIRE(AppendAndWait(*f.journal, JournalFixture::Read(f.NewId(), "q", "a")).ok());
  REQUIRE(f.BackUp("b").ok());
  f.Append(kSubject, "b");
  f.journal.reset();
  REQUIRE(RestoreJournal(f.RestoreOf("b")).ok());
  const std::string to = f.dir.File("b.restored");
  const auto accept = [&](const std::vector<std::string>& known) {
    return AcceptRestoredJournal(to, {f.vkey}, known, f.clock.Now()).status();
  };
  const std::string later = Known(f, f.receipt);
  CHECK(absl::IsDataLoss(accept({later})));
  CHECK(tests::Says(accept({later}), "records came later"));
  WriteText(f.dir.File("old"), before);
  CHECK(absl::IsInvalidArgument(accept({f.dir.File("old")})));
  CHECK(absl::IsInvalidArgument(accept({})));
  CHECK(absl::IsDataLoss(accept({f.dir.File("old"), later})));
  CHECK(absl::IsNotFound(accept({f.dir.File("none")})));
  WriteText(f.dir.File("text"), "no checkpoint");
  CHECK_FALSE(accept({f.dir.File("text")}).ok());
  CHECK(absl::IsFailedPrecondition(f.Open(f.OptionsFor(to)).status()));

  // A new epoch serves, and names the last checkpoint of the copy.
  RocksJournalOptions options = f.OptionsFor(to);
  options.open_new_epoch = true;
  const auto journal = f.Open(std::move(options));
  REQUIRE(journal.ok());
  CHECK((*journal)->findings().epoch == 2);
  CHECK_THAT((*journal)->reader().Leaf(0)->leaf.note(),
             Catch::StartsWith("VN:GOV:G01:ndxp/journal/1\n3\n"));
}

TEST_CASE("a checkpoint of other records of the same number is a contradiction") {
  BackupFixture f;
  BackupFixture other;
  for (BackupFixture* one : {&f, &other}) one->Append(kSubject, one == &f ? "a" : "b");
  REQUIRE(f.BackUp("b").ok());
  REQUIRE(RestoreJournal(f.RestoreOf("b")).ok());
  const auto accepted = AcceptRestoredJournal(f.dir.File("b.restored"), {f.vkey},
                                              {Known(f, other.receipt)}, f.clock.Now());
  CHECK(absl::IsDataLoss(accepted.status()));
  CHECK(tests::Says(accepted.status(), "other records"));
}

TEST_CASE("a backup's directory itself is marked: a plain copy of it serves nobody") {
  BackupFixture f;
  REQUIRE(f.BackUp("b").ok());
  CHECK(absl::IsFailedPrecondition(f.Open(f.OptionsFor(f.dir.File("b"))).status()));
}

TEST_CASE("without keys every record is there and the epoch cannot go on") {
  BackupFixture f;
  f.Append(kSubject, "a");
  FollowFixture::Follow(*f.journal);
  REQUIRE(f.BackUp("b").ok());
  f.journal.reset();
  RestoreOptions options = f.RestoreOf("b");
  options.keys_directory = "";
  const auto restored = RestoreJournal(options);
  REQUIRE(restored.ok());
  CHECK_FALSE(restored->with_keys);
  const auto accepted = AcceptRestoredJournal(
      options.to, {f.vkey}, {f.dir.File("journal/epoch-0001/checkpoint")}, f.clock.Now());
  CHECK(absl::IsFailedPrecondition(accepted.status()));
  CHECK(tests::Says(accepted.status(), "without its keys"));
  RocksJournalOptions open = f.OptionsFor(options.to);
  open.open_new_epoch = true;
  CHECK(f.Open(std::move(open)).ok());
}

TEST_CASE("keys past their day are not restored unless somebody answers for it") {
  BackupFixture f;
  f.Append(kSubject, "a");
  REQUIRE(f.BackUp("b").ok());
  RestoreOptions options = f.RestoreOf("b");
  options.now = f.clock.Now() + kBackupKeysKept + absl::Seconds(1);
  const auto expired = RestoreJournal(options);
  CHECK(absl::IsFailedPrecondition(expired.status()));
  CHECK(tests::Says(expired.status(), "would come back"));
  CHECK_FALSE(fs::exists(options.to));
  options.now = f.clock.Now() + kBackupKeysKept;
  CHECK(RestoreJournal(options).ok());
  fs::remove_all(options.to);
  options.now += absl::Hours(1);
  options.take_expired_keys = true;
  CHECK(RestoreJournal(options).ok());
}

TEST_CASE("whoever was erased after the backup stays erased") {
  BackupFixture f;
  const uint64_t moved = f.Append(kSubject, "Tran");
  const uint64_t others = f.Append(kOther, "Le");
  FollowFixture::Follow(*f.journal);
  // Open at the backup: its exchange key is still wrapped in it.
  const auto open_id = f.NewId();
  const auto open = AppendAndWait(*f.journal, f.OpeningOf(open_id, R"(number: "999000000001")"));
  REQUIRE(f.BackUp("b").ok());
  REQUIRE(
      AppendAndWait(*f.journal, f.ClosingOf(v1::JOURNAL_EVENT_ANSWERED, open_id, R"(head: "x")"))
          .ok());
  FollowFixture::Follow(*f.journal);
  PayloadKeeper& keeper = f.journal->payload_keeper();
  const auto order = keeper.AddErasureOrder(kSubject, {.order = "1", .operator_name = "a"});
  REQUIRE(order.ok());
  REQUIRE(
      keeper.CarryOutErasure(order->number, f.journal->reader().size(), absl::Seconds(30)).value());
  f.journal.reset();

  RestoreOptions options = f.RestoreOf("b");
  options.erased_by = f.dir.File("journal");
  const auto restored = RestoreJournal(options);
  INFO(restored.status());
  REQUIRE(restored.ok());
  CHECK(restored->subjects_erased == 1);
  CHECK(restored->exchanges_erased == 1);
  // Even with the mark gone, whatever opens it reads the others' payloads and not the erased one's.
  fs::remove(options.to + "/epoch-0001/restored.json");
  const auto journal = f.OpenFollowedIn(options.to);
  FollowFixture::Follow(*journal);
  const auto gone = journal->reader().OpenPayload(moved);
  REQUIRE(gone.ok());
  CHECK_FALSE(gone->whole());
  CHECK(gone->request.empty());
  CHECK(journal->reader().OpenPayload(others)->whole());
  const auto closed = journal->reader().OpenPayload(open->index);
  CHECK((!closed.ok() || closed->request.empty()));
}

TEST_CASE("a journal that is not a later state tells nothing about erasures") {
  BackupFixture f;
  f.Append(kSubject, "a");
  FollowFixture::Follow(*f.journal);
  const std::string earlier = f.CopyDirectory("earlier");
  f.Append(kSubject, "b");
  FollowFixture::Follow(*f.journal);
  REQUIRE(f.BackUp("b").ok());
  RestoreOptions options = f.RestoreOf("b");
  options.erased_by = earlier;
  CHECK(absl::IsInvalidArgument(RestoreJournal(options).status()));
  options.erased_by = f.dir.File("none");
  CHECK(absl::IsDataLoss(RestoreJournal(options).status()));
  options.keys_directory = "";
  CHECK(absl::IsInvalidArgument(RestoreJournal(options).status()));
  CHECK_FALSE(fs::exists(options.to));
}

TEST_CASE("a changed, missing or foreign file is named, and nothing is restored") {
  BackupFixture f;
  for (int i = 0; i < 3; ++i) f.Append(kSubject, "a");
  REQUIRE(f.BackUp("b").ok());
  REQUIRE(f.BackUp("other").ok());
  const RestoreOptions good = f.RestoreOf("b");

  const auto damaged = [&](const std::string& inside, const RestoreOptions& options) {
    fs::copy(f.dir.File("b"), f.dir.File("spare"), fs::copy_options::recursive);
    FlipLastByte(f.dir.File("b/" + inside));
    const absl::Status status = RestoreJournal(options).status();
    fs::remove_all(f.dir.File("b"));
    fs::rename(f.dir.File("spare"), f.dir.File("b"));
    CHECK_FALSE(fs::exists(options.to));
    CHECK_FALSE(fs::exists(options.to + ".partial"));
    return status;
  };
  CHECK(tests::Says(damaged("epoch-0001/checkpoint", good), "epoch-0001/checkpoint"));
  CHECK(tests::Says(damaged("epoch-0001/db/CURRENT", good), "epoch-0001/db/CURRENT"));

  RestoreOptions wrong = good;
  wrong.keys_directory = f.dir.File("other.keys");
  CHECK(tests::Says(RestoreJournal(wrong).status(), "another backup"));
  wrong.keys_directory = f.dir.File("b");
  CHECK(tests::Says(RestoreJournal(wrong).status(), "two directories"));
  wrong = good;
  wrong.from = f.dir.File("b.keys");
  CHECK(tests::Says(RestoreJournal(wrong).status(), "two directories"));
  wrong.from = f.dir.File("journal");
  CHECK(absl::IsNotFound(RestoreJournal(wrong).status()));
  wrong = good;
  wrong.vkeys = {};
  CHECK(absl::IsInvalidArgument(RestoreJournal(wrong).status()));
  BackupFixture stranger;
  wrong.vkeys = {"VN:GOV:G01:other/journal/1" + f.vkey.substr(f.vkey.find('+'))};
  CHECK_FALSE(RestoreJournal(wrong).ok());

  fs::create_directory(good.to);
  CHECK(RestoreJournal(good).ok());
  CHECK(absl::IsAlreadyExists(RestoreJournal(good).status()));
}

TEST_CASE("a manifest of a later format, or with a name that leads outside, is refused") {
  BackupFixture f;
  f.Append(kSubject, "a");
  REQUIRE(f.BackUp("b").ok());
  const std::string path = f.dir.File("b/manifest.json");
  const std::string manifest = ReadText(path);
  const auto with = [&](const std::string& from, const std::string& to) {
    std::string text = manifest;
    const size_t at = text.find(from);
    REQUIRE(at != std::string::npos);
    WriteText(path, text.replace(at, from.size(), to));
    return RestoreJournal(f.RestoreOf("b")).status();
  };
  const absl::Status later = with("\"format_version\": 1", "\"format_version\": 2");
  CHECK(absl::IsFailedPrecondition(later));
  CHECK(tests::Says(later, "version 0.1.0-test"));
  const absl::Status layout = with("\"layout\": 1", "\"layout\": 2");
  CHECK(absl::IsFailedPrecondition(layout));
  CHECK(tests::Says(layout, "layout 2"));
  CHECK(absl::IsDataLoss(with("\"epoch-0001/checkpoint\"", "\"epoch-0001/../../x\"")));
  CHECK(absl::IsDataLoss(with("\"epoch-0001/checkpoint\"", "\"/x\"")));
  const auto named = [&](size_t bytes) {
    return with("\"epoch-0001/checkpoint\"", "\"" + std::string(bytes, 'x') + "\"");
  };
  CHECK(tests::Says(named(255), "is missing"));
  CHECK(tests::Says(named(256), "names a file that no backup has"));
}

}  // namespace
}  // namespace ndx::journal
