#include "ndx/tools/ndxctl/report_file.h"

#include <catch2/catch.hpp>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>

#include "ndx/tests/unit/console/console_fixture.h"
#include "ndx/tests/unit/tools/ndxctl/report_journal.h"

namespace ndx::tools::ndxctl {
namespace {

namespace api = console::v1;
namespace fs = std::filesystem;
using journal::v1::JOURNAL_EVENT_ANSWERED;
using journal::v1::JOURNAL_EVENT_OPERATOR_READ;
using tests::ExchangeLeaf;
using tests::ReportJournal;

struct Fixture {
  Fixture() {
    node.Append(ExchangeLeaf(JOURNAL_EVENT_ANSWERED, 1), {"q"}, {"a"});
    node.Append(ExchangeLeaf(JOURNAL_EVENT_ANSWERED, 2, "VN:GOV:H56:mot-cua"), {"q"}, {"a"});
    node.Append(ExchangeLeaf(JOURNAL_EVENT_OPERATOR_READ, 1));
    part = node.Answer({1, 2});
    Judge({node.vkey()}, part);
    REQUIRE(part.source.verdict() == api::SOURCE_VERDICT_VERIFIED);
  }
  ReportJournal node{"lgsp.test"};
  const tests::TempDir space;
  ReportPart part;
};

std::string ReadAll(const std::string& path) {
  std::ifstream in(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), {}};
}

TEST_CASE(
    "a report comes back from its file as it was, with its verdict, as directory or archive") {
  Fixture f;
  for (const char* name : {"report", "report.tar"}) {
    const std::string path = f.space.File(name);
    const auto digest = WriteReportFile(f.part, path);
    REQUIRE(digest.ok());
    CHECK(digest->size() == 64);
    CHECK(absl::IsAlreadyExists(WriteReportFile(f.part, path).status()));
    const auto read = ReadReportFile(path, {f.node.vkey()});
    REQUIRE(read.ok());
    INFO(read->source.problem());
    CHECK(read->source.verdict() == api::SOURCE_VERDICT_VERIFIED);
    CHECK(read->source.file() == path);
    CHECK(read->source.root() == f.part.source.root());
    CHECK(read->scope.SerializeAsString() == f.part.scope.SerializeAsString());
    CHECK(read->head.SerializeAsString() == f.part.head.SerializeAsString());
    REQUIRE(read->exchanges.size() == 2);
    CHECK(read->exchanges[0].SerializeAsString() == f.part.exchanges[0].SerializeAsString());
    CHECK(ReadReportFile(path, {})->source.verdict() == api::SOURCE_VERDICT_OWN_KEY);
  }
  // The person stands in the report's own file and in no other.
  for (const auto& entry : fs::recursive_directory_iterator(f.space.File("report"))) {
    const bool own = entry.path().filename() == kReportScopeFile;
    if (entry.is_regular_file()) {
      CHECK((ReadAll(entry.path()).find(tests::kReportedPerson) != std::string::npos) == own);
    }
  }
}

TEST_CASE("a report of nothing is a report") {
  ReportJournal node("lgsp.test");
  const tests::TempDir space;
  ReportPart part = node.Answer({});
  Judge({}, part);
  REQUIRE(WriteReportFile(part, space.File("r.tar")).ok());
  CHECK(ReadReportFile(space.File("r.tar"), {node.vkey()})->source.verdict() ==
        api::SOURCE_VERDICT_VERIFIED);
}

TEST_CASE("whatever is changed, removed or left out in a file makes it rejected") {
  Fixture f;
  const std::string good = f.space.File("good");
  REQUIRE(WriteReportFile(f.part, good).ok());
  int changed = 0;
  for (const auto& entry : fs::recursive_directory_iterator(good)) {
    if (!entry.is_regular_file()) continue;
    const std::string bad = f.space.File("bad");
    for (const bool removed : {false, true}) {
      fs::remove_all(bad);
      fs::copy(good, bad, fs::copy_options::recursive);
      const fs::path file = fs::path(bad) / fs::relative(entry.path(), good);
      std::string bytes = ReadAll(file);
      bytes[bytes.size() / 2] ^= 1;
      removed ? (void)fs::remove(file) : (void)(std::ofstream(file, std::ios::binary) << bytes);
      const auto read = ReadReportFile(bad, {f.node.vkey()});
      INFO(file << (removed ? " removed" : " changed"));
      const bool found = !read.ok() || read->source.verdict() == api::SOURCE_VERDICT_REJECTED;
      CHECK(found);
      ++changed;
    }
  }
  CHECK(changed == 2 * 9);  // manifest, checkpoint, vkey, leaves, report, four receipts
}

TEST_CASE("a file of something else is refused") {
  const tests::TempDir space;
  CHECK(absl::IsNotFound(ReadReportFile(space.File("none.tar"), {}).status()));
  fs::create_directory(space.File("empty"));
  CHECK(absl::IsInvalidArgument(ReadReportFile(space.File("empty"), {}).status()));
}

}  // namespace
}  // namespace ndx::tools::ndxctl
