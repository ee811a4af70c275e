// An auditor's machine: exports imported and searched, without a node.
#include <catch2/catch.hpp>
#include <string>
#include <vector>

#include "ndx/tests/unit/console/console_fixture.h"
#include "ndx/tests/unit/tools/ndxctl/journal_with_receipt.h"
#include "ndx/tests/unit/tools/ndxctl/ndxctl_run.h"
#include "ndx/tools/ndxctl/exit_code.h"

namespace ndx::tools::ndxctl {
namespace {

using Catch::Contains;
using tests::ExchangeIdText;
using tests::JournalWithReceipt;
using tests::RunNdxctl;
using Arguments = std::vector<std::string>;

// A journal of one start and one exchange, exported.
struct Scene {
  Scene() {
    REQUIRE(RunNdxctl({"journal", "export", "--tiles", space.File("tiles"), "--directory",
                       journal.directory(), "--key", journal.key_file()})
                .code == 0);
    REQUIRE(RunNdxctl({"journal", "export", "--ndjson", space.File("lines"), "--directory",
                       journal.directory(), "--key", journal.key_file()})
                .code == 0);
  }
  tests::NdxctlRun Import(Arguments sources) {
    sources.insert(sources.begin(), {"journal", "import"});
    sources.insert(sources.end(), {"--to", space.File("copy"), "--key", journal.key_file()});
    return RunNdxctl(sources);
  }
  tests::NdxctlRun Ask(Arguments arguments, core::Language language = core::Language::kEnglish) {
    arguments.insert(arguments.begin(), "journal");
    arguments.insert(arguments.end(), {"--directory", space.File("copy")});
    return RunNdxctl(arguments, language);
  }

  JournalWithReceipt journal;
  tests::TempDir space;
};

TEST_CASE("imported exports are listed and shown with the same filters as a node's journal") {
  Scene scene;
  const auto imported = scene.Import({scene.space.File("tiles")});
  INFO(imported.out << imported.err);
  REQUIRE(imported.code == 0);
  CHECK(imported.out == "node.test/journal/1: 2 records imported, now 2 of 2\n");
  const auto list = scene.Ask({"list", "--from", "2020-01-01"});
  INFO(list.err);
  REQUIRE(list.code == 0);
  CHECK_THAT(list.out, Contains(ExchangeIdText(1)));
  CHECK_THAT(list.err, Contains("2 records imported of 2") && !Contains("NOT PROVED"));
  CHECK_THAT(scene.Ask({"list", "--from", "2020-01-01", "--filter", "outcome = failed"}).out,
             !Contains(ExchangeIdText(1)));
  CHECK_THAT(
      scene.Ask({"list", "--from", "2020-01-01", "--filter", "consumer = \"VN:GOV:H55*\""}).out,
      Contains(ExchangeIdText(1)));
  CHECK_THAT(scene.Ask({"show", ExchangeIdText(1)}).out, Contains(ExchangeIdText(1)));
  CHECK_THAT(scene.Ask({"records", "--from", "2020-01-01"}).out, Contains("NODE_STARTED"));
}

TEST_CASE("what needs the node or is not there is said to") {
  Scene scene;
  CHECK(scene.Ask({"list"}).code == ToInt(ExitCode::kNotFound));
  REQUIRE(scene.Import({scene.space.File("tiles")}).code == 0);
  const auto dossier = scene.Ask({"list", "--from", "2020-01-01", "--filter", "dossier = a"});
  CHECK(dossier.code != 0);
  CHECK_THAT(dossier.err, Contains("need the running node"));
  const auto payload = scene.Ask({"show", ExchangeIdText(1), "--payload", "--reason", "x"});
  CHECK(payload.code != 0);
  CHECK_THAT(payload.err, Contains("ndx-verify bundle"));
  CHECK(scene.Ask({"show", ExchangeIdText(7)}).code != 0);
}

TEST_CASE("lines are proved by a receipt, or taken and counted as not proved") {
  Scene scene;
  const std::string lines = scene.space.File("lines");
  const auto alone = scene.Import({lines});
  CHECK(alone.code == ToInt(ExitCode::kFailed));
  CHECK_THAT(alone.err, Contains("give a checkpoint or receipt"));
  CHECK(scene.Import({lines, "--checkpoint", scene.journal.receipt_file()}).code == 0);
  CHECK_THAT(scene.Ask({"list", "--from", "2020-01-01"}).err, !Contains("NOT PROVED"));
  CHECK(RunNdxctl({"journal", "import", lines, "--to", scene.space.File("other"), "--key",
                   scene.space.File("none")})
            .code == ToInt(ExitCode::kUsage));
}

}  // namespace
}  // namespace ndx::tools::ndxctl
