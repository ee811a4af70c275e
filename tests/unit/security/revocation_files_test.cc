#include "ndx/security/revocation_files.h"

#include <catch2/catch.hpp>
#include <filesystem>
#include <fstream>
#include <string>

#include "ndx/core/system_clock.h"
#include "ndx/tests/support/certificate_authority.h"

namespace ndx::security {
namespace {

using tests::CertificateAuthority;

// Files change now, so the clock is the real one.
const core::Clock& RealClock() {
  static const auto* const kClock = new core::SystemClock();
  return *kClock;
}

// Puts one file in the place of another, as whoever fetches lists should.
void Replace(const std::string& with, const std::string& path) {
  std::filesystem::copy_file(with, path + ".new",
                             std::filesystem::copy_options::overwrite_existing);
  std::filesystem::rename(path + ".new", path);
}

struct Watched {
  Watched() : files({.crl_files = {path}, .ca_file = ca_file}, RealClock()) {}

  CertificateAuthority authority;
  const std::string path = authority.WriteCrl(authority.File("watched.crl"));
  const std::string ca_file = authority.File("trusted.pem");
  // Before what reads it.
  const bool copied = std::filesystem::copy_file(authority.ca_file(), ca_file);
  RevocationFiles files;
};

TEST_CASE("a list is in force when its file has been replaced, by name or in place") {
  Watched w;
  const auto revoked = w.authority.Issue("URI:ndx://VN/GOV/H55/a");
  REQUIRE(w.files.ReadAll().ok());
  CHECK(w.files.LookAgain().read.empty());
  CHECK_FALSE(w.files.Current()->RevokedAt(revoked).has_value());

  w.authority.Revoke(revoked);
  Replace(w.authority.WriteCrl(), w.path);
  const auto look = w.files.LookAgain();
  CHECK(look.read == std::vector<std::string>{w.path});
  CHECK(look.faults.empty());
  CHECK(w.files.Current()->RevokedAt(revoked).has_value());
  CHECK(w.files.LookAgain().read.empty());

  const auto another = w.authority.Issue("URI:ndx://VN/GOV/H55/b");
  w.authority.Revoke(another);
  std::filesystem::copy_file(w.authority.WriteCrl(), w.path,
                             std::filesystem::copy_options::overwrite_existing);
  w.files.LookAgain();
  CHECK(w.files.Current()->RevokedAt(another).has_value());
}

TEST_CASE("a file that does not do leaves its list in force, and is told of once") {
  Watched w;
  const auto revoked = w.authority.Issue("URI:ndx://VN/GOV/H55/a");
  const std::string before = w.authority.WriteCrl("", "20260101000000Z", "20260102000000Z");
  w.authority.Revoke(revoked);
  const std::string good = w.authority.WriteCrl();
  Replace(good, w.path);
  REQUIRE(w.files.ReadAll().ok());
  CertificateAuthority stranger;
  const std::string broken = w.authority.File("broken.crl");
  std::ofstream(broken) << "not a list";
  const std::string half = w.authority.File("half.crl");
  std::filesystem::copy_file(good, half);
  std::filesystem::resize_file(half, std::filesystem::file_size(good) / 2);
  const struct {
    const char* name;
    std::string file;
    absl::StatusCode code;
  } cases[] = {
      {"no list", broken, absl::StatusCode::kInvalidArgument},
      {"half of one", half, absl::StatusCode::kInvalidArgument},
      {"signed by nobody trusted", stranger.WriteCrl(), absl::StatusCode::kPermissionDenied},
      {"older than the one in force", before, absl::StatusCode::kFailedPrecondition}};
  for (const auto& c : cases) {
    INFO(c.name);
    Replace(c.file, w.path);
    const auto look = w.files.LookAgain();
    REQUIRE(look.faults.size() == 1);
    CHECK(look.faults[0].code() == c.code);
    CHECK_THAT(std::string(look.faults[0].message()), Catch::StartsWith(w.path));
    CHECK(look.read.empty());
    CHECK(w.files.LookAgain().faults.empty());
    CHECK(w.files.ReadAll().code() == c.code);
    CHECK_FALSE(w.files.States().at(0).sound);
    CHECK(w.files.Current()->RevokedAt(revoked).has_value());
  }
  std::filesystem::remove(w.path);
  CHECK(w.files.LookAgain().faults.at(0).code() == absl::StatusCode::kNotFound);
  CHECK(w.files.Current()->RevokedAt(revoked).has_value());
  Replace(good, w.path);
  CHECK(w.files.LookAgain().read.size() == 1);
  CHECK(w.files.States().at(0).sound);
}

TEST_CASE("who may have signed a list is seen anew when the authorities change") {
  Watched w;
  REQUIRE(w.files.ReadAll().ok());
  CertificateAuthority stranger;
  Replace(stranger.ca_file(), w.ca_file);
  CHECK(w.files.LookAgain().faults.at(0).code() == absl::StatusCode::kPermissionDenied);
  Replace(w.authority.ca_file(), w.ca_file);
  CHECK(w.files.LookAgain().read.size() == 1);
  std::filesystem::remove(w.ca_file);
  CHECK_THAT(std::string(w.files.LookAgain().faults.at(0).message()), Catch::StartsWith(w.ca_file));
  CHECK(w.files.Current()->next_update() < absl::InfiniteFuture());
}

TEST_CASE("what cannot be read at all is an error by name, and no list needs no file") {
  CertificateAuthority authority;
  const auto read = [&](const std::string& crl, const std::string& ca) {
    return RevocationFiles({.crl_files = {crl}, .ca_file = ca}, RealClock()).ReadAll();
  };
  CHECK(read(authority.File("gone.crl"), authority.ca_file()).code() ==
        absl::StatusCode::kNotFound);
  CHECK(read(authority.WriteCrl(), authority.File("gone.pem")).code() ==
        absl::StatusCode::kNotFound);
  const std::string broken = authority.File("broken.pem");
  std::ofstream(broken) << "no certificate";
  CHECK_THAT(std::string(read(authority.WriteCrl(), broken).message()), Catch::StartsWith(broken));
  RevocationFiles none({.ca_file = "/nowhere/ca.pem"}, RealClock());
  CHECK(none.ReadAll().ok());
  CHECK(none.LookAgain().faults.empty());
  CHECK(none.Current()->next_update() == absl::InfiniteFuture());
}

TEST_CASE("the greatest age goes with the lists") {
  CertificateAuthority authority;
  const auto certificate = authority.Issue("URI:ndx://VN/GOV/H55/a");
  RevocationFiles files(
      {.crl_files = {authority.WriteCrl("", "20260101000000Z", "20260102000000Z")},
       .ca_file = authority.ca_file(),
       .max_age = absl::Hours(1)},
      RealClock());
  REQUIRE(files.ReadAll().ok());
  const absl::Time next = files.States().at(0).next_update;
  CHECK_FALSE(files.Current()->OutdatedSince(certificate, next).has_value());
  CHECK(files.Current()->OutdatedSince(certificate, next + absl::Hours(2)).has_value());
}

}  // namespace
}  // namespace ndx::security
