#include <catch2/catch.hpp>
#include <filesystem>
#include <fstream>
#include <string>

#include "ndx/tests/unit/console/console_fixture.h"
#include "ndx/tests/unit/tools/ndxctl/journal_with_receipt.h"
#include "ndx/tests/unit/tools/ndxctl/ndxctl_run.h"
#include "ndx/tools/ndxctl/exit_code.h"

namespace ndx::tools::ndxctl {
namespace {

using Catch::Contains;
using tests::JournalWithReceipt;
using tests::RunNdxctl;

std::string ReadAll(const std::string& file) {
  std::ifstream in(file, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), std::istreambuf_iterator<char>()};
}

TEST_CASE("a receipt is verified offline, and with a byte changed it is not") {
  const JournalWithReceipt journal;
  const auto good =
      RunNdxctl({"receipt", "verify", journal.receipt_file(), "--key", journal.key_file()});
  INFO(good.out << good.err);
  CHECK(good.code == 0);
  CHECK_THAT(good.out, Catch::StartsWith("valid  node.test/journal/1, leaf "));
  CHECK_THAT(good.out, Contains("ANSWERED  " + tests::ExchangeIdText(1)) &&
                           Contains("VN:GOV:H55:mot-cua → VN:GOV:G01:population"));
  std::string text = ReadAll(journal.receipt_file());
  const size_t at = text.find("extra ") + 40;
  text[at] = text[at] == 'A' ? 'B' : 'A';
  std::ofstream(journal.receipt_file()) << text;
  const auto altered =
      RunNdxctl({"receipt", "verify", journal.receipt_file(), "--key", journal.key_file()});
  CHECK(altered.code == ToInt(ExitCode::kNotIntact));
  CHECK_THAT(altered.out, Catch::StartsWith("NOT VALID"));
}

TEST_CASE("a copy of a journal verifies, and one changed byte is found and its record named") {
  const JournalWithReceipt journal;
  const auto verify = [&] {
    return RunNdxctl(
        {"journal", "verify", "--directory", journal.directory(), "--key", journal.key_file()});
  };
  const auto good = verify();
  INFO(good.out << good.err);
  CHECK(good.code == 0);
  CHECK_THAT(good.out, Catch::StartsWith("intact, "));
  // Leaves are stored in clear: the file that holds one is known by its text.
  std::filesystem::path record_file;
  for (const auto& entry : std::filesystem::recursive_directory_iterator(journal.directory())) {
    if (!entry.is_regular_file()) continue;
    if (ReadAll(entry.path()).find("LookUp") != std::string::npos) record_file = entry.path();
  }
  REQUIRE_FALSE(record_file.empty());
  std::string bytes = ReadAll(record_file);
  bytes[bytes.find("LookUp")] = 'l';
  std::ofstream(record_file, std::ios::binary) << bytes;
  const auto altered = verify();
  INFO(altered.out << altered.err);
  CHECK(altered.code == ToInt(ExitCode::kNotIntact));
  CHECK_THAT(altered.out,
             Contains("NOT INTACT") && Contains("record " + std::to_string(journal.index())));
}

TEST_CASE("a receipt is fetched from the node, to the output or into a file") {
  tests::ConsoleFixture node;
  node.journal().Put(tests::ExchangeLeaf(journal::v1::JOURNAL_EVENT_ANSWERED, 1));
  const std::string id = tests::ExchangeIdText(1);
  CHECK(RunNdxctl({"receipt", "get", id, "--socket", node.socket()}).out == "receipt 0\n");
  const tests::TempDir directory;
  const std::string file = directory.File("r");
  CHECK(RunNdxctl({"receipt", "get", id, "--file", file, "--socket", node.socket()}).code == 0);
  CHECK(ReadAll(file) == "receipt 0\n");
  CHECK(RunNdxctl({"receipt", "get", tests::ExchangeIdText(2), "--socket", node.socket()}).code ==
        ToInt(ExitCode::kNotFound));
  CHECK(
      RunNdxctl({"receipt", "get", id, "--file", directory.File("no/r"), "--socket", node.socket()})
          .code == ToInt(ExitCode::kUsage));
}

}  // namespace
}  // namespace ndx::tools::ndxctl
