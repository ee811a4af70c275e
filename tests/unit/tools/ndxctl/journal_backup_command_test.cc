#include <catch2/catch.hpp>
#include <filesystem>
#include <fstream>
#include <string>
#include <vector>

#include "ndx/journal/journal_backup.h"
#include "ndx/tests/unit/console/console_fixture.h"
#include "ndx/tests/unit/tools/ndxctl/journal_with_receipt.h"
#include "ndx/tests/unit/tools/ndxctl/ndxctl_run.h"
#include "ndx/tools/ndxctl/exit_code.h"

namespace ndx::tools::ndxctl {
namespace {

using Catch::Contains;
using tests::ConsoleFixture;
using tests::JournalWithReceipt;
using Arguments = std::vector<std::string>;

tests::NdxctlRun Backup(ConsoleFixture& node, Arguments arguments,
                        core::Language language = core::Language::kEnglish) {
  arguments.insert(arguments.begin(), {"journal", "backup"});
  arguments.insert(arguments.end(), {"--socket", node.socket()});
  return tests::RunNdxctl(arguments, language);
}

TEST_CASE("a backup says what it holds, and what it means for keys, in both languages") {
  ConsoleFixture node;
  journal::BackupOptions asked;
  node.backup = [&](const journal::BackupOptions& options) {
    asked = options;
    return journal::BackupSummary{.origin = "mem/journal/1",
                                  .tree_size = 7,
                                  .files = 3,
                                  .bytes = 100,
                                  .keys_not_after = options.keys_directory.empty()
                                                        ? absl::InfinitePast()
                                                        : absl::FromUnixSeconds(1'750'000'000),
                                  .left_out = {"epoch 1: damaged"}};
  };
  const auto without = Backup(node, {"/backup/a"});
  INFO(without.err);
  REQUIRE(without.code == 0);
  CHECK_THAT(without.out, Contains("mem/journal/1: 7 signed leaves backed up to /backup/a") &&
                              Contains("payloads cannot"));
  CHECK_THAT(without.err, Contains("epoch 1: damaged"));
  const auto with =
      Backup(node, {"/backup/a", "--keys", "k", "--keys-days", "2"}, core::Language::kVietnamese);
  CHECK_THAT(with.out, Contains("phải huỷ trước 2025-06-15"));
  CHECK(asked.keys_kept == absl::Hours(48));
  // The node works elsewhere: paths of this directory are made absolute.
  CHECK(asked.keys_directory == (std::filesystem::current_path() / "k").string());
  CHECK_THAT(Backup(node, {"/backup/a", "--output", "json"}).out, Contains("\"tree_size\":\"7\""));
  CHECK(Backup(node, {"/backup/a", "--keys-days", "91"}).code == ToInt(ExitCode::kUsage));
}

TEST_CASE("what is no backup, and a journal that was not restored, are said to be so") {
  const JournalWithReceipt journal;
  const tests::TempDir space;
  const auto restore = tests::RunNdxctl({"journal", "restore", "--from", journal.directory(),
                                         "--to", space.File("r"), "--key", journal.key_file()});
  CHECK(restore.code == ToInt(ExitCode::kNotFound));
  CHECK_THAT(restore.err, Contains("holds no backup"));
  const auto accept =
      tests::RunNdxctl({"journal", "accept", "--directory", journal.directory(), "--key",
                        journal.key_file(), "--known", journal.receipt_file()});
  CHECK(accept.code == ToInt(ExitCode::kFailed));
  CHECK_THAT(accept.err, Contains("was not restored"));
  const auto no_key = tests::RunNdxctl({"journal", "restore", "--from", journal.directory(), "--to",
                                        space.File("r"), "--key", space.File("none")});
  CHECK(no_key.code == ToInt(ExitCode::kUsage));
}

}  // namespace
}  // namespace ndx::tools::ndxctl
