#include "ndx/journal/signed_note.h"

#include <catch2/catch.hpp>
#include <map>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "absl/strings/str_split.h"
#include "ndx/tests/support/vectors.h"

namespace ndx::journal {
namespace {

NoteSigner TestSigner(const std::string& name, char seed = 's') {
  return NoteSigner::Create(name,
                            crypto::Ed25519PrivateKey::FromSeed(std::string(32, seed)).value())
      .value();
}

TEST_CASE("published notes verify with their published keys, and no longer when changed") {
  int tried = 0;
  for (const absl::string_view line :
       absl::StrSplit(tests::ReadVector("notes/vkeys.txt"), '\n', absl::SkipEmpty())) {
    const std::vector<std::string> fields = absl::StrSplit(line, '\t');
    REQUIRE(fields.size() == 2);
    INFO(fields[0]);
    ++tried;
    const auto verifier = NoteVerifier::FromVkey(fields[1]);
    REQUIRE(verifier.ok());
    CHECK(verifier->vkey() == fields[1]);
    const std::string note = tests::ReadVector("notes/" + fields[0]);
    const auto opened = OpenNote(note, {&*verifier, 1});
    REQUIRE(opened.ok());
    CHECK(FormatNote(*opened) == note);
    std::string changed = note;
    changed[0] ^= 1;
    CHECK(OpenNote(changed, {&*verifier, 1}).status().code() ==
          absl::StatusCode::kPermissionDenied);
  }
  CHECK(tried == 3);
}

TEST_CASE("what is signed is verified; unknown keys are ignored, a bad known one condemns") {
  const NoteSigner signer = TestSigner("node/journal/1");
  const NoteSigner other = TestSigner("witness", 'w');
  Note note{.text = "one\n\ntwo\n"};  // an empty line inside the text
  note.signatures = {signer.Sign(note.text), other.Sign(note.text)};
  const std::string text = FormatNote(note);
  const std::vector<NoteVerifier> first = {signer.verifier()};
  const std::vector<NoteVerifier> both = {signer.verifier(), other.verifier()};
  const std::vector<NoteVerifier> stranger = {TestSigner("node/journal/1", 'x').verifier()};
  CHECK(OpenNote(text, first)->text == note.text);
  CHECK(OpenNote(text, both).ok());
  CHECK_FALSE(OpenNote(text, stranger).ok());
  CHECK_FALSE(OpenNote(text, {}).ok());
  note.signatures[1] = other.Sign("something else\n");
  CHECK(OpenNote(FormatNote(note), first).ok());
  CHECK_FALSE(OpenNote(FormatNote(note), both).ok());
}

TEST_CASE("malformed notes are refused") {
  const NoteSigner signer = TestSigner("node");
  Note good{.text = "text\n"};
  good.signatures = {signer.Sign(good.text)};
  const std::string note = FormatNote(good);
  REQUIRE(ParseNote(note).ok());
  const std::map<std::string, std::string> cases = {
      {"empty", ""},
      {"no signatures", "text\n\n"},
      {"no empty line", "text\nmore\n"},
      {"no final newline", note.substr(0, note.size() - 1)},
      {"control character", "te\txt\n" + note.substr(5)},
      {"not UTF-8", "te\xFFxt\n" + note.substr(5)},
      {"overlong UTF-8", "te\xC0\xAFxt\n" + note.substr(5)},
      {"hyphen for em dash", absl::StrReplaceAll(note, {{"\xE2\x80\x94", "-"}})},
      {"two spaces", absl::StrReplaceAll(note, {{" node ", " node  "}})},
      {"name with plus", absl::StrReplaceAll(note, {{" node ", " no+de "}})},
      {"broken base64", note.substr(0, note.size() - 2) + "*\n"},
      {"key id alone", "text\n\n\xE2\x80\x94 node AAAAAA==\n"},
      {"empty signature line", note + "\n"},
  };
  for (const auto& [name, text] : cases) {
    INFO(name);
    CHECK(ParseNote(text).status().code() == absl::StatusCode::kInvalidArgument);
  }
}

TEST_CASE("the most signatures are accepted, one more is refused") {
  Note note{.text = "text\n"};
  const NoteSigner signer = TestSigner("node");
  note.signatures.assign(kNoteSignaturesMax, signer.Sign(note.text));
  CHECK(ParseNote(FormatNote(note)).ok());
  note.signatures.push_back(signer.Sign(note.text));
  CHECK_FALSE(ParseNote(FormatNote(note)).ok());
}

TEST_CASE("malformed verifier keys and names are refused") {
  const std::string vkey = TestSigner("node").verifier().vkey();
  CHECK(NoteVerifier::FromVkey(vkey).ok());
  CHECK_FALSE(NoteVerifier::FromVkey("other" + vkey.substr(4)).ok());  // key id of another name
  CHECK_FALSE(NoteVerifier::FromVkey(vkey.substr(0, vkey.size() - 1)).ok());
  CHECK_FALSE(NoteVerifier::FromVkey("node+00000000").ok());
  CHECK_FALSE(NoteVerifier::FromVkey("").ok());
  for (const char* name : {"", "a b", "a+b", "a\nb", "\xFF"}) CHECK_FALSE(IsNoteName(name));
  CHECK(IsNoteName("VN:GOV:G01:ndxp/journal/1"));
}

}  // namespace
}  // namespace ndx::journal
