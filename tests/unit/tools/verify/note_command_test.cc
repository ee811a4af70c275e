#include <catch2/catch.hpp>
#include <string>
#include <vector>

#include "absl/strings/str_split.h"
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
