#include "ndx/crypto/secret_bytes.h"

#include <catch2/catch.hpp>
#include <memory>
#include <string>
#include <utility>

#include "ndx/tests/support/fake_random.h"

namespace ndx::crypto {
namespace {

TEST_CASE("a moved-from or destroyed secret leaves nothing behind") {
  auto secret = std::make_unique<SecretBytes>(absl::string_view("s3cret"));
  const char* const first = secret->view().data();
  SecretBytes moved(std::move(*secret));
  CHECK(moved.view() == "s3cret");
  CHECK(moved.view().data() == first);  // not copied
  CHECK(secret->empty());
  SecretBytes other(absl::string_view("an0ther"));
  const char* const second = other.view().data();
  other = std::move(moved);
  CHECK(other.view() == "s3cret");
  // The memory stays mapped, for other secrets.
  CHECK(std::string(second, 7) == std::string(7, '\0'));
  other = SecretBytes();
  CHECK(std::string(first, 6) == std::string(6, '\0'));
}

TEST_CASE("secrets are generated, cloned and cut") {
  tests::FakeRandom random(5);
  SecretBytes secret = SecretBytes::Generate(random, 32);
  CHECK(secret.size() == 32);
  const SecretBytes clone = secret.Clone();
  secret.Truncate(5);
  CHECK(secret.view() == clone.view().substr(0, 5));
  CHECK(secret.view().data()[5] == '\0');
  secret.Truncate(0);
  CHECK(secret.empty());
  CHECK(SecretBytes().empty());
}

}  // namespace
}  // namespace ndx::crypto
