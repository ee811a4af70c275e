#include "ndx/crypto/key_derivation.h"

#include <catch2/catch.hpp>

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

}  // namespace
}  // namespace ndx::crypto
