#include "ndx/crypto/key_wrap.h"

#include <openssl/evp.h>

#include <catch2/catch.hpp>
#include <memory>
#include <string>

#include "ndx/crypto/aes_gcm.h"
#include "ndx/tests/support/fake_random.h"
#include "ndx/tests/support/vectors.h"

namespace ndx::crypto {
namespace {

// What the library's own algorithm of this name makes of these bytes; empty if it refuses them.
std::string LibraryRun(const char* name, bool encrypt, const std::string& key,
                       const std::string& in) {
  const std::unique_ptr<EVP_CIPHER, decltype(&EVP_CIPHER_free)> algorithm(
      EVP_CIPHER_fetch(nullptr, name, nullptr), &EVP_CIPHER_free);
  const std::unique_ptr<EVP_CIPHER_CTX, decltype(&EVP_CIPHER_CTX_free)> context(
      EVP_CIPHER_CTX_new(), &EVP_CIPHER_CTX_free);
  EVP_CIPHER_CTX_set_flags(context.get(), EVP_CIPHER_CTX_FLAG_WRAP_ALLOW);
  const auto bytes = [](const std::string& text) {
    return reinterpret_cast<const unsigned char*>(text.data());
  };
  REQUIRE(EVP_CipherInit_ex2(context.get(), algorithm.get(), bytes(key), nullptr, encrypt ? 1 : 0,
                             nullptr) == 1);
  std::string out(in.size() + 16, '\0');
  int size = 0;
  const int done = EVP_CipherUpdate(context.get(), reinterpret_cast<unsigned char*>(out.data()),
                                    &size, bytes(in), static_cast<int>(in.size()));
  out.resize(done == 1 && size > 0 ? static_cast<size_t>(size) : 0);
  return out;
}

std::string LibraryWrap(absl::string_view key, absl::string_view in) {
  return LibraryRun("AES-256-WRAP-PAD", true, std::string(key), std::string(in));
}

std::string LibraryUnwrap(absl::string_view key, absl::string_view in) {
  return LibraryRun("AES-256-WRAP-PAD", false, std::string(key), std::string(in));
}

TEST_CASE("AES-256-KWP passes Wycheproof") {
  int valid = 0;
  int invalid = 0;
  int other_key = 0;  // sizes that are never used here, and refused
  for (const auto& c : tests::ReadWycheproof("aes_kwp_test.json")) {
    INFO("tcId " << tests::Number(c.test, "tcId"));
    const std::string wrapping_key = tests::Hex(c.test, "key");
    if (wrapping_key.size() != kAesKeyBytes) {
      ++other_key;
      CHECK(absl::IsInvalidArgument(UnwrapKey(wrapping_key, tests::Hex(c.test, "ct")).status()));
      CHECK(absl::IsInvalidArgument(WrapKey(wrapping_key, tests::Hex(c.test, "msg")).status()));
      continue;
    }
    ++(c.valid ? valid : invalid);
    const auto unwrapped = UnwrapKey(wrapping_key, tests::Hex(c.test, "ct"));
    CHECK(unwrapped.ok() == c.valid);
    if (!c.valid || !unwrapped.ok()) continue;
    CHECK(unwrapped->view() == tests::Hex(c.test, "msg"));
    CHECK(WrapKey(wrapping_key, tests::Hex(c.test, "msg")).value() == tests::Hex(c.test, "ct"));
  }
  CHECK(valid == 25);
  CHECK(invalid == 69);
  CHECK(other_key == 160);
}

TEST_CASE("random keys of every size are wrapped as the library wraps them, and opened again") {
  tests::FakeRandom random;
  for (size_t size = 1; size <= 264; ++size) {
    INFO(size << " bytes");
    const SecretBytes wrapping_key = SecretBytes::Generate(random, 32);
    const SecretBytes key = SecretBytes::Generate(random, size);
    const std::string wrapped = WrapKey(wrapping_key.view(), key.view()).value();
    REQUIRE(wrapped == LibraryWrap(wrapping_key.view(), key.view()));
    REQUIRE(UnwrapKey(wrapping_key.view(), wrapped)->view() == key.view());
    REQUIRE(LibraryUnwrap(wrapping_key.view(), wrapped) == key.view());
  }
}

TEST_CASE("what the library refuses is refused: changed bytes, sizes, other wrapping keys") {
  tests::FakeRandom random;
  for (const size_t size : {1U, 7U, 8U, 9U, 16U, 31U, 32U, 33U, 64U}) {
    const std::string wrapping_key(SecretBytes::Generate(random, 32).view());
    const std::string key(SecretBytes::Generate(random, size).view());
    const std::string wrapped = WrapKey(wrapping_key, key).value();
    for (size_t i = 0; i < wrapped.size() * 8; ++i) {
      std::string changed = wrapped;
      changed[i / 8] = static_cast<char>(changed[i / 8] ^ (1 << i % 8));
      const auto opened = UnwrapKey(wrapping_key, changed);
      REQUIRE(absl::IsDataLoss(opened.status()));
      REQUIRE(LibraryUnwrap(wrapping_key, changed).empty());
    }
    CHECK(absl::IsDataLoss(UnwrapKey(std::string(32, 'o'), wrapped).status()));
    CHECK(absl::IsDataLoss(UnwrapKey(wrapping_key, wrapped + std::string(8, 'x')).status()));
    CHECK(absl::IsDataLoss(UnwrapKey(wrapping_key, wrapped.substr(1)).status()));
  }
}

// A key of up to eight bytes is one block (RFC 5649, 4.1): encrypting it makes what no wrapping
// does.
TEST_CASE("a length or padding that was never wrapped is refused") {
  const std::string wrapping_key(32, 'w');
  using std::string_literals::operator""s;
  struct Case {
    const char* name;
    std::string plain;
    bool opens;
  };
  const Case cases[] = {
      {"right", "\xA6\x59\x59\xA6\0\0\0\x03key\0\0\0\0\0"s, true},
      {"all eight", "\xA6\x59\x59\xA6\0\0\0\x08keykeyke"s, true},
      {"another initial value", "\xA6\x59\x59\xA7\0\0\0\x03key\0\0\0\0\0"s, false},
      {"padding that is not zero", "\xA6\x59\x59\xA6\0\0\0\x03key\0\0\0\0\x01"s, false},
      {"no length", "\xA6\x59\x59\xA6\0\0\0\0\0\0\0\0\0\0\0\0"s, false},
      {"longer than what is there", "\xA6\x59\x59\xA6\0\0\0\x09keykeyke"s, false},
      {"longer by far", "\xA6\x59\x59\xA6\xFF\xFF\xFF\xFFkeykeyke"s, false},
  };
  for (const Case& c : cases) {
    INFO(c.name);
    const std::string wrapped = LibraryRun("AES-256-ECB", true, wrapping_key, c.plain);
    CHECK(UnwrapKey(wrapping_key, wrapped).ok() == c.opens);
    CHECK(LibraryUnwrap(wrapping_key, wrapped).empty() == !c.opens);
  }
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
