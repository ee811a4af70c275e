#include <catch2/catch.hpp>
#include <filesystem>
#include <fstream>
#include <string>
#include <vector>

#include "ndx/tests/support/proto_source.h"
#include "ndx/tests/support/registry_fixture.h"
#include "ndx/tests/unit/console/console_fixture.h"
#include "ndx/tests/unit/tools/ndxctl/ndxctl_run.h"
#include "ndx/tools/ndxctl/exit_code.h"

namespace ndx::tools::ndxctl {
namespace {

using Catch::Contains;
using journal::v1::JOURNAL_EVENT_ANSWERED;
using journal::v1::JOURNAL_EVENT_IN_DOUBT;
using journal::v1::JOURNAL_EVENT_NODE_STARTED;
using journal::v1::JOURNAL_EVENT_REFUSED;
using tests::ConsoleFixture;
using tests::ExchangeIdText;
using tests::ExchangeLeaf;
using tests::LinesOf;

tests::NdxctlRun RunJournal(ConsoleFixture& node, std::vector<std::string> arguments,
                            core::Language language = core::Language::kEnglish) {
  arguments.insert(arguments.end(), {"--socket", node.socket()});
  return tests::RunNdxctl(arguments, language);
}

TEST_CASE("exchanges are listed under headings of the operator's language") {
  ConsoleFixture node;
  auto refused = ExchangeLeaf(JOURNAL_EVENT_REFUSED, 1);
  refused.set_error_reason("NO_GRANT");
  refused.set_duration_us(1500);
  node.journal().Put(refused);
  node.journal().Put(ExchangeLeaf(JOURNAL_EVENT_IN_DOUBT, 2));
  const auto english = RunJournal(node, {"journal", "list"});
  REQUIRE(english.code == 0);
  const auto lines = LinesOf(english.out);
  REQUIRE(lines.size() == 3);
  CHECK_THAT(lines[0], Contains("EXCHANGE") && Contains("CONSUMER"));
  CHECK_THAT(lines[1], Contains(ExchangeIdText(2)) && Contains("in-doubt"));
  CHECK_THAT(lines[2], Contains("2025-06-15 22:06:40.000") && Contains("refused") &&
                           Contains("PeopleService/LookUp") && Contains("1.500 ms") &&
                           Contains("NO_GRANT"));
  const auto vietnamese = RunJournal(node, {"journal", "list"}, core::Language::kVietnamese);
  CHECK_THAT(vietnamese.out, Contains("MÃ GIAO DỊCH") && Contains("BÊN KHAI THÁC") &&
                                 Contains("chưa rõ kết quả") && Contains("bị từ chối"));
}

TEST_CASE("a list passes its filters on and follows pages up to its limit") {
  ConsoleFixture node;
  for (int i = 0; i < 450; ++i) {
    node.journal().Put(
        ExchangeLeaf(i % 3 == 0 ? JOURNAL_EVENT_REFUSED : JOURNAL_EVENT_ANSWERED, i));
  }
  const auto count = [&](std::vector<std::string> more) {
    std::vector<std::string> arguments = {"journal", "list", "--output", "json"};
    arguments.insert(arguments.end(), more.begin(), more.end());
    const auto run = RunJournal(node, arguments);
    REQUIRE(run.code == 0);
    return LinesOf(run.out).size();
  };
  CHECK(count({}) == 50);
  CHECK(count({"--limit", "1000"}) == 450);
  CHECK(count({"--limit", "201"}) == 201);
  CHECK(count({"--limit", "1000", "--outcome", "refused"}) == 150);
  CHECK(count({"--limit", "1000", "--outcome", "refused,answered"}) == 450);
  CHECK(count({"--limit", "1000", "--consumer", "VN:GOV:H20*"}) == 0);
  CHECK(count({"--limit", "1000", "--method", "LookUp"}) == 450);
  CHECK(count({"--limit", "1000", "--from", "2025-06-15", "--to", "2025-06-16"}) == 450);
  CHECK(count({"--limit", "1000", "--from", "2025-06-16"}) == 0);
  CHECK(RunJournal(node, {"journal", "list", "--from", "yesterday"}).code == 2);
}

TEST_CASE("a filter narrows with the options; what is wrong with it is shown under it") {
  ConsoleFixture node;
  auto slow = ExchangeLeaf(JOURNAL_EVENT_ANSWERED, 1);
  slow.set_duration_us(3'000'000);
  node.journal().Put(slow);
  node.journal().Put(ExchangeLeaf(JOURNAL_EVENT_ANSWERED, 2));
  const auto list = [&](const std::string& filter, core::Language language) {
    return RunJournal(
        node, {"journal", "list", "--from", "2025-06-15", "--consumer", "VN*", "--filter", filter},
        language);
  };
  const auto found = list("duration > 2s OR outcome = failed", core::Language::kEnglish);
  REQUIRE(found.code == 0);
  CHECK(LinesOf(found.out).size() == 2);
  CHECK_THAT(found.out, Contains(ExchangeIdText(1)));
  CHECK_THAT(found.err, Contains("searched from 2025-06-15 00:00:00.000"));
  const auto wrong = list("purpose = \"cấp\" AND colour = red", core::Language::kVietnamese);
  CHECK(wrong.code == 2);
  CHECK_THAT(wrong.err, Contains("bộ lọc, ký tự 21: không có trường nào tên như vậy") &&
                            Contains("\n  purpose = \"cấp\" AND colour = red\n" +
                                     std::string(22, ' ') + "^\n"));
  CHECK_THAT(list("subject = 001088012345", core::Language::kEnglish).err,
             Contains("CASE_NUMBER_MISSING"));
  const auto person =
      RunJournal(node, {"journal", "list", "--from", "2025-06-15", "--filter",
                        "subject = 001088012345", "--case", "17", "--reason", "complaint"});
  CHECK(person.code == 0);
  CHECK_THAT(person.err, Contains("3 newest leaves not yet known by person"));
}

TEST_CASE("the index is built anew by a command") {
  ConsoleFixture node;
  node.journal().Put(ExchangeLeaf(JOURNAL_EVENT_ANSWERED, 1));
  const auto run = RunJournal(node, {"journal", "reindex"});
  CHECK(run.code == 0);
  CHECK_THAT(run.out, Contains("built anew from 1 leaves"));
}

TEST_CASE("an exchange is shown with its leaves") {
  ConsoleFixture node;
  node.journal().Put(ExchangeLeaf(journal::v1::JOURNAL_EVENT_REQUEST_OPENED, 1));
  node.journal().Put(ExchangeLeaf(JOURNAL_EVENT_ANSWERED, 1));
  const auto run = RunJournal(node, {"journal", "show", ExchangeIdText(1)});
  REQUIRE(run.code == 0);
  CHECK_THAT(run.out, Contains(ExchangeIdText(1)) && Contains("VN:GOV:H55:mot-cua") &&
                          Contains("REQUEST_OPENED") && Contains("ANSWERED"));
  const auto missing = RunJournal(node, {"journal", "show", ExchangeIdText(9)});
  CHECK(missing.code == ToInt(ExitCode::kNotFound));
  CHECK_THAT(missing.err, Contains("EXCHANGE_UNKNOWN"));
}

TEST_CASE(
    "who the officer is, is shown as a reference and with how it is known; who signed, by key") {
  ConsoleFixture node;
  const auto put = [&](int number, bool proved) {
    auto leaf = ExchangeLeaf(JOURNAL_EVENT_ANSWERED, number);
    leaf.mutable_officer()->set_hmac(std::string(16, '\x1a'));
    leaf.mutable_officer()->set_key_year(2026);
    leaf.mutable_officer()->set_proved(proved);
    if (proved) leaf.set_signature_key_id(std::string(64, 'e'));
    node.journal().Put(leaf);
  };
  put(1, true);
  put(2, false);
  const auto proved = RunJournal(node, {"journal", "show", ExchangeIdText(1)});
  CHECK_THAT(proved.out, Contains("ref. 1a1a1a1a…/2026, proved by the officer's own token") &&
                             Contains(std::string(64, 'e')));
  const auto stated = RunJournal(node, {"journal", "show", ExchangeIdText(2)});
  CHECK_THAT(stated.out,
             Contains("stated by the system") && !Contains("signed by") && !Contains("proved"));
}

TEST_CASE("the way of an exchange over other nodes is shown, and where its error arose") {
  ConsoleFixture node;
  auto leaf = ExchangeLeaf(journal::v1::JOURNAL_EVENT_FAILED, 1);
  leaf.add_relay_path("VN:GOV:H55:lgsp");
  leaf.set_relayed_to("VN:GOV:G01:ndxp");
  leaf.set_error_node("VN:GOV:G98:truc");
  node.journal().Put(leaf);
  node.journal().Put(ExchangeLeaf(JOURNAL_EVENT_ANSWERED, 2));
  const auto relayed = RunJournal(node, {"journal", "show", ExchangeIdText(1)});
  CHECK_THAT(relayed.out, Contains("VN:GOV:H55:lgsp → VN:GOV:G01:ndxp\n") &&
                              Contains("error at node") && Contains("VN:GOV:G98:truc"));
  const auto own = RunJournal(node, {"journal", "show", ExchangeIdText(2)});
  CHECK_THAT(own.out, !Contains("nodes") && !Contains("error at node"));
}

TEST_CASE("a payload is shown as JSON of its registered type, with a reason and a leaf") {
  ConsoleFixture node;
  tests::ProtoSource protos({{"probe/v1/probe.proto", tests::ProbeProto()}});
  const auto request = protos.Parse("probe.v1.LookUpRequest", "name: 'Lê'")->SerializeAsString();
  node.journal().Put(ExchangeLeaf(JOURNAL_EVENT_ANSWERED, 1), {request}, {"\xff"});
  CHECK(RunJournal(node, {"journal", "show", ExchangeIdText(1), "--payload"}).code ==
        ToInt(ExitCode::kFailed));
  CHECK(node.journal().size() == 1);
  const auto run = RunJournal(node, {"journal", "show", ExchangeIdText(1), "--payload", "--case",
                                     "17", "--reason", "complaint"});
  REQUIRE(run.code == 0);
  CHECK_THAT(run.out, Contains("probe.v1.LookUpRequest") && Contains("\"name\": \"Lê\""));
  // An answer that is not of its type is shown as bytes.
  CHECK_THAT(run.out, Contains("probe.v1.LookUpResponse\nff\n"));
  CHECK(node.journal().size() == 2);
}

TEST_CASE("the tail begins with the backlog and ends after its count") {
  ConsoleFixture node;
  for (int i = 0; i < 5; ++i) node.journal().Put(ExchangeLeaf(JOURNAL_EVENT_ANSWERED, i));
  const auto run = RunJournal(node, {"journal", "tail", "--backlog", "3", "--count", "3"});
  CHECK(run.code == 0);
  const auto lines = LinesOf(run.out);
  REQUIRE(lines.size() == 3);
  CHECK_THAT(lines[0], Contains(ExchangeIdText(2)));
  CHECK_THAT(lines[2], Contains(ExchangeIdText(4)));
}

TEST_CASE("records of any kind are listed, by event and operator") {
  ConsoleFixture node;
  journal::v1::JournalLeaf start;
  start.set_event(JOURNAL_EVENT_NODE_STARTED);
  start.mutable_start()->set_version("0.1.0");
  start.mutable_start()->set_in_doubt(2);
  node.journal().Put(start);
  auto read = ExchangeLeaf(journal::v1::JOURNAL_EVENT_OPERATOR_READ, 1);
  read.set_operator_name("lan");
  read.set_operator_action("GetExchange");
  read.set_operator_reason("case 17");
  node.journal().Put(read);
  const auto all = RunJournal(node, {"journal", "records"});
  CHECK_THAT(all.out, Contains("NODE_STARTED") && Contains("0.1.0, 0 leaves, 2 in doubt") &&
                          Contains("lan: GetExchange, case 17"));
  CHECK(LinesOf(RunJournal(node, {"journal", "records", "--event", "node_started"}).out).size() ==
        2);
  CHECK(LinesOf(RunJournal(node, {"journal", "records", "--operator", "minh"}).out).size() == 1);
  CHECK(RunJournal(node, {"journal", "records", "--event", "NOTHING"}).code == 2);
}

TEST_CASE("a verification on the node says whether the journal is intact") {
  ConsoleFixture node;
  node.verify_report().leaves = 12;
  node.verify_report().payloads = 9;
  const auto intact = RunJournal(node, {"journal", "verify"});
  CHECK(intact.code == 0);
  CHECK(intact.out == "intact, 12 leaves verified, 9 payloads\n");
  node.verify_report().payloads_pruned = 3;
  CHECK(RunJournal(node, {"journal", "verify"}).out ==
        "intact, 12 leaves verified, 9 payloads, 3 payloads gone after their time\n");
  node.verify_report().problems.push_back({.first_leaf = 7, .end_leaf = 8, .what = "changed"});
  const auto altered = RunJournal(node, {"journal", "verify"});
  CHECK(altered.code == ToInt(ExitCode::kNotIntact));
  CHECK_THAT(altered.out, Contains("NOT INTACT, 1 findings") && Contains("record 7"));
}

TEST_CASE("a copy needs the node's key, and a directory that is no journal says so") {
  const tests::TempDir directory;
  CHECK(tests::RunNdxctl({"journal", "verify", "--directory", directory.path()}).code == 2);
  CHECK(tests::RunNdxctl({"journal", "verify", "--directory", directory.path(), "--key",
                          directory.File("absent")})
            .code == 2);
  std::ofstream(directory.File("line")) << "no vkey\n";
  CHECK(tests::RunNdxctl(
            {"journal", "verify", "--directory", directory.path(), "--key", directory.File("line")})
            .code == ToInt(ExitCode::kUsage));
  // Of Go's checksum database.
  std::ofstream(directory.File("key"))
      << "sum.golang.org+033de0ae+Ac4zctda0e5eza+HJyk9SxEdh+s3Ux18htTTAD8OuAn8\n";
  CHECK(tests::RunNdxctl(
            {"journal", "verify", "--directory", directory.path(), "--key", directory.File("key")})
            .code == ToInt(ExitCode::kFailed));
}

}  // namespace
}  // namespace ndx::tools::ndxctl
