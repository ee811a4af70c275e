#include "ndx/daemon/certificate_watch.h"

#include <catch2/catch.hpp>
#include <cstdio>
#include <cstdlib>
#include <string>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "ndx/core/system_clock.h"
#include "ndx/tests/support/fake_clock.h"
#include "ndx/tests/support/recorded_log.h"
#include "ndx/tests/support/temp_dir.h"

namespace ndx::daemon {
namespace {

using telemetry::LogEvent;

// Files that are replaced as an operator does, and a watch over them.
struct WatchedFiles {
  explicit WatchedFiles(CertificateWatch::Options options = {.interval = absl::Seconds(10)})
      : watch(clock, metrics, log, std::move(options)) {}

  // A certificate that is good for so many days, put in place by rename.
  void Issue(int days) {
    const std::string command = absl::StrCat(
        "cd ", dir.path(),
        " && openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -noenc -subj /CN=a "
        "-days ",
        days, " -keyout new.key -out new.crt 2>/dev/null && mv new.key a.key && mv new.crt a.crt");
    REQUIRE(std::system(command.c_str()) == 0);
  }

  void Show() {
    watch.Show({.use = "listener",
                .certificate_file = dir.File("a.crt"),
                .files = {dir.File("a.crt"), dir.File("a.key")},
                .put = [this] {
                  ++puts;
                  return answer;
                }});
  }

  void LookAfter(absl::Duration time) {
    clock.Advance(time);
    watch.Look();
  }

  double SecondsLeft() const {
    const std::string text = metrics.Exposition();
    const std::string name = absl::StrCat("ndx_certificate_seconds_left{file=\"", dir.File("a.crt"),
                                          "\",use=\"listener\"} ");
    const std::string other = absl::StrCat("ndx_certificate_seconds_left{use=\"listener\",file=\"",
                                           dir.File("a.crt"), "\"} ");
    for (const std::string& start : {name, other}) {
      const size_t at = text.find(start);
      if (at != std::string::npos) return std::strtod(text.c_str() + at + start.size(), nullptr);
    }
    return -1;
  }

  tests::TempDir dir;
  tests::FakeClock clock{core::SystemClock().Now()};
  telemetry::MetricRegistry metrics;
  tests::RecordedLog log;
  CertificateWatch watch;
  int puts = 0;
  absl::Status answer;
};

TEST_CASE("a certificate is put into use when its files change, at the next look, and not before") {
  WatchedFiles files;
  files.Issue(100);
  files.Show();
  CHECK(files.puts == 0);
  files.Issue(200);
  files.LookAfter(absl::Seconds(1));
  CHECK(files.puts == 0);
  files.LookAfter(absl::Seconds(5));
  CHECK(files.puts == 0);  // the interval is not over
  files.LookAfter(absl::Seconds(6));
  CHECK(files.puts == 1);
  CHECK(files.log.CountOf(LogEvent::kCertificateLoaded) == 1);
  files.LookAfter(absl::Seconds(11));
  CHECK(files.puts == 1);
  CHECK(files.SecondsLeft() == Approx(200 * 86'400).margin(120));
}

TEST_CASE("what cannot be used is told once, and tried again when it changes once more") {
  WatchedFiles files;
  files.Issue(100);
  files.Show();
  files.Issue(100);
  files.answer = absl::InvalidArgumentError("is not the key of the certificate");
  files.LookAfter(absl::Seconds(11));
  files.LookAfter(absl::Seconds(11));
  CHECK(files.puts == 1);
  CHECK(files.log.CountOf(LogEvent::kCertificateRefused) == 1);
  CHECK(files.log.CountOf(LogEvent::kCertificateLoaded) == 0);
  files.answer = absl::OkStatus();
  REQUIRE(std::rename(files.dir.File("a.key").c_str(), files.dir.File("b.key").c_str()) == 0);
  files.LookAfter(absl::Seconds(11));
  CHECK(files.puts == 2);
  CHECK(files.log.CountOf(LogEvent::kCertificateLoaded) == 1);
}

TEST_CASE("asked for, everything is put into use, changed or not, and the first failure told") {
  WatchedFiles files;
  files.Issue(100);
  files.Show();
  CHECK(files.watch.Reload().ok());
  CHECK(files.puts == 1);
  CHECK(files.log.CountOf(LogEvent::kCertificateLoaded) == 0);
  files.answer = absl::InvalidArgumentError("wrong");
  const absl::Status refused = files.watch.Reload();
  CHECK(absl::IsInvalidArgument(refused));
  CHECK(refused.message() == "listener: wrong");
}

TEST_CASE("the end of a certificate is an alarm once a day, from the first of the days on") {
  WatchedFiles files;
  files.Issue(32);
  files.Show();
  CHECK(files.log.CountOf(LogEvent::kCertificateExpiresSoon) == 0);
  CHECK(files.SecondsLeft() == Approx(32 * 86'400).margin(120));
  files.LookAfter(absl::Hours(24 * 2 + 1));
  CHECK(files.log.CountOf(LogEvent::kCertificateExpiresSoon) == 1);
  CHECK(files.log.Contains("\"alarm_days\":30"));
  files.LookAfter(absl::Hours(20));
  CHECK(files.log.CountOf(LogEvent::kCertificateExpiresSoon) == 1);
  files.LookAfter(absl::Hours(5));
  CHECK(files.log.CountOf(LogEvent::kCertificateExpiresSoon) == 2);
  files.LookAfter(absl::Hours(24 * 24));
  CHECK(files.log.Contains("\"alarm_days\":7"));
  files.LookAfter(absl::Hours(24 * 4));
  CHECK(files.log.Contains("\"alarm_days\":1"));
  CHECK(files.log.CountOf(LogEvent::kCertificateExpiresSoon) == 4);
  files.LookAfter(absl::Hours(48));
  CHECK(files.SecondsLeft() < 0);
  // A new one ends it.
  files.Issue(365);
  files.LookAfter(absl::Hours(25));
  CHECK(files.log.CountOf(LogEvent::kCertificateExpiresSoon) == 5);
}

TEST_CASE("of authorities and providers the end is counted down too, and a change is told") {
  WatchedFiles files;
  files.Issue(20);
  files.watch.Believe("client_ca", files.dir.File("a.crt"));
  CHECK(files.log.CountOf(LogEvent::kCertificateExpiresSoon) == 1);
  CHECK(absl::StrContains(files.metrics.Exposition(), "use=\"client_ca\""));
  int changed = 0;
  files.watch.ShowNamed(
      [&files] {
        return std::vector<CertificateWatch::Named>{
            {.use = "provider",
             .certificate_file = files.dir.File("a.crt"),
             .files = {files.dir.File("a.crt"), files.dir.File("a.key")}}};
      },
      [&changed] { ++changed; });
  files.LookAfter(absl::Seconds(11));
  CHECK(changed == 0);
  files.Issue(300);
  files.LookAfter(absl::Seconds(11));
  CHECK(changed == 1);
  CHECK(absl::StrContains(files.metrics.Exposition(), "use=\"provider\""));
}

TEST_CASE("days of the settings take the place of the usual ones") {
  settings::v1::CertificateSettings settings;
  settings.mutable_check_interval()->set_seconds(3);
  CHECK(CertificateWatch::OptionsOf(settings).interval == absl::Seconds(3));
  CHECK(CertificateWatch::OptionsOf(settings).alarm_days == std::vector<uint32_t>{30, 7, 1});
  settings.add_alarm_days(90);
  CHECK(CertificateWatch::OptionsOf(settings).alarm_days == std::vector<uint32_t>{90});
}

}  // namespace
}  // namespace ndx::daemon
