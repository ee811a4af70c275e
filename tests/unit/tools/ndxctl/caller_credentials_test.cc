#include "ndx/tools/ndxctl/caller_credentials.h"

#include <catch2/catch.hpp>
#include <filesystem>
#include <fstream>
#include <string>

#include "ndx/tests/support/temp_dir.h"

namespace ndx::tools::ndxctl {
namespace {

void Write(const std::string& file, const std::string& text) { std::ofstream(file) << text; }

TEST_CASE("a certificate is found by its path or by name in a directory, its authority beside it") {
  const tests::TempDir directory;
  Write(directory.File("VN:GOV:H55:mot-cua.crt"), "certificate");
  Write(directory.File("VN:GOV:H55:mot-cua.key"), "key");
  Write(directory.File("ca.crt"), "authority");
  for (const auto& credentials :
       {CallerCredentials::Load(directory.File("VN:GOV:H55:mot-cua"), "", ""),
        CallerCredentials::Load("VN:GOV:H55:mot-cua", directory.path(), "")}) {
    REQUIRE(credentials.ok());
    CHECK(credentials->certificate_pem == "certificate");
    CHECK(credentials->key_pem == "key");
    CHECK(credentials->ca_pem == "authority");
  }
}

TEST_CASE("a certificate in a directory below the authority's, with the ending .pem") {
  const tests::TempDir directory;
  std::filesystem::create_directory(directory.File("expired"));
  Write(directory.File("expired/x.pem"), "certificate");
  Write(directory.File("expired/x.key"), "key");
  Write(directory.File("ca.pem"), "authority");
  const auto credentials = CallerCredentials::Load(directory.File("expired/x"), "", "");
  REQUIRE(credentials.ok());
  CHECK(credentials->ca_pem == "authority");
  Write(directory.File("other.pem"), "other");
  CHECK(CallerCredentials::Load(directory.File("expired/x"), "", directory.File("other.pem"))
            ->ca_pem == "other");
}

TEST_CASE("what is missing is named") {
  const tests::TempDir directory;
  const auto none = CallerCredentials::Load("x", directory.path(), "");
  CHECK(absl::IsNotFound(none.status()));
  CHECK_THAT(std::string(none.status().message()), Catch::Contains(directory.File("x.crt")));
  Write(directory.File("x.crt"), "certificate");
  CHECK_THAT(std::string(CallerCredentials::Load("x", directory.path(), "").status().message()),
             Catch::Contains(directory.File("x.key")));
}

}  // namespace
}  // namespace ndx::tools::ndxctl
