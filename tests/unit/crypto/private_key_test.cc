#include "ndx/crypto/private_key.h"

#include <sys/stat.h>

#include <catch2/catch.hpp>
#include <string>

#include "ndx/crypto/key_file.h"
#include "ndx/tests/support/fake_random.h"
#include "ndx/tests/support/temp_dir.h"
#include "ndx/tests/support/vectors.h"

namespace ndx::crypto {
namespace {

TEST_CASE("a private key is read from a file for its owner alone, and compared with certificates") {
  const tests::TempDir dir;
  const std::string key_file = dir.File("a.key");
  REQUIRE(std::system(("openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -noenc -subj "
                       "/CN=a -keyout " +
                       key_file + " -out " + dir.File("a.crt") + " 2>/dev/null")
                          .c_str()) == 0);
  const auto key = PrivateKey::Read(key_file);
  INFO(key.status());
  REQUIRE(key.ok());
  CHECK(key->handle() != nullptr);
  CHECK(key->Fits(*Certificate::Load(dir.File("a.crt"))));
  CHECK_FALSE(key->Fits(*Certificate::FromPem(tests::ReadVector("x509/ca.pem"))));
  CHECK(absl::IsInvalidArgument(key->Decrypt("bytes").status()));
  REQUIRE(chmod(key_file.c_str(), 0644) == 0);
  const auto refused = PrivateKey::Read(key_file).status();
  CHECK(absl::IsPermissionDenied(refused));
  CHECK(std::string(refused.message()).find("chmod 600") != std::string::npos);
}

TEST_CASE("what is no private key is refused by its file's name") {
  const tests::TempDir dir;
  CHECK(absl::IsNotFound(PrivateKey::Read(dir.File("none")).status()));
  REQUIRE(WriteKeyFile(dir.File("text"), "not PEM").ok());
  const auto status = PrivateKey::Read(dir.File("text")).status();
  CHECK(absl::IsInvalidArgument(status));
  CHECK(std::string(status.message()).find(dir.File("text")) != std::string::npos);
  CHECK_FALSE(PrivateKey::FromPem(tests::ReadVector("x509/ca.pem")).ok());
  tests::FakeRandom random;
  CHECK(PrivateKey::FromPem(Ed25519PrivateKey::Generate(random).ToPem().view()).ok());
}

}  // namespace
}  // namespace ndx::crypto
