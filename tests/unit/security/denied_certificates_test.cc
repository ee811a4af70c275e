#include "ndx/security/denied_certificates.h"

#include <catch2/catch.hpp>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <string>

#include "ndx/tests/support/temp_dir.h"

namespace ndx::security {
namespace {

crypto::Digest Key(uint8_t first) {
  crypto::Digest key{};
  key[0] = first;
  return key;
}

Denial DenialOf(uint8_t first, int64_t second = 1'779'948'000) {
  return {.spki_sha256 = Key(first),
          .since = absl::FromUnixSeconds(second) + absl::Nanoseconds(7),
          .operator_name = "an",
          .reason = "SC 12: \"mất khóa\" # x",
          .leaf_index = 41};
}

std::string ContentOf(const std::string& path) {
  std::ostringstream content;
  content << std::ifstream(path).rdbuf();
  return content.str();
}

TEST_CASE("what is denied is in force and in the file when the call returns") {
  const tests::TempDir directory;
  const std::string path = directory.File("denied.yaml");
  auto denied = DeniedCertificates::Open(path);
  REQUIRE(denied.ok());
  CHECK_FALSE((*denied)->DeniedSince(Key(1)).has_value());
  CHECK_FALSE(std::filesystem::exists(path));

  REQUIRE((*denied)->Deny(DenialOf(2, 1'779'948'001)).ok());
  REQUIRE((*denied)->Deny(DenialOf(1)).ok());
  CHECK((*denied)->DeniedSince(Key(1)) == DenialOf(1).since);
  CHECK_FALSE((*denied)->DeniedSince(Key(3)).has_value());

  const auto again = DeniedCertificates::Open(path);
  INFO(again.status());
  REQUIRE(again.ok());
  const auto all = (*again)->All();
  REQUIRE(all.size() == 2);
  CHECK((*again)->size() == 2);
  CHECK(all[0].spki_sha256 == Key(1));
  CHECK(all[0].since == DenialOf(1).since);
  CHECK(all[0].operator_name == "an");
  CHECK(all[0].reason == DenialOf(1).reason);
  CHECK(all[0].leaf_index == 41);
  CHECK(all[1].spki_sha256 == Key(2));
}

TEST_CASE("what is allowed again is gone from both; the last one leaves an empty list") {
  const tests::TempDir directory;
  const std::string path = directory.File("denied.yaml");
  auto denied = DeniedCertificates::Open(path).value();
  CHECK(denied->Allow(Key(1)).code() == absl::StatusCode::kNotFound);
  REQUIRE(denied->Deny(DenialOf(1)).ok());
  CHECK(denied->Deny(DenialOf(1)).code() == absl::StatusCode::kAlreadyExists);
  REQUIRE(denied->Allow(Key(1)).ok());
  CHECK_FALSE(denied->DeniedSince(Key(1)).has_value());
  CHECK_FALSE(denied->Find(Key(1)).has_value());
  CHECK(DeniedCertificates::Open(path).value()->size() == 0);
}

TEST_CASE("what cannot be kept is not in force") {
  const tests::TempDir directory;
  auto denied = DeniedCertificates::Open(directory.File("gone/denied.yaml")).value();
  CHECK(denied->Deny(DenialOf(1)).code() == absl::StatusCode::kNotFound);
  CHECK_FALSE(denied->DeniedSince(Key(1)).has_value());
}

TEST_CASE("a file that is no such list is an error, never an empty list") {
  const tests::TempDir directory;
  const std::string path = directory.File("denied.yaml");
  REQUIRE(DeniedCertificates::Open(path).value()->Deny(DenialOf(1)).ok());
  const std::string good = ContentOf(path);
  const std::string head = good.substr(0, good.find('\n') + 1);
  for (const std::string& content :
       {std::string(), good.substr(head.size()), head + "certificates: [{spki_sha256: 12}]",
        head + "certificates: [{}]", head + "other: 1", head + "certificates: [",
        std::string(1, '\0') + good}) {
    std::ofstream(path, std::ios::binary) << content;
    const auto opened = DeniedCertificates::Open(path);
    CAPTURE(content);
    REQUIRE(opened.status().code() == absl::StatusCode::kInvalidArgument);
    CHECK_THAT(std::string(opened.status().message()), Catch::StartsWith(path));
  }
  std::ofstream(path, std::ios::binary) << good;
  CHECK(DeniedCertificates::Open(path).value()->DeniedSince(Key(1)).has_value());
}

}  // namespace
}  // namespace ndx::security
