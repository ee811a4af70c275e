#include "ndx/journal/key_rotation.h"

#include <catch2/catch.hpp>

#include "ndx/journal/leaf_codec.h"
#include "ndx/journal/signed_note.h"

namespace ndx::journal {
namespace {

TEST_CASE("the note of a rotation is the lines that the header shows, and reads back") {
  const KeyRotation signing{.kind = KeyRotation::Kind::kSigning,
                            .old_key = "node/journal/1+00000001+AQ==",
                            .new_key = "node/journal/1+00000002+AQ==",
                            .both_sign_until = absl::FromUnixSeconds(1'800'000'000)};
  const std::string text = FormatKeyRotation(signing);
  CHECK(text ==
        "signing key\nold node/journal/1+00000001+AQ==\nnew node/journal/1+00000002+AQ==\n"
        "both sign until 2027-01-15T08:00:00Z\n");
  const auto read = ParseKeyRotation(text);
  REQUIRE(read.ok());
  CHECK(read->kind == KeyRotation::Kind::kSigning);
  CHECK(read->old_key == signing.old_key);
  CHECK(read->new_key == signing.new_key);
  CHECK(read->both_sign_until == signing.both_sign_until);

  const std::string master = FormatKeyRotation(
      {.kind = KeyRotation::Kind::kMaster, .old_key = "1f0c99aa", .new_key = "8d27b3e0"});
  CHECK(master == "master key\nold 1f0c99aa\nnew 8d27b3e0\n");
  CHECK(ParseKeyRotation(master)->kind == KeyRotation::Kind::kMaster);
}

TEST_CASE("other text is no rotation") {
  for (const char* text :
       {"", "signing key\n", "master key\nold a\nnew b", "master key\nnew b\nold a\n",
        "master key\nold a\nnew b\n\n", "master key\nold a\nnew b\nboth sign until now\n",
        "signing key\nold a\nnew b\nboth sign until 2027-01-15\n",
        "signing key\nold a\nnew b\nboth sign until 2027-01-15T08:00:00Z\nmore\n",
        "some key\nold a\nnew b\n"}) {
    INFO(text);
    CHECK_FALSE(ParseKeyRotation(text).ok());
  }
}

TEST_CASE("a rotation of the longest node's keys fits the note of a leaf") {
  const std::string origin = std::string(kLeafSystemBytesMax, 'n') + "/journal/4294967295";
  const std::string vkey =
      NoteVerifier::FromPublicKey(origin, std::string(32, '\x09')).value().vkey();
  CHECK(FormatKeyRotation({.old_key = vkey, .new_key = vkey}).size() <= kLeafNoteBytesMax);
}

}  // namespace
}  // namespace ndx::journal
