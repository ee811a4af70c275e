#include "ndx/anchors/older_copy.h"

#include <catch2/catch.hpp>
#include <string>

#include "journal_fixture.h"
#include "ndx/tests/support/fake_poster.h"
#include "witness_fixture.h"

namespace ndx::anchors {
namespace {

constexpr char kOlderCopyUrl[] = "http://witness.example.vn";

// A node's journal and a witness that has cosigned its newest checkpoint.
struct OlderCopyScene {
  OlderCopyScene()
      : journal(node.Open()), witness({journal::NoteVerifier::FromVkey(journal->vkey()).value()}) {
    witness.Open();
    poster.Serve(
        std::string(kOlderCopyUrl) + "/add-checkpoint",
        [this](const http::HttpPost& post) { return witness.witness->AddCheckpoint(post.body); });
  }

  WitnessPeer Peer() const {
    return {.url = kOlderCopyUrl, .verifier = WitnessFixture::Signer("witness", 'w').verifier()};
  }
  void Append() {
    REQUIRE(AppendAndWait(*journal, journal::JournalFixture::Read(node.NewId(), "q", "a")).ok());
  }
  void Cosign() {
    WitnessClient client(Peer(), poster, journal->reader());
    const std::string note = journal->reader().Checkpoint();
    REQUIRE(client.Cosign(note, HeadOf(note)).ok());
  }
  static journal::TreeHead HeadOf(const std::string& note) {
    return journal::ParseCheckpoint(journal::ParseNote(note)->text)->head;
  }
  absl::Status Ask(const std::string& note) {
    return RefuseOlderCopy({Peer()}, poster, note, HeadOf(note));
  }

  journal::JournalFixture node;
  std::unique_ptr<journal::RocksJournal> journal;
  WitnessFixture witness;
  tests::FakePoster poster;
};

TEST_CASE("a journal that has signed no less than its witness cosigned is no older copy") {
  OlderCopyScene scene;
  CHECK(scene.Ask(scene.journal->reader().Checkpoint()).ok());  // the witness knows nothing yet
  scene.Append();
  scene.Cosign();
  CHECK(scene.Ask(scene.journal->reader().Checkpoint()).ok());
  scene.Append();
  CHECK(scene.Ask(scene.journal->reader().Checkpoint()).ok());
}

TEST_CASE("a journal that has signed less, or other records, is refused before it signs anything") {
  OlderCopyScene scene;
  scene.Append();
  const std::string older = scene.journal->reader().Checkpoint();
  const std::string copy = scene.node.CopyDirectory("older");
  scene.Append();
  scene.Cosign();
  const absl::Status status = scene.Ask(older);
  CHECK(status.code() == absl::StatusCode::kDataLoss);
  CHECK_THAT(std::string(status.message()), Catch::Contains("3 records") &&
                                                Catch::Contains("has signed 2") &&
                                                Catch::Contains("--open-new-epoch"));
  // The copy went on by itself to the same size.
  const auto forked = scene.node.Open(scene.node.OptionsFor(copy)).value();
  CHECK(OlderCopyScene::HeadOf(forked->reader().Checkpoint()).size == 3);
  CHECK(scene.Ask(forked->reader().Checkpoint()).code() == absl::StatusCode::kDataLoss);
}

TEST_CASE("a witness without a usable answer contradicts nothing") {
  OlderCopyScene scene;
  const std::string url = std::string(kOlderCopyUrl) + "/add-checkpoint";
  const std::string note = scene.journal->reader().Checkpoint();
  scene.poster.Serve(url, nullptr);
  CHECK(scene.Ask(note).ok());
  for (const int status : {200, 403, 404, 409, 500}) {
    scene.poster.Serve(url, [status](const http::HttpPost&) {
      return http::HttpResponse{.status = status, .body = "no\n"};
    });
    CHECK(scene.Ask(note).ok());
  }
}

}  // namespace
}  // namespace ndx::anchors
