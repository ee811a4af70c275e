#include "ndx/tools/ndxctl/doctor_checks.h"

#include <sys/stat.h>

#include <catch2/catch.hpp>
#include <filesystem>
#include <fstream>
#include <string>

#include "ndx/crypto/certificate.h"
#include "ndx/tests/support/temp_dir.h"
#include "ndx/tests/support/test_pki.h"
#include "ndx/tools/ndxctl/caller_credentials.h"

namespace ndx::tools::ndxctl {
namespace {

using Catch::Contains;

void ModeWrite(const std::string& file, const std::string& text, mode_t mode = 0600) {
  std::ofstream(file) << text;
  chmod(file.c_str(), mode);
}

TEST_CASE("a secret must be a file that nobody else may read") {
  const tests::TempDir directory;
  const std::string file = directory.File("key");
  CHECK(CheckSecretFile("key", file).verdict == Verdict::kBad);
  ModeWrite(file, "x", 0600);
  CHECK(CheckSecretFile("key", file).verdict == Verdict::kGood);
  ModeWrite(file, "x", 0400);
  CHECK(CheckSecretFile("key", file).verdict == Verdict::kGood);
  for (const mode_t mode : {0640, 0604, 0602, 0610}) {
    chmod(file.c_str(), mode);
    const Finding finding = CheckSecretFile("key", file);
    CHECK(finding.verdict == Verdict::kBad);
    CHECK(finding.remedy_en == "chmod 0600 " + file);
  }
  CHECK(CheckSecretFile("key", directory.path()).verdict == Verdict::kBad);
}

TEST_CASE("a certificate is due for renewal before it expires") {
  const tests::TestPki pki;
  const std::string file = pki.File("client.pem");
  const auto certificate = crypto::Certificate::FromPem(*ReadFile(file));
  REQUIRE(certificate.ok());
  const absl::Time end = certificate->not_after();
  const absl::Duration limit = absl::Hours(24) * kCertificateDaysWarning;
  CHECK(CheckCertificate("c", file, end - limit - absl::Minutes(1)).verdict == Verdict::kGood);
  CHECK(CheckCertificate("c", file, end - limit + absl::Minutes(1)).verdict == Verdict::kWarning);
  CHECK(CheckCertificate("c", file, end + absl::Seconds(1)).verdict == Verdict::kBad);
  CHECK(CheckCertificate("c", file, certificate->not_before() - absl::Seconds(1)).verdict ==
        Verdict::kBad);
  CHECK(CheckCertificate("c", pki.File("client.key"), end).verdict == Verdict::kBad);
  CHECK(CheckCertificate("c", pki.File("absent"), end).verdict == Verdict::kBad);
}

TEST_CASE("the journal's place must be writable, closed and not full") {
  const tests::TempDir directory;
  settings::v1::JournalSettings settings;
  settings.set_directory(directory.File("journal"));
  settings.set_low_water_bytes(1);
  for (const Finding& finding : CheckJournal(settings)) CHECK(finding.verdict == Verdict::kGood);
  std::filesystem::create_directory(settings.directory());
  chmod(settings.directory().c_str(), 0755);
  CHECK(CheckJournal(settings)[0].verdict == Verdict::kWarning);
  chmod(settings.directory().c_str(), 0700);
  CHECK(CheckJournal(settings)[0].verdict == Verdict::kGood);
  settings.set_low_water_bytes(uint64_t{1} << 60);
  CHECK(CheckJournal(settings)[1].verdict == Verdict::kBad);
  settings.set_directory("/no/such/parent/journal");
  REQUIRE(CheckJournal(settings).size() == 1);
  CHECK(CheckJournal(settings)[0].verdict == Verdict::kBad);
}

TEST_CASE("settings that cannot be loaded name file, path and value") {
  const tests::TempDir directory;
  const std::string file = directory.File("node.yaml");
  ModeWrite(file, "nodee: {}\n");
  settings::v1::NodeSettings settings;
  const Finding finding = CheckSettings(file, settings);
  CHECK(finding.verdict == Verdict::kBad);
  CHECK_THAT(finding.detail, Contains("node.yaml:1") && Contains("nodee"));
}

TEST_CASE("clocks may differ by their limit and no more") {
  const absl::Time here = absl::FromUnixSeconds(1'750'000'000);
  CHECK(CompareClocks(here + kClockDifferenceMax, here).verdict == Verdict::kGood);
  CHECK(CompareClocks(here - kClockDifferenceMax, here).verdict == Verdict::kGood);
  CHECK(CompareClocks(here + kClockDifferenceMax + absl::Milliseconds(1), here).verdict ==
        Verdict::kBad);
  CHECK(CheckClock().subject == "clock");
}

TEST_CASE("what a node says of itself becomes findings with something to do") {
  console::v1::GetStatusResponse status;
  status.set_system("VN:GOV:G01:ndxp");
  status.mutable_journal()->set_writable(true);
  auto& provider = *status.add_providers();
  provider.set_system("VN:GOV:G01:population");
  provider.set_healthy(true);
  status.mutable_journal()->mutable_follower()->set_followed_to(17);
  for (const Finding& finding : CheckStatus(status)) CHECK(finding.verdict == Verdict::kGood);
  provider.set_healthy(false);
  status.mutable_journal()->set_writable(false);
  status.mutable_journal()->set_in_doubt(2);
  auto& condition = *status.add_conditions();
  condition.set_name("listener");
  int bad = 0;
  int warnings = 0;
  for (const Finding& finding : CheckStatus(status)) {
    if (finding.verdict == Verdict::kGood) continue;
    (finding.verdict == Verdict::kBad ? bad : warnings) += 1;
    CHECK_FALSE(finding.remedy_en.empty());
    CHECK_FALSE(finding.remedy_vi.empty());
  }
  CHECK(bad == 3);
  CHECK(warnings == 1);
  provider.set_breaker(console::v1::BREAKER_STATE_OPEN);
  CHECK_THAT(CheckStatus(status).back().detail, Contains("breaker open"));
}

TEST_CASE("a follower that does not keep up with the journal is a finding") {
  console::v1::GetStatusResponse status;
  status.mutable_journal()->set_writable(true);
  status.mutable_now()->set_seconds(1'750'000'000);
  auto& follower = *status.mutable_journal()->mutable_follower();
  const auto verdict = [&] { return CheckStatus(status).back().verdict; };
  CHECK(verdict() == Verdict::kGood);
  follower.mutable_lag()->set_seconds(absl::ToInt64Seconds(kFollowerLagWarning));
  CHECK(verdict() == Verdict::kGood);
  follower.mutable_lag()->set_seconds(absl::ToInt64Seconds(kFollowerLagWarning) + 1);
  CHECK(verdict() == Verdict::kWarning);
  const int64_t oldest_allowed = status.now().seconds() - absl::ToInt64Seconds(kIntakeKeyAgeMax);
  follower.mutable_oldest_intake_key()->set_seconds(oldest_allowed);
  CHECK(verdict() == Verdict::kWarning);
  follower.mutable_oldest_intake_key()->set_seconds(oldest_allowed - 1);
  CHECK(verdict() == Verdict::kBad);
  follower.clear_oldest_intake_key();
  follower.set_trouble("the journal's disk is nearly full");
  CHECK(verdict() == Verdict::kBad);
  CHECK_THAT(CheckStatus(status).back().detail, Contains("nearly full"));
}

}  // namespace
}  // namespace ndx::tools::ndxctl
