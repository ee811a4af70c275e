#include <catch2/catch.hpp>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>
#include <vector>

#include "ndx/crypto/ed25519.h"
#include "ndx/journal/signed_note.h"
#include "ndx/tests/unit/console/console_fixture.h"
#include "ndx/tests/unit/tools/ndxctl/ndxctl_run.h"
#include "ndx/tests/unit/tools/ndxctl/report_journal.h"
#include "ndx/tools/ndxctl/exit_code.h"
#include "ndx/tools/ndxctl/report_file.h"

namespace ndx::tools::ndxctl {
namespace {

namespace fs = std::filesystem;
using Catch::Contains;
using journal::v1::JOURNAL_EVENT_ANSWERED;
using tests::ExchangeIdText;
using tests::ExchangeLeaf;
using tests::ReportJournal;
using tests::RunNdxctl;
using Arguments = std::vector<std::string>;

std::string Exported(ReportJournal& node, const std::vector<int>& exchanges,
                     const std::string& path) {
  ReportPart part = node.Answer(exchanges);
  Judge({node.vkey()}, part);
  REQUIRE(WriteReportFile(part, path).ok());
  return path;
}

std::string ReadAll(const std::string& path) {
  std::ifstream in(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), {}};
}

// Two nodes that an exchange crossed, and what each exported.
struct TwoNodes {
  TwoNodes() {
    lgsp.Append(ExchangeLeaf(JOURNAL_EVENT_ANSWERED, 1), {"q"}, {"a"});
    auto relayed = ExchangeLeaf(JOURNAL_EVENT_ANSWERED, 1);
    relayed.add_relay_path("lgsp");
    ndxp.Append(relayed, {"q"}, {"a"});
    ndxp.Append(ExchangeLeaf(JOURNAL_EVENT_ANSWERED, 2), {"q"}, {"a"});
    first = Exported(lgsp, {1}, space.File("lgsp.tar"));
    second = Exported(ndxp, {1, 2}, space.File("ndxp"));
  }
  tests::NdxctlRun Merge(Arguments more) const {
    Arguments arguments = {"subject", "report", "--merge", first, second};
    arguments.insert(arguments.end(), more.begin(), more.end());
    return RunNdxctl(arguments);
  }
  ReportJournal lgsp{"lgsp.test"};
  ReportJournal ndxp{"ndxp.test"};
  const tests::TempDir space;
  std::string first;
  std::string second;
};

TEST_CASE("what two nodes exported is put together without a node, each source with its verdict") {
  const TwoNodes nodes;
  const auto run =
      nodes.Merge({"--key", nodes.lgsp.key_file(), "--page", nodes.space.File("p.html")});
  INFO(run.err);
  CHECK(run.code == 0);
  CHECK_THAT(run.out, Contains("2 exchanges by 1 systems for 1 purposes"));
  CHECK_THAT(run.out, Contains("N1,N2"));
  CHECK_THAT(run.out, Contains("basic: person.full_name"));
  CHECK_THAT(run.out, Contains("verified against the key given"));
  CHECK_THAT(run.out, Contains("agrees with itself alone"));
  CHECK_THAT(run.err, Contains("sheets of A4"));
  CHECK_THAT(ReadAll(nodes.space.File("p.html")), Contains(ExchangeIdText(2)));
  CHECK((fs::status(nodes.space.File("p.html")).permissions() & fs::perms::mask) ==
        (fs::perms::owner_read | fs::perms::owner_write));
  const auto json = nodes.Merge({"--output", "json"});
  CHECK_THAT(json.out, Contains("\"exchange_id\":\"" + ExchangeIdText(2) + "\""));
  CHECK_THAT(json.out, Contains("\"complete\":true"));
  CHECK(tests::LinesOf(json.out).size() == 1);
  const auto vietnamese = nodes.Merge({"--language", "vi"});
  CHECK_THAT(vietnamese.out, Contains("2 giao dịch của 1 hệ thống"));
}

TEST_CASE("a source that does not hold is named, left out, and ends with not intact") {
  const TwoNodes nodes;
  // A key of the journal's name that is another's.
  const auto other = crypto::Ed25519PrivateKey::FromSeed(std::string(32, 'o'));
  const auto key = journal::NoteVerifier::FromPublicKey("ndxp.test/journal/1", other->public_key());
  REQUIRE(key.ok());
  std::ofstream(nodes.space.File("wrong.vkey")) << key->vkey() << "\n";
  const auto run = nodes.Merge({"--key", nodes.space.File("wrong.vkey")});
  CHECK(run.code == ToInt(ExitCode::kNotIntact));
  CHECK_THAT(run.out, Contains("REJECTED"));
  CHECK_THAT(run.out, Contains("1 exchanges by 1 systems"));
  CHECK_THAT(run.err, Contains("NOT COMPLETE"));
}

TEST_CASE("what is wrong on the command line is said") {
  const TwoNodes nodes;
  const auto usage = [](const Arguments& arguments) {
    const auto run = RunNdxctl(arguments);
    INFO(run.err);
    CHECK(run.code == ToInt(ExitCode::kUsage));
    return run.err;
  };
  CHECK_THAT(usage({"subject", "report"}), Contains("--merge"));
  CHECK_THAT(usage({"subject", "report", "--subject", "999085001234", "--merge", nodes.first}),
             Contains("--merge"));
  CHECK_THAT(usage({"subject", "report", "--merge", nodes.space.File("none")}), Contains("none"));
  CHECK_THAT(usage({"subject", "report", "--merge", nodes.first, "--key", nodes.space.File("k")}),
             Contains("k"));
  usage({"subject", "report", "--merge", nodes.first, "--export", nodes.space.File("e")});
  usage({"subject", "report", "--merge", nodes.first, "--language", "fr"});
  usage({"subject", "report", "--merge", nodes.first, "--page", nodes.space.File("no/p.html")});
  usage({"subject", "report", "--subject", "999085001234", "--from", "yesterday"});
}

TEST_CASE("what a node says of itself is judged before it is shown, and not exported unproved") {
  tests::ConsoleFixture node;  // whose receipts are none
  const tests::TempDir space;
  const auto report = [&](Arguments more) {
    Arguments arguments = {"subject", "report", "--socket", node.socket()};
    arguments.insert(arguments.end(), more.begin(), more.end());
    return RunNdxctl(arguments);
  };
  const auto run = report({"--subject", "999085001234", "--case", "17", "--reason", "request",
                           "--export", space.File("e")});
  CHECK(run.code == ToInt(ExitCode::kNotIntact));
  CHECK_THAT(run.out, Contains("REJECTED"));
  CHECK_FALSE(fs::exists(space.File("e")));
  CHECK_THAT(run.out + run.err, !Contains("999085001234"));
  const auto refused = report({"--subject", "99908500123", "--case", "17", "--reason", "request"});
  CHECK(refused.code == ToInt(ExitCode::kFailed));
  CHECK_THAT(refused.err, Contains("12 digits"));
  CHECK_THAT(refused.err, !Contains("99908500123"));
  CHECK(report({"--subject", "999085001234"}).code != 0);  // no reason
}

}  // namespace
}  // namespace ndx::tools::ndxctl
