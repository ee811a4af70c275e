#include "ndx/crypto/key_derivation.h"

#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <catch2/catch.hpp>
#include <cstdio>
#include <utility>

#include "ndx/tests/support/vectors.h"

namespace ndx::crypto {
namespace {

// Sizes are the program's own; one that cannot be had ends it.
bool DerivingAborts(size_t size) {
  const pid_t child = fork();
  REQUIRE(child >= 0);
  if (child == 0) {
    signal(SIGABRT, SIG_DFL);
    fclose(stderr);
    (void)HkdfSha256({.key = "key", .salt = {}, .info = {}}, size);
    _exit(0);
  }
  int status = 0;
  REQUIRE(waitpid(child, &status, 0) == child);
  return WIFSIGNALED(status) && WTERMSIG(status) == SIGABRT;
}

TEST_CASE("HKDF-SHA-256 passes Wycheproof") {
  int valid = 0;
  int invalid = 0;
  for (const auto& c : tests::ReadWycheproof("hkdf_sha256_test.json")) {
    ++(c.valid ? valid : invalid);
    INFO("tcId " << tests::Number(c.test, "tcId"));
    const auto size = static_cast<size_t>(tests::Number(c.test, "size"));
    if (!c.valid) {  // all of them ask for more than the function can give
      CHECK(size > kHkdfBytesMax);
      CHECK(DerivingAborts(size));
      continue;
    }
    const SecretBytes okm = HkdfSha256({.key = tests::Hex(c.test, "ikm"),
                                        .salt = tests::Hex(c.test, "salt"),
                                        .info = tests::Hex(c.test, "info")},
                                       size);
    CHECK(okm.view() == tests::Hex(c.test, "okm"));
  }
  CHECK(valid == 83);
  CHECK(invalid == 3);
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
