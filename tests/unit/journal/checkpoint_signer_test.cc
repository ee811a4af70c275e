// Rotation of the signing key, on a journal on disk.
#include <catch2/catch.hpp>
#include <fstream>

#include "absl/strings/match.h"
#include "journal_fixture.h"
#include "ndx/journal/checkpoint.h"
#include "ndx/journal/key_rotation.h"
#include "ndx/journal/signed_note.h"
#include "ndx/journal/v1/journal_store.pb.h"
#include "ndx/store/database.h"
#include "ndx/store/slot_file.h"

namespace ndx::journal {
namespace {

namespace fs = std::filesystem;

constexpr absl::Duration kOverlap = absl::Hours(48);

crypto::Ed25519PrivateKey KeyOf(char seed) {
  return crypto::Ed25519PrivateKey::FromSeed(std::string(32, seed)).value();
}

std::string VkeyOf(char seed, uint32_t epoch = 1) {
  return NoteSigner::Create(OriginOf("VN:GOV:G01:ndxp", epoch), KeyOf(seed))->verifier().vkey();
}

bool SignedBy(const std::string& note, const std::string& vkey) {
  const NoteVerifier verifier = NoteVerifier::FromVkey(vkey).value();
  return OpenCheckpoint(note, {&verifier, 1}).ok();
}

// A journal whose signing key is 's'; 't' and 'u' follow.
struct Rotating {
  // With a key to follow it would begin with that one.
  Rotating() { Open('s', 0).value().reset(); }

  absl::StatusOr<std::unique_ptr<RocksJournal>> Open(
      char signing, char next, std::optional<std::string> directory = std::nullopt) {
    RocksJournalOptions options =
        fixture.OptionsFor(directory.value_or(fixture.Options().directory));
    options.signing_key_overlap = overlap;
    options.open_new_epoch = open_new_epoch;
    RocksJournalKeys keys{.signing = KeyOf(signing),
                          .master = crypto::SecretBytes(std::string(32, 'm'))};
    if (next != 0) keys.next_signing = KeyOf(next);
    return RocksJournal::Open(std::move(options), std::move(keys), fixture.clock, fixture.random);
  }

  static absl::StatusOr<Appended> Rotate(RocksJournal& journal) {
    std::promise<absl::StatusOr<Appended>> promise;
    journal.RotateSigningKey(
        {.operator_name = "lan", .operator_action = "RotateSigningKey", .operator_reason = "12/QD"},
        [&](absl::StatusOr<Appended> appended) { promise.set_value(std::move(appended)); });
    return promise.get_future().get();
  }

  std::string Append(RocksJournal& journal) {
    return AppendAndWait(journal, JournalFixture::Read(fixture.NewId(), "q", "a")).value().receipt;
  }

  JournalFixture fixture;
  absl::Duration overlap = kOverlap;
  bool open_new_epoch = false;
};

TEST_CASE("a rotation is a leaf, both keys sign for the overlap, then the new one alone") {
  Rotating r;
  auto journal = r.Open('s', 't').value();
  const std::string before = r.Append(*journal);
  CHECK(journal->vkey() == VkeyOf('s'));
  CHECK_FALSE(SignedBy(journal->reader().Checkpoint(), VkeyOf('t')));
  CHECK(journal->keys().front().state == JournalKeyState::kNext);
  CHECK(journal->keys().front().vkey == VkeyOf('t'));

  const auto rotated = Rotating::Rotate(*journal);
  REQUIRE(rotated.ok());
  const StoredLeaf leaf = journal->reader().Leaf(rotated->index).value();
  CHECK(leaf.leaf.event() == v1::JOURNAL_EVENT_KEY_ROTATED);
  CHECK(leaf.leaf.operator_name() == "lan");
  CHECK(leaf.leaf.operator_reason() == "12/QD");
  const KeyRotation words = ParseKeyRotation(leaf.leaf.note()).value();
  CHECK(words.old_key == VkeyOf('s'));
  CHECK(words.new_key == VkeyOf('t'));
  CHECK(words.both_sign_until == r.fixture.clock.Now() + kOverlap);
  CHECK(journal->vkey() == VkeyOf('t'));

  const std::string during = r.Append(*journal);
  CHECK(VerifyReceipt(during, {.vkey = VkeyOf('s')}).ok());
  CHECK(VerifyReceipt(during, {.vkey = VkeyOf('t')}).ok());
  CHECK(VerifyReceipt(before, {.vkey = VkeyOf('s')}).ok());
  CHECK(VerifyJournal(*journal, {.vkeys = {VkeyOf('s')}})->ok());
  CHECK(VerifyJournal(*journal, {.vkeys = {VkeyOf('t')}})->ok());

  r.fixture.clock.Advance(kOverlap);
  const std::string after = r.Append(*journal);
  CHECK(VerifyReceipt(after, {.vkey = VkeyOf('t')}).ok());
  CHECK_FALSE(VerifyReceipt(after, {.vkey = VkeyOf('s')}).ok());
  CHECK(VerifyReceipt(before, {.vkey = VkeyOf('s')}).ok());  // for ever
  CHECK_FALSE(VerifyJournal(*journal, {.vkeys = {VkeyOf('s')}}).ok());

  const std::vector<JournalKey> keys = journal->keys();
  REQUIRE(keys.size() == 2);
  CHECK(keys[0].state == JournalKeyState::kCurrent);
  CHECK(keys[0].leaf == rotated->index);
  CHECK(keys[1].state == JournalKeyState::kFormer);
  CHECK(keys[1].signs_until == words.both_sign_until);
  journal.reset();
  const std::string directory = r.fixture.Options().directory;
  CHECK(VerifyJournal(directory, {.vkeys = {VkeyOf('s'), VkeyOf('t')}})->ok());
  CHECK(r.Open('t', 0).ok());
}

TEST_CASE("the receipt of the rotation proves the new key to whoever trusts the old one") {
  Rotating r;
  auto journal = r.Open('s', 't').value();
  REQUIRE(Rotating::Rotate(*journal).ok());
  const std::string handover = journal->keys().front().handover;
  const auto verified = VerifyReceipt(handover, {.vkey = VkeyOf('s')});
  REQUIRE(verified.ok());
  CHECK(ParseKeyRotation(verified->leaf.note())->new_key == VkeyOf('t'));
  journal.reset();
  r.fixture.clock.Advance(kOverlap * 2);
  CHECK(r.Open('t', 0).value()->keys().front().handover == handover);
}

TEST_CASE("every step of a rotation may be the last before the power goes") {
  Rotating r;
  auto journal = r.Open('s', 't').value();
  r.Append(*journal);
  const std::string before = r.fixture.CopyDirectory("before");
  REQUIRE(Rotating::Rotate(*journal).ok());
  const std::string rotated = r.fixture.CopyDirectory("rotated");
  // The leaf is durable, the checkpoint that covers it is not.
  const std::string between = r.fixture.CopyDirectory("between");
  fs::copy_file(before + "/epoch-0001/checkpoint", between + "/epoch-0001/checkpoint",
                fs::copy_options::overwrite_existing);
  journal.reset();
  for (const std::string& copy : {before, rotated, between}) {
    INFO(copy);
    CHECK(VerifyJournal(copy, {.vkeys = {VkeyOf('s'), VkeyOf('t')}})->ok());
    auto opened = r.Open('s', 't', copy);
    REQUIRE(opened.ok());
    const bool done = copy != before;
    CHECK((*opened)->vkey() == VkeyOf(done ? 't' : 's'));
    CHECK(Rotating::Rotate(**opened).ok() == !done);
    const std::string note = (*opened)->reader().Checkpoint();
    CHECK(SignedBy(note, VkeyOf('s')));
    CHECK(SignedBy(note, VkeyOf('t')));
    CHECK_FALSE((*opened)->keys().front().handover.empty());
    CHECK(VerifyJournal(**opened, {.vkeys = {VkeyOf('t')}})->ok());
  }
}

TEST_CASE("a rotation needs a key to follow, another one, and no other rotation under way") {
  Rotating r;
  {
    auto journal = r.Open('s', 0).value();
    CHECK(absl::IsFailedPrecondition(Rotating::Rotate(*journal).status()));
  }
  CHECK(absl::IsInvalidArgument(r.Open('s', 's').status()));
  auto journal = r.Open('s', 't').value();
  REQUIRE(Rotating::Rotate(*journal).ok());
  CHECK(absl::IsFailedPrecondition(Rotating::Rotate(*journal).status()));
  journal.reset();
  // The next after it: 's' signs no more, because it is not configured any more.
  journal = r.Open('t', 'u').value();
  CHECK_FALSE(SignedBy(journal->reader().Checkpoint(), VkeyOf('s')));
  REQUIRE(Rotating::Rotate(*journal).ok());
  CHECK(SignedBy(journal->reader().Checkpoint(), VkeyOf('t')));
  CHECK(SignedBy(journal->reader().Checkpoint(), VkeyOf('u')));
  CHECK(journal->keys().size() == 3);
  journal.reset();
  const std::string directory = r.fixture.Options().directory;
  CHECK(VerifyJournal(directory, {.vkeys = {VkeyOf('t'), VkeyOf('u')}})->ok());
}

TEST_CASE("without the key that signs by the record a journal does not start") {
  Rotating r;
  auto journal = r.Open('s', 't').value();
  REQUIRE(Rotating::Rotate(*journal).ok());
  journal.reset();
  const absl::Status old_alone = r.Open('s', 0).status();  // both signed the newest checkpoint
  CHECK(absl::StrContains(old_alone.message(), VkeyOf('t')));
  CHECK(absl::StrContains(old_alone.message(), "next_signing_key"));
  const absl::Status stranger = r.Open('x', 0).status();
  CHECK(absl::IsDataLoss(stranger));
  CHECK(absl::StrContains(stranger.message(), "not signed with this node's key"));
  CHECK(absl::StrContains(stranger.message(), VkeyOf('x')));
  CHECK(r.Open('t', 0).ok());
}

TEST_CASE("a checkpoint that the old key alone signed over the rotation is not this node's") {
  Rotating r;
  auto journal = r.Open('s', 't').value();
  REQUIRE(Rotating::Rotate(*journal).ok());
  const Note note = ParseNote(journal->reader().Checkpoint()).value();
  journal.reset();
  const std::string copy = r.fixture.CopyDirectory("forged");
  const NoteSigner thief = NoteSigner::Create(OriginOf("VN:GOV:G01:ndxp", 1), KeyOf('s')).value();
  {
    auto slots = store::SlotFile::Open(copy + "/epoch-0001/checkpoint", nullptr).value();
    for (int slot = 0; slot < 2; ++slot) {
      REQUIRE(slots->Write(FormatNote({.text = note.text, .signatures = {thief.Sign(note.text)}}))
                  .ok());
    }
  }
  CHECK(absl::IsDataLoss(r.Open('s', 't', copy).status()));
  const auto report = VerifyJournal(copy, {.vkeys = {VkeyOf('s'), VkeyOf('t')}});
  REQUIRE(report->problems.size() == 1);
  CHECK(absl::StrContains(report->problems[0].ToString(), "not signed by the new key"));
}

TEST_CASE("without overlap the old key signs nothing that covers the rotation") {
  Rotating r;
  r.overlap = absl::ZeroDuration();
  auto journal = r.Open('s', 't').value();
  const auto rotated = Rotating::Rotate(*journal);
  REQUIRE(rotated.ok());
  CHECK_FALSE(VerifyReceipt(rotated->receipt, {.vkey = VkeyOf('s')}).ok());
  CHECK(VerifyReceipt(rotated->receipt, {.vkey = VkeyOf('t')}).ok());
  CHECK(journal->keys().front().handover.empty());
}

TEST_CASE("a new epoch begins with the key that is to follow") {
  Rotating r;
  r.Open('s', 't').value().reset();
  r.open_new_epoch = true;
  auto journal = r.Open('s', 't').value();
  CHECK(journal->vkey() == VkeyOf('t', 2));
  CHECK(absl::IsFailedPrecondition(Rotating::Rotate(*journal).status()));
}

TEST_CASE("a journal older than the record of keys gets one; a changed record is found") {
  Rotating r;
  auto journal = r.Open('s', 't').value();
  r.Append(*journal);
  journal.reset();
  const std::string old = r.fixture.CopyDirectory("old");
  const auto database = [](const std::string& directory) {
    return store::Database::Open(
               {.directory = directory + "/epoch-0001/db",
                .families = {{.name = "leaves", .compress = true},
                             {.name = "tiles"},
                             {.name = "exchanges", .compress = true, .filter = true},
                             {.name = "open"},
                             {.name = "keys"},
                             {.name = "payloads"}}},
               store::LogCheck::kWhole)
        .value();
  };
  store::Batch batch;
  batch.Delete(store::kDefaultFamily, "signing_keys");
  REQUIRE(database(old)->WriteSynced(batch).ok());
  CHECK(VerifyJournal(old, {.vkeys = {VkeyOf('s')}})->ok());
  REQUIRE(Rotating::Rotate(*r.Open('s', 't', old).value()).ok());
  const std::vector<std::string> both = {VkeyOf('s'), VkeyOf('t')};
  CHECK(VerifyJournal(old, {.vkeys = both})->ok());
  // The same record with another leaf for the new key.
  v1::SigningKeys record;
  record.add_keys()->set_vkey(VkeyOf('s'));
  record.add_keys()->set_vkey(VkeyOf('t'));
  record.mutable_keys(1)->set_leaf(1);
  store::Batch change;
  change.Put(store::kDefaultFamily, "signing_keys", record.SerializeAsString());
  REQUIRE(database(old)->WriteSynced(change).ok());
  const auto report = VerifyJournal(old, {.vkeys = both});
  REQUIRE(report->problems.size() == 1);
  CHECK(absl::StrContains(report->problems[0].ToString(), "record of signing keys"));
}

}  // namespace
}  // namespace ndx::journal
