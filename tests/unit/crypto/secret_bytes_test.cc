#include "ndx/crypto/secret_bytes.h"

#include <catch2/catch.hpp>
#include <new>
#include <string>
#include <utility>

#include "ndx/tests/support/fake_random.h"

namespace ndx::crypto {
namespace {

TEST_CASE("a moved-from or destroyed secret leaves nothing behind") {
  // A short secret lies inside the object itself, where it can be looked at afterwards.
  alignas(SecretBytes) unsigned char place[sizeof(SecretBytes)];
  const auto holds_secret = [&] {
    return std::string(reinterpret_cast<const char*>(place), sizeof(place)).find("s3cret") !=
           std::string::npos;
  };
  auto* secret = new (place) SecretBytes("s3cret");
  CHECK(holds_secret());
  SecretBytes moved(std::move(*secret));
  CHECK(moved.view() == "s3cret");
  CHECK_FALSE(holds_secret());
  *secret = std::move(moved);
  CHECK(holds_secret());
  secret->~SecretBytes();
  CHECK_FALSE(holds_secret());
}

TEST_CASE("secrets are generated, cloned and cut") {
  tests::FakeRandom random(5);
  SecretBytes secret = SecretBytes::Generate(random, 32);
  CHECK(secret.size() == 32);
  const SecretBytes clone = secret.Clone();
  secret.Truncate(5);
  CHECK(secret.view() == clone.view().substr(0, 5));
  CHECK(SecretBytes().empty());
}

}  // namespace
}  // namespace ndx::crypto
