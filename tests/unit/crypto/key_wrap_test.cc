#include "ndx/crypto/key_wrap.h"

#include <catch2/catch.hpp>
#include <string>

#include "ndx/tests/support/vectors.h"

namespace ndx::crypto {
namespace {

TEST_CASE("AES-256-KWP passes Wycheproof") {
  int tried = 0;
  for (const auto& c : tests::ReadWycheproof("aes_kwp_test.json")) {
    if (tests::Number(c.group, "keySize") != 256) continue;  // never used here
    ++tried;
    INFO("tcId " << tests::Number(c.test, "tcId"));
    const std::string wrapping_key = tests::Hex(c.test, "key");
    const auto unwrapped = UnwrapKey(wrapping_key, tests::Hex(c.test, "ct"));
    CHECK(unwrapped.ok() == c.valid);
    if (!c.valid || !unwrapped.ok()) continue;
    CHECK(unwrapped->view() == tests::Hex(c.test, "msg"));
    CHECK(WrapKey(wrapping_key, tests::Hex(c.test, "msg")).value() == tests::Hex(c.test, "ct"));
  }
  CHECK(tried >= 60);
}

TEST_CASE("keys of impossible sizes are refused") {
  const std::string wrapping_key(32, 'w');
  CHECK_FALSE(WrapKey("short", "key").ok());
  CHECK_FALSE(WrapKey(wrapping_key, "").ok());
  CHECK(WrapKey(wrapping_key, std::string(kWrappedKeyBytesMax, 'k')).ok());
  CHECK_FALSE(WrapKey(wrapping_key, std::string(kWrappedKeyBytesMax + 1, 'k')).ok());
  const std::string longest = WrapKey(wrapping_key, std::string(kWrappedKeyBytesMax, 'k')).value();
  CHECK(UnwrapKey(wrapping_key, longest)->size() == kWrappedKeyBytesMax);
  CHECK_FALSE(UnwrapKey(wrapping_key, "").ok());
  CHECK_FALSE(UnwrapKey(wrapping_key, longest.substr(8)).ok());
  CHECK_FALSE(UnwrapKey("short", longest).ok());
}

}  // namespace
}  // namespace ndx::crypto
