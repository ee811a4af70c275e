#include "ndx/journal/checkpoint.h"

#include <catch2/catch.hpp>
#include <string>
#include <vector>

#include "ndx/tests/support/vectors.h"

namespace ndx::journal {
namespace {

const char kRoot[] = "vt5T6GaLCXvyHFl9VUvvItR43XZxfLgftEcTyO3eJCQ=";

TEST_CASE("the Go checksum database's checkpoint has the same three lines") {
  const auto note = ParseNote(tests::ReadVector("notes/sumdb-35225469.checkpoint"));
  REQUIRE(note.ok());
  const auto checkpoint = ParseCheckpoint(note->text);
  REQUIRE(checkpoint.ok());
  CHECK(checkpoint->origin == "go.sum database tree");
  CHECK(checkpoint->head.size == 35225469);
  CHECK(FormatCheckpoint(*checkpoint) == note->text);
}

TEST_CASE("checkpoint texts with anything else are refused") {
  const std::string root = std::string(kRoot) + "\n";
  CHECK(ParseCheckpoint("o\n0\n" + root).ok());
  for (const std::string& text :
       {std::string(""), "o\n1\n" + root + "extension\n", "o\n01\n" + root, "o\n+1\n" + root,
        "o\n-1\n" + root, "o\n1 \n" + root, "\n1\n" + root, "o\n18446744073709551616\n" + root,
        std::string("o\n1\nAAAA\n"), "o\n1\n" + std::string(kRoot)}) {
    INFO(text);
    CHECK_FALSE(ParseCheckpoint(text).ok());
  }
}

TEST_CASE("a checkpoint verifies with the key of its origin only") {
  const auto key = crypto::Ed25519PrivateKey::FromSeed(std::string(32, 's')).value();
  const NoteSigner first = NoteSigner::Create(OriginOf("node", 1), key).value();
  const NoteSigner second = NoteSigner::Create(OriginOf("node", 2), key).value();
  const Checkpoint checkpoint{.origin = "node/journal/1", .head = {.size = 7, .root = EmptyRoot()}};
  const std::string note = SignCheckpoint(checkpoint, first);
  const std::vector<NoteVerifier> own = {first.verifier()};
  const std::vector<NoteVerifier> other = {second.verifier()};
  const auto opened = OpenCheckpoint(note, own);
  REQUIRE(opened.ok());
  CHECK(opened->head.size == 7);
  CHECK(opened->head.root == EmptyRoot());
  CHECK_FALSE(OpenCheckpoint(note, other).ok());
}

}  // namespace
}  // namespace ndx::journal
