#include <catch2/catch.hpp>
#include <string>
#include <vector>

#include "absl/strings/str_split.h"
#include "ndx/journal/cosignature.h"
#include "ndx/tests/support/vectors.h"
#include "ndx/tests/unit/tools/verify/verify_run.h"

namespace ndx::tools::verify {
namespace {

using Catch::Contains;
using tests::RunVerify;

TEST_CASE("published notes hold under their keys, and with any byte changed they do not") {
  const tests::TempDir space;
  const std::string keys = tests::ReadVector("notes/vkeys.txt");
  for (const auto& line : absl::StrSplit(keys, '\n', absl::SkipEmpty())) {
    const std::vector<std::string> fields = absl::StrSplit(line, '\t');
    INFO(fields[0]);
    tests::WriteAll(space.File("key"), fields[1] + "\n");
    const std::string note = tests::ReadVector("notes/" + fields[0]);
    const auto run = [&](const std::string& bytes) {
      tests::WriteAll(space.File("note"), bytes);
      return RunVerify({"note", "--key-file", space.File("key"), space.File("note")});
    };
    CHECK(run(note).code == 0);
    for (size_t at = 0; at < note.size(); ++at) {
      std::string changed = note;
      changed[at] = static_cast<char>(changed[at] ^ 1);
      CHECK(run(changed).code == 1);
    }
  }
}

TEST_CASE("a checkpoint of another log is read, extension lines and foreign names included") {
  const tests::TempDir space;
  const auto signer =
      journal::NoteSigner::Create("keeper.example",
                                  crypto::Ed25519PrivateKey::FromSeed(std::string(32, 'k')).value())
          .value();
  journal::Note note{.text = "another log, with spaces\n7\n" +
                             std::string("47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=\n") +
                             "extension 1\n"};
  note.signatures.push_back(signer.Sign(note.text));
  note.signatures.push_back({.name = "witness.example", .key_id = 7, .bytes = "whatever"});
  tests::WriteAll(space.File("note"), journal::FormatNote(note));
  tests::WriteAll(space.File("key"), signer.verifier().vkey());
  const auto run = RunVerify({"note", "--key-file", space.File("key"), space.File("note")});
  CHECK(run.code == 0);
  CHECK_THAT(run.out, Contains("'another log, with spaces' has 7 leaves") &&
                          Contains("not checked: the meaning of the signed line 'extension 1'") &&
                          Contains("not checked: the signature of witness.example (00000007)") &&
                          Contains("no key that signed is named so"));
}

TEST_CASE("witnesses' cosignatures are checked by their keys, with the log's key or alone") {
  const tests::LogDirectory log(3);
  const auto witness =
      journal::CosignatureSigner::Create(
          "witness.example", crypto::Ed25519PrivateKey::FromSeed(std::string(32, 'w')).value())
          .value();
  auto note = journal::ParseNote(tests::ReadAll(log.File("checkpoint"))).value();
  note.signatures.push_back(witness.Sign(note.text, 1772412345));
  const auto run = [&](const std::string& keys) {
    tests::WriteAll(log.space().File("keys"), keys);
    tests::WriteAll(log.space().File("note"), journal::FormatNote(note));
    return RunVerify({"note", "--key-file", log.space().File("keys"), log.space().File("note")});
  };
  const std::string own = log.signer().verifier().vkey() + "\n";
  const std::string other = witness.verifier().vkey() + "\n";
  const auto both = run(own + other);
  CHECK(both.code == 0);
  CHECK_THAT(both.out, Contains("checked: the cosignature of the witness witness.example (") &&
                           Contains("of 2026-03-02T00:45:45+00:00"));
  CHECK(run(other).code == 0);
  CHECK_THAT(run(own).out, Contains("not checked: the signature of witness.example"));
  tests::WriteAll(log.File("checkpoint"), journal::FormatNote(note));
  CHECK(tests::RunVerify({"tiles", "--key-file", log.space().File("keys"), log.directory()}).code ==
        0);
  note.signatures.back() = witness.Sign("another text", 1772412345);
  CHECK(run(own + other).code == 1);
  CHECK(run(other).code == 1);
  CHECK(run(own).code == 0);
  note.signatures.pop_back();
  CHECK(run(other).code == 1);
}

TEST_CASE("a note signed by nobody known does not hold") {
  const tests::LogDirectory log(1);
  const tests::LogDirectory other(1, "other/journal/1");
  CHECK(RunVerify({"note", "--key-file", log.key_file(), log.File("checkpoint")}).code == 0);
  const auto run = RunVerify({"note", "--key-file", other.key_file(), log.File("checkpoint")});
  CHECK(run.code == 1);
  CHECK_THAT(run.out, Contains("no known key signed the note"));
  CHECK(RunVerify({"note", "--key-file", log.key_file(), log.key_file()}).code == 1);
}

}  // namespace
}  // namespace ndx::tools::verify
