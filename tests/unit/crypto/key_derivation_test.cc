#include "ndx/crypto/key_derivation.h"

#include <catch2/catch.hpp>
#include <utility>

#include "ndx/tests/support/vectors.h"

namespace ndx::crypto {
namespace {

TEST_CASE("HKDF-SHA-256 passes Wycheproof") {
  int tried = 0;
  for (const auto& c : tests::ReadWycheproof("hkdf_sha256_test.json")) {
    ++tried;
    INFO("tcId " << tests::Number(c.test, "tcId"));
    const auto size = static_cast<size_t>(tests::Number(c.test, "size"));
    if (!c.valid) {
      CHECK(size > kHkdfBytesMax);  // the only invalid cases; the limit is the caller's to keep
      continue;
    }
    const SecretBytes okm = HkdfSha256({.key = tests::Hex(c.test, "ikm"),
                                        .salt = tests::Hex(c.test, "salt"),
                                        .info = tests::Hex(c.test, "info")},
                                       size);
    CHECK(okm.view() == tests::Hex(c.test, "okm"));
  }
  CHECK(tried >= 80);
}

TEST_CASE("keys derived one after another from one key are those derived each by itself") {
  HkdfKey first("key material", "salt");
  for (const char* info : {"", "one", "two"}) {
    const auto alone = HkdfSha256({.key = "key material", .salt = "salt", .info = info}, 80);
    CHECK(first.Derive(info, 80).view() == alone.view());
  }
  const HkdfKey moved = std::move(first);
  const auto alone = HkdfSha256({.key = "key material", .salt = "salt", .info = "x"}, 32);
  CHECK(moved.Derive("x", 32).view() == alone.view());
  first = HkdfKey("other");
  CHECK(first.Derive("x", 32).view() ==
        HkdfSha256({.key = "other", .salt = {}, .info = "x"}, 32).view());
}

}  // namespace
}  // namespace ndx::crypto
