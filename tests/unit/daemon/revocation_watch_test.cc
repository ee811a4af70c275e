#include "ndx/daemon/revocation_watch.h"

#include <catch2/catch.hpp>
#include <filesystem>
#include <fstream>
#include <string>

#include "absl/strings/str_cat.h"
#include "ndx/tests/support/certificate_authority.h"
#include "ndx/tests/support/fake_clock.h"
#include "ndx/tests/support/recorded_log.h"

namespace ndx::daemon {
namespace {

using Catch::Contains;
using telemetry::LogEvent;

// An authority with a list that is out of date since 2026-01-02, and what watches it. The clock
// says 2026-01-01T23:00:00Z.
struct ListScene {
  ListScene() { authority.WriteCrl(list, "20260101000000Z", "20260102000000Z"); }
  std::string File(const std::string& name) const { return authority.File(name); }

  tests::CertificateAuthority authority;
  const std::string list = authority.File("list.crl");
  tests::FakeClock clock{absl::FromCivil(absl::CivilHour(2026, 1, 1, 23), absl::UTCTimeZone())};
  telemetry::MetricRegistry metrics;
  tests::RecordedLog log;
  security::Authenticator authenticator{""};
};

TEST_CASE("how a list stands is in the metrics, and said once when it is out of date") {
  ListScene scene;
  const std::string& list = scene.list;
  RevocationWatch watch({.crl_files = {list}, .ca_file = scene.authority.ca_file()},
                        {scene.authenticator, scene.clock, scene.log, scene.metrics});
  REQUIRE(watch.ReadAll().ok());
  const std::string labels = absl::StrCat("{file=\"", list, "\"} ");
  CHECK_THAT(scene.metrics.Exposition(),
             Contains(absl::StrCat("ndx_revocation_list_seconds_left", labels, "3600")));
  CHECK_THAT(scene.metrics.Exposition(),
             Contains(absl::StrCat("ndx_revocation_list_sound", labels, "1")));
  CHECK(scene.log.CountOf(LogEvent::kRevocationListStale) == 0);

  scene.clock.Advance(absl::Hours(1) + absl::Seconds(30));
  for (int i = 0; i < 3; ++i) watch.LookAgain();
  CHECK(scene.log.CountOf(LogEvent::kRevocationListStale) == 1);
  CHECK_THAT(scene.metrics.Exposition(),
             Contains(absl::StrCat("ndx_revocation_list_seconds_left", labels, "-30")));

  scene.authority.WriteCrl(scene.File("new.crl"), "20260102000000Z", "20260202000000Z");
  std::filesystem::rename(scene.File("new.crl"), list);
  watch.LookAgain();
  CHECK(scene.log.CountOf(LogEvent::kRevocationListRead) == 1);
  CHECK(scene.log.CountOf(LogEvent::kRevocationListStale) == 1);
}

TEST_CASE("a file that does not do is counted and said, and its list stays") {
  ListScene scene;
  const std::string& list = scene.list;
  RevocationWatch watch({.crl_files = {list}, .ca_file = scene.authority.ca_file()},
                        {scene.authenticator, scene.clock, scene.log, scene.metrics});
  REQUIRE(watch.ReadAll().ok());
  std::ofstream(scene.File("broken")) << "no list";
  std::filesystem::rename(scene.File("broken"), list);
  for (int i = 0; i < 3; ++i) watch.LookAgain();
  CHECK(scene.log.CountOf(LogEvent::kRevocationListRefused) == 1);
  CHECK(scene.log.Contains(list));
  CHECK_THAT(scene.metrics.Exposition(), Contains("ndx_revocation_list_faults_total 1"));
  const std::string labels = absl::StrCat("{file=\"", list, "\"} ");
  CHECK_THAT(scene.metrics.Exposition(),
             Contains(absl::StrCat("ndx_revocation_list_sound", labels, "0")));
  CHECK_THAT(scene.metrics.Exposition(),
             Contains(absl::StrCat("ndx_revocation_list_seconds_left", labels, "3600")));
  CHECK_FALSE(watch.ReadAll().ok());
}

TEST_CASE("the thread looks by itself, and ends when told") {
  ListScene scene;
  const std::string& list = scene.list;
  RevocationWatch watch({.crl_files = {list}, .ca_file = scene.authority.ca_file()},
                        {scene.authenticator, scene.clock, scene.log, scene.metrics});
  REQUIRE(watch.ReadAll().ok());
  watch.Start(absl::Milliseconds(1));
  scene.authority.WriteCrl(scene.File("new.crl"), "20260102000000Z", "20260202000000Z");
  std::filesystem::rename(scene.File("new.crl"), list);
  while (scene.log.CountOf(LogEvent::kRevocationListRead) == 0) std::this_thread::yield();
}

}  // namespace
}  // namespace ndx::daemon
