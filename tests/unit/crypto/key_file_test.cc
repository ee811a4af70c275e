#include "ndx/crypto/key_file.h"

#include <sys/stat.h>
#include <unistd.h>

#include <catch2/catch.hpp>
#include <string>

#include "ndx/tests/support/fake_random.h"
#include "ndx/tests/support/temp_dir.h"

namespace ndx::crypto {
namespace {

TEST_CASE("a key file is written for its owner alone and never overwritten") {
  const tests::TempDir dir;
  const std::string path = dir.File("master.key");
  const std::string key(32, 'k');
  REQUIRE(WriteKeyFile(path, key).ok());
  struct stat status {};
  REQUIRE(stat(path.c_str(), &status) == 0);
  CHECK((status.st_mode & 0777) == 0600);
  CHECK(ReadAesKeyFile(path)->view() == key);
  CHECK(WriteKeyFile(path, "other").code() == absl::StatusCode::kAlreadyExists);
  CHECK(ReadAesKeyFile(path)->view() == key);
}

TEST_CASE("a key file that others may use is refused, and the message says what to do") {
  const tests::TempDir dir;
  const std::string path = dir.File("master.key");
  REQUIRE(WriteKeyFile(path, std::string(32, 'k')).ok());
  for (const mode_t mode : {0640, 0604, 0660, 0601, 0666}) {
    REQUIRE(chmod(path.c_str(), mode) == 0);
    const auto key = ReadKeyFile(path);
    REQUIRE_FALSE(key.ok());
    CHECK(key.status().code() == absl::StatusCode::kPermissionDenied);
    CHECK(std::string(key.status().message()).find("chmod 600") != std::string::npos);
  }
  REQUIRE(chmod(path.c_str(), 0400) == 0);
  CHECK(ReadKeyFile(path).ok());
}

TEST_CASE("a key file in a place where others can put one, or to which a link leads, is refused") {
  const tests::TempDir dir;
  const std::string open = dir.File("open");
  const std::string path = open + "/master.key";
  REQUIRE(mkdir(open.c_str(), 0700) == 0);
  REQUIRE(WriteKeyFile(path, std::string(32, 'k')).ok());
  REQUIRE(symlink(path.c_str(), dir.File("link").c_str()) == 0);
  CHECK(ReadKeyFile(dir.File("link")).ok());
  REQUIRE(chmod(open.c_str(), 0777) == 0);
  const auto refused = ReadKeyFile(path).status();
  CHECK(absl::IsPermissionDenied(refused));
  CHECK(std::string(refused.message()).find("chmod o-w " + open) != std::string::npos);
  CHECK(std::string(refused.message()).find("tệp khóa") != std::string::npos);
  // With the sticky bit nobody can replace what is there, but a link may lead to somebody's own.
  REQUIRE(chmod(open.c_str(), 01777) == 0);
  CHECK(ReadKeyFile(path).ok());
  CHECK(absl::IsPermissionDenied(ReadKeyFile(dir.File("link")).status()));
}

TEST_CASE("missing, special, too long and wrongly sized key files are refused") {
  const tests::TempDir dir;
  CHECK(ReadKeyFile(dir.File("none")).status().code() == absl::StatusCode::kNotFound);
  CHECK(ReadKeyFile(dir.path()).status().code() == absl::StatusCode::kPermissionDenied);
  REQUIRE(WriteKeyFile(dir.File("longest"), std::string(kKeyFileBytesMax, 'k')).ok());
  CHECK(ReadKeyFile(dir.File("longest"))->size() == kKeyFileBytesMax);
  REQUIRE(WriteKeyFile(dir.File("longer"), std::string(kKeyFileBytesMax + 1, 'k')).ok());
  CHECK_FALSE(ReadKeyFile(dir.File("longer")).ok());
  REQUIRE(WriteKeyFile(dir.File("short"), std::string(31, 'k')).ok());
  CHECK_FALSE(ReadAesKeyFile(dir.File("short")).ok());
}

TEST_CASE("an Ed25519 key survives its file") {
  const tests::TempDir dir;
  tests::FakeRandom random(1);
  const auto key = Ed25519PrivateKey::Generate(random);
  REQUIRE(WriteKeyFile(dir.File("signing.pem"), key.ToPem().view()).ok());
  CHECK(ReadEd25519KeyFile(dir.File("signing.pem"))->public_key() == key.public_key());
  REQUIRE(WriteKeyFile(dir.File("broken.pem"), "-----BEGIN").ok());
  CHECK_FALSE(ReadEd25519KeyFile(dir.File("broken.pem")).ok());
}

}  // namespace
}  // namespace ndx::crypto
