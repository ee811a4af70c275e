#include "ndx/anchors/anchor_ledger.h"

#include <catch2/catch.hpp>
#include <string>

#include "journal_fixture.h"
#include "ndx/tests/support/time_stamp_authority.h"
#include "witness_fixture.h"

namespace ndx::anchors {
namespace {

// A journal whose checkpoint, as it was some leaves ago, is cosigned and time-stamped.
struct AnchorLedgerScene {
  AnchorLedgerScene() : journal(node.Open()) {
    Append();
    anchored = journal->reader().Checkpoint();
    journal::Note note = journal::ParseNote(anchored).value();
    size = journal::ParseCheckpoint(note.text)->head.size;
    note.signatures.push_back(WitnessFixture::Signer().Sign(note.text, 7));
    store = AnchorStore::Open(node.dir.File("anchors"), nullptr).value();
    REQUIRE(store->PutCheckpoint(size, anchored).ok());
    REQUIRE(store->PutCosigned(size, journal::FormatNote(note)).ok());
    REQUIRE(store
                ->PutToken(size, "tsa",
                           tests::TimeStampAuthority::Shared().Answer(
                               crypto::TimeStampRequest(crypto::Sha256Of({anchored}), 1)))
                .ok());
    Append();
    trust.journal = {journal::NoteVerifier::FromVkey(journal->vkey()).value()};
    trust.witnesses = {.witnesses = {WitnessFixture::Signer().verifier()}, .required = 1};
    trust.authorities.emplace(
        "tsa",
        crypto::TimeStampTrust::FromPem(tests::TimeStampAuthority::Shared().ca_pem()).value());
  }
  void Append() {
    REQUIRE(AppendAndWait(*journal, journal::JournalFixture::Read(node.NewId(), "q", "a")).ok());
  }

  journal::JournalFixture node;
  std::unique_ptr<journal::RocksJournal> journal;
  std::unique_ptr<AnchorStore> store;
  std::string anchored;
  uint64_t size = 0;
  AnchorTrust trust;
};

TEST_CASE("an anchor that verifies is good, and the journal of today is proved to continue it") {
  AnchorLedgerScene scene;
  const AnchorLedger ledger(*scene.store, scene.trust, scene.journal->reader());
  CHECK(ledger.SizesBelow(UINT64_MAX).value() == std::vector<uint64_t>{scene.size});
  CHECK(ledger.SizesBelow(scene.size)->empty());
  const std::string newest = scene.journal->reader().Checkpoint();
  const auto entry = ledger.Read(scene.size, newest);
  REQUIRE(entry.ok());
  INFO(entry->judged.fault);
  CHECK(entry->judged.good());
  CHECK(entry->judged.cosignatures.at(0).unix_seconds == 7);
  CHECK(entry->judged.time_stamps.at(0).time.has_value());
  CHECK(entry->consistent);
  CHECK_FALSE(entry->proof.empty());
}

TEST_CASE("an anchor of another tree is shown as one that the journal does not continue") {
  AnchorLedgerScene scene;
  // The journal as it would be had it been rewritten: same key, same origin, other leaves.
  journal::JournalFixture other;
  other.clock.Advance(absl::Hours(1));
  auto rewritten = other.Open();
  for (int i = 0; i < 5; ++i) {
    REQUIRE(AppendAndWait(*rewritten, journal::JournalFixture::Read(other.NewId(), "q", "a")).ok());
  }
  REQUIRE(rewritten->vkey() == scene.journal->vkey());
  const AnchorLedger ledger(*scene.store, scene.trust, rewritten->reader());
  const auto entry = ledger.Read(scene.size, rewritten->reader().Checkpoint());
  REQUIRE(entry.ok());
  CHECK(entry->judged.good());
  CHECK_FALSE(entry->consistent);
}

TEST_CASE("what does not verify is named, and is no good anchor") {
  AnchorLedgerScene scene;
  const StoredAnchor good = scene.store->Read(scene.size).value();
  REQUIRE(JudgeAnchor(good, scene.trust).good());
  StoredAnchor wrong = good;
  wrong.tokens["tsa"][wrong.tokens["tsa"].size() / 2] ^= 1;
  CHECK_FALSE(JudgeAnchor(wrong, scene.trust).good());
  wrong = good;
  wrong.tokens["stranger"] = good.tokens.at("tsa");
  CHECK(JudgeAnchor(wrong, scene.trust).time_stamps.at(0).fault.find("no certificate") == 0);
  wrong = good;
  wrong.checkpoint[3] ^= 1;
  CHECK_FALSE(JudgeAnchor(wrong, scene.trust).fault.empty());
  wrong = good;
  wrong.cosigned[3] ^= 1;
  CHECK_FALSE(JudgeAnchor(wrong, scene.trust).fault.empty());
  wrong = good;
  wrong.tree_size += 1;
  CHECK_FALSE(JudgeAnchor(wrong, scene.trust).fault.empty());
  wrong = good;
  wrong.cosigned.clear();
  wrong.tokens.clear();
  CHECK_FALSE(JudgeAnchor(wrong, scene.trust).good());
}

}  // namespace
}  // namespace ndx::anchors
