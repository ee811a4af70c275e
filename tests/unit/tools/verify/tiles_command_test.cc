#include <catch2/catch.hpp>
#include <filesystem>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "ndx/tests/unit/tools/verify/verify_run.h"

namespace ndx::tools::verify {
namespace {

using Catch::Contains;
using tests::LogDirectory;

TEST_CASE("another keeper's log: key of another name, extension lines") {
  LogDirectory log(300, "keeper.example");
  const std::string text = tests::ReadAll(log.File("checkpoint"));
  std::string lines = text.substr(0, text.find("\n\n") + 1);
  lines.replace(0, lines.find('\n'), "a log of others");
  log.Sign(lines + "extension one\nextension two\n");
  const auto run = log.Verify();
  CHECK(run.code == 0);
  CHECK_THAT(run.out, Contains("the log 'a log of others' has 300 leaves") &&
                          Contains("not checked: the meaning of the signed line 'extension two'") &&
                          Contains("no key that signed is named so"));
}

TEST_CASE("a checkpoint signed by a stranger, and a note that is none, do not hold") {
  LogDirectory log(3);
  const LogDirectory other(3, "other/journal/1");
  CHECK(tests::RunVerify({"tiles", "--key-file", other.key_file(), log.directory()}).code == 1);
  log.Sign("no checkpoint\n");
  CHECK(log.Verify().code == 1);
  std::filesystem::remove(log.File("checkpoint"));
  CHECK(log.Verify().code == 2);
}

// The first leaves of a list, so that an earlier checkpoint can be made of them.
std::string EarlierNote(const std::vector<std::string>& leaves, size_t size) {
  LogDirectory then(0);
  then.Export({leaves.begin(), leaves.begin() + static_cast<std::ptrdiff_t>(size)});
  return tests::ReadAll(then.File("checkpoint"));
}

TEST_CASE("what was signed earlier is still there, or the log was rewritten") {
  LogDirectory log(700);
  const std::vector<std::string> original = log.leaves();
  std::vector<std::string> earlier;
  for (const size_t size : {0, 1, 299, 512, 700}) {
    earlier.push_back(log.space().File(absl::StrCat("earlier", size)));
    tests::WriteAll(earlier.back(), EarlierNote(original, size));
  }
  const auto verify = [&] {
    std::vector<std::string> more;
    for (const std::string& file : earlier) more.insert(more.end(), {"--earlier", file});
    return log.Verify(more);
  };
  CHECK(verify().code == 0);
  CHECK_THAT(verify().out, Contains("the log still begins with the 299 leaves of "));

  auto edited = original;
  edited[100] = "leaf 100, edited";
  auto deleted = original;
  deleted.erase(deleted.begin() + 298);
  auto reordered = original;
  std::swap(reordered[3], reordered[4]);
  const std::vector<std::string> shortened(original.begin(), original.begin() + 600);
  for (const auto& rewritten : {edited, deleted, reordered, shortened}) {
    log.Export(rewritten);  // and signed again with the log's own key
    CHECK(log.Verify().code == 0);
    const auto run = verify();
    CHECK(run.code == 1);
    CHECK_THAT(run.out,
               Contains("was changed, removed or moved since") || Contains("it was shortened"));
  }
}

TEST_CASE("an earlier note must be of the same log and signed by a known key") {
  const LogDirectory log(3);
  const LogDirectory other(3, "other/journal/1");
  CHECK(log.Verify({"--earlier", other.File("checkpoint")}).code == 1);
  tests::WriteAll(log.space().File("both"), absl::StrCat(log.signer().verifier().vkey(), "\n",
                                                         other.signer().verifier().vkey(), "\n"));
  const auto run = tests::RunVerify({"tiles", "--key-file", log.space().File("both"), "--earlier",
                                     other.File("checkpoint"), log.directory()});
  CHECK(run.code == 1);
  CHECK_THAT(run.out, Contains("is of another log, other/journal/1"));
  CHECK(log.Verify({"--earlier", "/absent"}).code == 2);
}

}  // namespace
}  // namespace ndx::tools::verify
