#include "ndx/journal/witness_policy.h"

#include <catch2/catch.hpp>
#include <string>

namespace ndx::journal {
namespace {

crypto::Ed25519PrivateKey Key(char seed) {
  return crypto::Ed25519PrivateKey::FromSeed(std::string(32, seed)).value();
}

CosignatureSigner Witness(char name) {
  return CosignatureSigner::Create(std::string(1, name), Key(name)).value();
}

Note LogNote() {
  Note note{.text = "node/journal/1\n7\n47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=\n"};
  note.signatures = {NoteSigner::Create("node/journal/1", Key('l')).value().Sign(note.text)};
  return note;
}

WitnessPolicy Policy(const std::string& names, size_t required) {
  WitnessPolicy policy{.required = required};
  for (const char name : names) policy.witnesses.push_back(Witness(name).verifier());
  return policy;
}

TEST_CASE("k of n witnesses satisfy the policy, one fewer does not") {
  Note note = LogNote();
  note.signatures.push_back(Witness('a').Sign(note.text, 10));
  const auto one = JudgeCosignatures(FormatNote(note), Policy("abc", 2));
  REQUIRE(one.ok());
  CHECK_FALSE(one->satisfied);
  CHECK(one->cosignatures.size() == 1);
  note.signatures.push_back(Witness('c').Sign(note.text, 20));
  const auto two = JudgeCosignatures(FormatNote(note), Policy("abc", 2));
  REQUIRE(two.ok());
  CHECK(two->satisfied);
  REQUIRE(two->cosignatures.size() == 2);
  CHECK(two->cosignatures[1].witness == "c");
  CHECK(two->cosignatures[1].unix_seconds == 20);
  CHECK(JudgeCosignatures(FormatNote(note), Policy("", 0))->satisfied);
}

TEST_CASE("a witness counts once, strangers not at all") {
  Note note = LogNote();
  note.signatures.push_back(Witness('a').Sign(note.text, 10));
  note.signatures.push_back(Witness('a').Sign(note.text, 30));
  note.signatures.push_back(Witness('x').Sign(note.text, 10));
  const auto verdict = JudgeCosignatures(FormatNote(note), Policy("ab", 2));
  REQUIRE(verdict.ok());
  CHECK_FALSE(verdict->satisfied);
  REQUIRE(verdict->cosignatures.size() == 1);
  CHECK(verdict->cosignatures[0].unix_seconds == 30);
}

TEST_CASE("a witness's signature that does not verify condemns the note") {
  Note note = LogNote();
  note.signatures.push_back(Witness('a').Sign(note.text, 10));
  note.signatures.push_back(Witness('b').Sign("another text\n", 10));
  CHECK(JudgeCosignatures(FormatNote(note), Policy("a", 1)).ok());
  CHECK(JudgeCosignatures(FormatNote(note), Policy("ab", 1)).status().code() ==
        absl::StatusCode::kPermissionDenied);
  CHECK(JudgeCosignatures("no note", Policy("a", 1)).status().code() ==
        absl::StatusCode::kInvalidArgument);
}

}  // namespace
}  // namespace ndx::journal
