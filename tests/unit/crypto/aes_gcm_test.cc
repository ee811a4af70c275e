#include "ndx/crypto/aes_gcm.h"

#include <catch2/catch.hpp>
#include <string>

#include "ndx/tests/support/vectors.h"

namespace ndx::crypto {
namespace {

TEST_CASE("AES-256-GCM passes Wycheproof") {
  int valid = 0;
  int invalid = 0;
  // Sizes that are never used here and that the interface does not offer.
  int other_key = 0;
  int other_nonce = 0;
  for (const auto& c : tests::ReadWycheproof("aes_gcm_test.json")) {
    REQUIRE(tests::Number(c.group, "tagSize") == 8 * kGcmTagBytes);
    if (tests::Number(c.group, "keySize") != 8 * kAesKeyBytes) {
      ++other_key;
      continue;
    }
    if (tests::Number(c.group, "ivSize") != 8 * kGcmNonceBytes) {
      ++other_nonce;
      continue;
    }
    ++(c.valid ? valid : invalid);
    INFO("tcId " << tests::Number(c.test, "tcId"));
    AesGcmKey key(tests::Hex(c.test, "key"));
    const std::string nonce = tests::Hex(c.test, "iv");
    const std::string additional = tests::Hex(c.test, "aad");
    const std::string sealed = tests::Hex(c.test, "ct") + tests::Hex(c.test, "tag");
    std::string opened = "before";
    CHECK(key.Open(nonce, additional, sealed, &opened).ok() == c.valid);
    CHECK(opened == (c.valid ? "before" + tests::Hex(c.test, "msg") : "before"));
    if (!c.valid) continue;
    std::string again = "x";
    key.Seal(nonce, additional, tests::Hex(c.test, "msg"), &again);
    CHECK(again == "x" + sealed);
  }
  CHECK(valid == 39);
  CHECK(invalid == 27);
  CHECK(other_key == 211);
  CHECK(other_nonce == 39);
}

TEST_CASE("what was sealed opens only whole, under its own key, nonce and additional data") {
  const std::string nonce(kGcmNonceBytes, 'n');
  AesGcmKey key(std::string(kAesKeyBytes, 'k'));
  AesGcmKey other(std::string(kAesKeyBytes, 'o'));
  std::string sealed;
  key.Seal(nonce, "about", "plain", &sealed);
  CHECK(sealed.size() == 5 + kGcmTagBytes);
  std::string out;
  CHECK(key.Open(nonce, "about", sealed, &out).ok());
  CHECK(out == "plain");
  CHECK_FALSE(other.Open(nonce, "about", sealed, &out).ok());
  CHECK_FALSE(key.Open(std::string(kGcmNonceBytes, 'm'), "about", sealed, &out).ok());
  CHECK_FALSE(key.Open(nonce, "About", sealed, &out).ok());
  CHECK_FALSE(key.Open(nonce, "about", sealed.substr(0, sealed.size() - 1), &out).ok());
  CHECK_FALSE(key.Open(nonce, "about", "short", &out).ok());
  CHECK(out == "plain");
}

}  // namespace
}  // namespace ndx::crypto
