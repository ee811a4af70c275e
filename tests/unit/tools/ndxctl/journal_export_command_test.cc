#include <catch2/catch.hpp>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <string>
#include <vector>

#include "ndx/journal/evidence_bundle.h"
#include "ndx/journal/leaf_line.h"
#include "ndx/tests/unit/console/console_fixture.h"
#include "ndx/tests/unit/tools/ndxctl/journal_with_receipt.h"
#include "ndx/tests/unit/tools/ndxctl/ndxctl_run.h"
#include "ndx/tools/ndxctl/exit_code.h"

namespace ndx::tools::ndxctl {
namespace {

namespace fs = std::filesystem;
using Catch::Contains;
using journal::v1::JOURNAL_EVENT_ANSWERED;
using tests::ConsoleFixture;
using tests::ExchangeIdText;
using tests::ExchangeLeaf;
using tests::JournalWithReceipt;
using tests::LinesOf;
using Arguments = std::vector<std::string>;

tests::NdxctlRun Export(ConsoleFixture& node, Arguments arguments) {
  arguments.insert(arguments.begin(), {"journal", "export"});
  arguments.insert(arguments.end(), {"--socket", node.socket()});
  return tests::RunNdxctl(arguments);
}

tests::NdxctlRun ExportCopy(const JournalWithReceipt& journal, Arguments arguments) {
  arguments.insert(arguments.begin(), {"journal", "export", "--directory", journal.directory(),
                                       "--key", journal.key_file()});
  return tests::RunNdxctl(arguments);
}

std::string ReadAll(const std::string& path) {
  std::ifstream in(path, std::ios::binary);
  std::ostringstream bytes;
  bytes << in.rdbuf();
  return bytes.str();
}

TEST_CASE("the tree is exported from a node, and goes on where it ended") {
  ConsoleFixture node;
  const tests::TempDir space;
  for (int i = 0; i < 300; ++i) node.journal().Put(ExchangeLeaf(JOURNAL_EVENT_ANSWERED, i));
  const auto first = Export(node, {"--tiles", space.File("t")});
  INFO(first.out << first.err);
  REQUIRE(first.code == 0);
  CHECK(first.out == "mem/journal/1: 300 leaves written, checkpoint of 300\n");
  CHECK(fs::exists(space.File("t/tile/entries/001.p/44")));
  node.journal().Put(ExchangeLeaf(JOURNAL_EVENT_ANSWERED, 300));
  const auto second = Export(node, {"--tiles", space.File("t")});
  CHECK(second.out == "mem/journal/1: 1 leaves written, checkpoint of 301\n");
  CHECK(ReadAll(space.File("t/checkpoint")) == node.journal().Checkpoint());
}

TEST_CASE("a node that shows another past, and a key that is not the node's, end with not intact") {
  ConsoleFixture node;
  ConsoleFixture rewritten;
  const tests::TempDir space;
  for (int i = 0; i < 3; ++i) node.journal().Put(ExchangeLeaf(JOURNAL_EVENT_ANSWERED, i));
  for (int i = 5; i < 9; ++i) rewritten.journal().Put(ExchangeLeaf(JOURNAL_EVENT_ANSWERED, i));
  REQUIRE(Export(node, {"--tiles", space.File("t")}).code == 0);
  const auto caught = Export(rewritten, {"--tiles", space.File("t")});
  CHECK(caught.code == ToInt(ExitCode::kNotIntact));
  CHECK_THAT(caught.err, Contains("the log was changed"));
  const JournalWithReceipt other;
  CHECK(Export(node, {"--tiles", space.File("u"), "--key", other.key_file()}).code ==
        ToInt(ExitCode::kNotIntact));
}

TEST_CASE("leaves are exported as lines, by filter") {
  ConsoleFixture node;
  const tests::TempDir space;
  node.journal().Put(ExchangeLeaf(JOURNAL_EVENT_ANSWERED, 1));
  node.journal().Put(ExchangeLeaf(journal::v1::JOURNAL_EVENT_REFUSED, 2));
  REQUIRE(Export(node, {"--ndjson", space.File("l"), "--outcome", "refused"}).code == 0);
  const auto lines = LinesOf(ReadAll(space.File("l")));
  REQUIRE(lines.size() == 1);
  CHECK(journal::ParseLeafLine(lines[0])->index == 1);
  CHECK(Export(node, {"--ndjson", space.File("no/l")}).code == ToInt(ExitCode::kFailed));
  CHECK(Export(node, {"--ndjson", space.File("l"), "--from", "yesterday"}).code ==
        ToInt(ExitCode::kUsage));
}

TEST_CASE("receipts that do not verify are not handed on, and leave no half bundle") {
  ConsoleFixture node;  // whose receipts are none
  const tests::TempDir space;
  node.journal().Put(ExchangeLeaf(JOURNAL_EVENT_ANSWERED, 1));
  const auto run = Export(node, {"--bundle", space.File("b"), ExchangeIdText(1)});
  CHECK(run.code == ToInt(ExitCode::kFailed));
  CHECK_THAT(run.err, Contains("the receipt is not a tlog-proof"));
  CHECK_FALSE(fs::exists(space.File("b")));
  const auto unknown = Export(node, {"--bundle", space.File("b"), ExchangeIdText(9)});
  CHECK(unknown.code == ToInt(ExitCode::kNotFound));
}

TEST_CASE("what a role does not allow, and what is not there, is said as the node says it") {
  ConsoleFixture node({settings::v1::OPERATOR_ROLE_VIEWER});
  const tests::TempDir space;
  node.journal().Put(ExchangeLeaf(JOURNAL_EVENT_ANSWERED, 1), {"ask"}, {"answer"});
  const auto run = Export(node, {"--bundle", space.File("b"), ExchangeIdText(1), "--payload",
                                 "--case", "17", "--reason", "complaint"});
  CHECK(run.code == ToInt(ExitCode::kNotAllowed));
  CHECK_THAT(run.err, Contains("investigator"));
}

TEST_CASE("a copy is exported in each form without a node") {
  const JournalWithReceipt journal;
  const tests::TempDir space;
  REQUIRE(ExportCopy(journal, {"--tiles", space.File("t")}).code == 0);
  REQUIRE(ExportCopy(journal, {"--ndjson", space.File("l")}).code == 0);
  const auto lines = LinesOf(ReadAll(space.File("l")));
  CHECK(lines.size() == journal.index() + 1);
  const std::string entries = ReadAll(space.File("t/tile/entries/000.p/2"));
  CHECK_THAT(entries, Contains(journal::ParseLeafLine(lines.back())->bytes));
  for (const Arguments& which : {Arguments{ExchangeIdText(1)}, Arguments{"--method", "LookUp"},
                                 Arguments{"--from", "2020-01-01"}}) {
    Arguments arguments = {"--bundle", space.File("b")};
    arguments.insert(arguments.end(), which.begin(), which.end());
    const auto run = ExportCopy(journal, arguments);
    INFO(run.err);
    REQUIRE(run.code == 0);
    const auto bundle = journal::BundleReader::Open(space.File("b")).value();
    const auto manifest =
        journal::ParseManifest(bundle.Read(journal::kBundleManifest).value()).value();
    REQUIRE(manifest.exchanges_size() == 1);
    CHECK(manifest.exchanges(0).exchange_id() == ExchangeIdText(1));
    fs::remove_all(space.File("b"));
  }
  CHECK(ExportCopy(journal, {"--bundle", space.File("b"), ExchangeIdText(9)}).code ==
        ToInt(ExitCode::kNotFound));
  const auto payload = ExportCopy(journal, {"--bundle", space.File("b"), ExchangeIdText(1),
                                            "--payload", "--case", "17", "--reason", "complaint"});
  CHECK_THAT(payload.err, Contains("payloads need the node's keys"));
}

TEST_CASE("exactly one form is exported, and a copy needs the node's key") {
  const JournalWithReceipt journal;
  const tests::TempDir space;
  CHECK(ExportCopy(journal, {}).code == ToInt(ExitCode::kUsage));
  CHECK(ExportCopy(journal, {"--tiles", space.File("t"), "--ndjson", space.File("l")}).code ==
        ToInt(ExitCode::kUsage));
  CHECK(tests::RunNdxctl(
            {"journal", "export", "--tiles", space.File("t"), "--directory", journal.directory()})
            .code == ToInt(ExitCode::kUsage));
  CHECK(tests::RunNdxctl({"journal", "export", "--tiles", space.File("t"), "--directory",
                          space.path(), "--key", journal.key_file()})
            .code == ToInt(ExitCode::kFailed));
}

}  // namespace
}  // namespace ndx::tools::ndxctl
