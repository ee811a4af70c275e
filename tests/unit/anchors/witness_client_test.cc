#include "ndx/anchors/witness_client.h"

#include <catch2/catch.hpp>
#include <string>

#include "journal_fixture.h"
#include "log_of_leaves.h"
#include "ndx/tests/support/fake_poster.h"
#include "witness_fixture.h"

namespace ndx::anchors {
namespace {

constexpr char kWitnessClientUrl[] = "http://witness.example.vn";

journal::NoteVerifier VerifierOf(const journal::RocksJournal& journal) {
  return journal::NoteVerifier::FromVkey(journal.vkey()).value();
}

// A node's journal, its witness, and the way between them.
struct WitnessClientScene {
  WitnessClientScene() : journal(node.Open()), witness({VerifierOf(*journal)}) {
    witness.Open();
    poster.Serve(
        std::string(kWitnessClientUrl) + "/add-checkpoint",
        [this](const http::HttpPost& post) { return witness.witness->AddCheckpoint(post.body); });
  }
  void Append(int count) {
    for (int i = 0; i < count; ++i) {
      REQUIRE(AppendAndWait(*journal, journal::JournalFixture::Read(node.NewId(), "q", "a")).ok());
    }
  }
  absl::StatusOr<journal::NoteSignature> Cosign(WitnessClient& client) {
    const std::string note = journal->reader().Checkpoint();
    const auto text = journal::ParseNote(note)->text;
    return client.Cosign(note, journal::ParseCheckpoint(text)->head);
  }
  WitnessClient Client(char seed = 'w') {
    return WitnessClient(
        {.url = kWitnessClientUrl, .verifier = WitnessFixture::Signer("witness", seed).verifier()},
        poster, journal->reader());
  }

  journal::JournalFixture node;
  std::unique_ptr<journal::RocksJournal> journal;
  WitnessFixture witness;
  tests::FakePoster poster;
};

TEST_CASE("a growing journal is cosigned each time, with one request") {
  WitnessClientScene scene;
  WitnessClient client = scene.Client();
  for (size_t round = 1; round <= 3; ++round) {
    scene.Append(3);
    const auto signature = scene.Cosign(client);
    INFO(signature.status());
    REQUIRE(signature.ok());
    CHECK(scene.poster.posts.size() == round);
  }
  CHECK(scene.Cosign(client).ok());  // the same checkpoint again
}

TEST_CASE("after a restart of either side the witness says where it is") {
  WitnessClientScene scene;
  WitnessClient first = scene.Client();
  scene.Append(2);
  REQUIRE(scene.Cosign(first).ok());
  scene.Append(2);
  WitnessClient restarted = scene.Client();
  CHECK(scene.Cosign(restarted).ok());
  scene.witness.Open();
  scene.Append(1);
  CHECK(scene.Cosign(first).ok());
}

TEST_CASE("a witness that knows more, or something else, contradicts the journal") {
  WitnessClientScene scene;
  WitnessClient client = scene.Client();
  const auto copy = scene.node.CopyDirectory("older");
  scene.Append(2);
  REQUIRE(scene.Cosign(client).ok());
  scene.journal.reset();
  // An older copy of the journal, put in its place.
  scene.journal = scene.node.Open(scene.node.OptionsFor(copy)).value();
  WitnessClient restored = scene.Client();
  const auto ahead = scene.Cosign(restored);
  CHECK(ahead.status().code() == absl::StatusCode::kDataLoss);
  // It goes on as if nothing had been, past the size that was cosigned.
  scene.Append(5);
  const auto forked = scene.Cosign(restored);
  INFO(forked.status());
  CHECK(forked.status().code() == absl::StatusCode::kDataLoss);
}

TEST_CASE("a witness that is away, strange, or another, is no contradiction") {
  WitnessClientScene scene;
  WitnessClient impostor = scene.Client('x');
  CHECK(scene.Cosign(impostor).status().code() == absl::StatusCode::kPermissionDenied);
  WitnessClient client = scene.Client();
  const std::string url = std::string(kWitnessClientUrl) + "/add-checkpoint";
  for (const int status : {403, 404, 500}) {
    scene.poster.Serve(url, [status](const http::HttpPost&) {
      return http::HttpResponse{.status = status, .body = "no\n"};
    });
    CHECK(scene.Cosign(client).status().code() == absl::StatusCode::kUnavailable);
  }
  scene.poster.Serve(url, [](const http::HttpPost&) {
    return http::HttpResponse{.status = 409, .body = "many\n"};
  });
  CHECK(scene.Cosign(client).status().code() == absl::StatusCode::kInvalidArgument);
  scene.poster.Serve(url, nullptr);
  CHECK(scene.Cosign(client).status().code() == absl::StatusCode::kUnavailable);
}

}  // namespace
}  // namespace ndx::anchors
