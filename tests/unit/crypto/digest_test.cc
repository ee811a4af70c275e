#include "ndx/crypto/digest.h"

#include <openssl/evp.h>
#include <openssl/hmac.h>

#include <algorithm>
#include <catch2/catch.hpp>
#include <string>

#include "absl/strings/escaping.h"
#include "ndx/crypto/secret_bytes.h"
#include "ndx/tests/support/fake_random.h"

namespace ndx::crypto {
namespace {

std::string HexOf(const Digest& digest) { return absl::BytesToHexString(AsBytes(digest)); }

TEST_CASE("SHA-256 gives the examples of FIPS 180-4, whole and in pieces") {
  CHECK(HexOf(Sha256Of({})) == "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
  const std::string abc = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";
  CHECK(HexOf(Sha256Of({"abc"})) == abc);
  CHECK(HexOf(Sha256Of({"a", "", "bc"})) == abc);
  Sha256 hasher;
  CHECK(HexOf(hasher.Add("ab").Add("c").Finish()) == abc);
  CHECK(HexOf(hasher.Add("abc").Finish()) == abc);  // starts anew after Finish
}

TEST_CASE("HMAC-SHA-256 is the library's for keys and texts of every size") {
  tests::FakeRandom random;
  const auto bytes = [](absl::string_view text) {
    return reinterpret_cast<const unsigned char*>(text.data());
  };
  for (size_t size = 1; size <= 200; ++size) {
    INFO(size << " bytes");
    const SecretBytes key = SecretBytes::Generate(random, size);
    const SecretBytes text = SecretBytes::Generate(random, 201 - size);
    Digest expected{};
    unsigned int written = 0;
    REQUIRE(HMAC(EVP_sha256(), key.view().data(), static_cast<int>(key.size()), bytes(text.view()),
                 text.size(), expected.data(), &written) != nullptr);
    const size_t cut = std::min(size / 3, text.size());
    CHECK(HmacSha256(key.view(), {text.view().substr(0, cut), "", text.view().substr(cut)}) ==
          expected);
  }
}

TEST_CASE("HMAC-SHA-256 gives the examples of RFC 4231") {
  CHECK(HexOf(HmacSha256(std::string(20, '\x0b'), {"Hi There"})) ==
        "b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7");
  CHECK(HexOf(HmacSha256("Jefe", {"what do ya want ", "for nothing?"})) ==
        "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843");
  CHECK(HexOf(HmacSha256(std::string(131, '\xaa'),
                         {"Test Using Larger Than Block-Size Key - Hash Key First"})) ==
        "60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54");
  CHECK(HexOf(HmacSha256("", {""})) ==
        "b613679a0814d9ec772f95d778c35fc5ff1697c493715653c6c712144292c5ad");
}

TEST_CASE("comparison in constant time tells equal from different") {
  CHECK(ConstantTimeEqual("", ""));
  CHECK(ConstantTimeEqual("same", "same"));
  CHECK_FALSE(ConstantTimeEqual("same", "sam"));
  CHECK_FALSE(ConstantTimeEqual("same", "samE"));
}

TEST_CASE("a digest survives its bytes") {
  const Digest digest = Sha256Of({"x"});
  CHECK(DigestFromBytes(AsBytes(digest)) == digest);
}

}  // namespace
}  // namespace ndx::crypto
