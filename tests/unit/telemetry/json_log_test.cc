#include "ndx/telemetry/json_log.h"

#include <catch2/catch.hpp>
#include <fstream>
#include <string>
#include <vector>

#include "ndx/tests/support/fake_clock.h"
#include "ndx/tests/support/temp_dir.h"

namespace ndx::telemetry {
namespace {

using Catch::Contains;

std::vector<std::string> LinesOf(const std::string& file) {
  std::ifstream in(file);
  std::vector<std::string> lines;
  for (std::string line; std::getline(in, line);) lines.push_back(line);
  return lines;
}

TEST_CASE("lines at or above the severity are in the file, in order, when the log is closed") {
  const tests::TempDir directory;
  const tests::FakeClock clock;
  const std::string file = directory.File("node.log");
  {
    auto log = JsonLog::Open({.file = file, .severity_min = LogSeverity::kWarning}, clock);
    REQUIRE(log.ok());
    CHECK_FALSE((*log)->Wants(LogEvent::kNodeReady));
    CHECK((*log)->Wants(LogEvent::kProviderDown));
    (*log)->Write(LogEvent::kNodeReady, {{"not", "written"}});
    (*log)->Write(LogEvent::kProviderDown, {{"provider", "a"}});
    (*log)->Write(LogEvent::kJournalWriteFailed, {{"error", absl::DataLossError("x")}});
  }
  const auto lines = LinesOf(file);
  REQUIRE(lines.size() == 2);
  CHECK_THAT(lines[0], Contains("provider.down"));
  CHECK_THAT(lines[1], Contains("journal.write_failed"));
}

TEST_CASE("one line past the rate of an event is held back, and the next second says how many") {
  const tests::TempDir directory;
  tests::FakeClock clock;
  const std::string file = directory.File("node.log");
  {
    auto log = JsonLog::Open({.file = file}, clock);
    REQUIRE(log.ok());
    for (uint64_t i = 0; i < kLogLinesPerSecondMax + 2; ++i) {
      (*log)->Write(LogEvent::kHandshakeRefused, {{"n", i}});
    }
    (*log)->Write(LogEvent::kNodeReady);  // another event has a rate of its own
    CHECK((*log)->lines_suppressed() == 2);
    clock.Advance(absl::Seconds(1));
    (*log)->Write(LogEvent::kHandshakeRefused);
    (*log)->Write(LogEvent::kHandshakeRefused);
  }
  const auto lines = LinesOf(file);
  REQUIRE(lines.size() == kLogLinesPerSecondMax + 3);
  CHECK_THAT(lines[kLogLinesPerSecondMax + 1], Contains("\"suppressed\":2"));
  CHECK(lines.back().find("suppressed") == std::string::npos);
}

TEST_CASE("a log file that cannot be opened is an error that names it") {
  const tests::TempDir directory;
  const tests::FakeClock clock;
  const auto log = JsonLog::Open({.file = directory.File("missing/node.log")}, clock);
  CHECK(log.status().code() == absl::StatusCode::kUnavailable);
  CHECK_THAT(std::string(log.status().message()), Contains("missing/node.log"));
}

}  // namespace
}  // namespace ndx::telemetry
