#include "ndx/crypto/secret_shares.h"

#include <catch2/catch.hpp>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/escaping.h"
#include "ndx/tests/support/fake_random.h"

namespace ndx::crypto {
namespace {

SecretShare Share(uint8_t point, const std::string& hex) {
  return {.point = point, .values = SecretBytes(absl::HexStringToBytes(hex))};
}

std::vector<SecretShare> Chosen(const std::vector<SecretShare>& shares, unsigned mask) {
  std::vector<SecretShare> chosen;
  for (size_t i = 0; i < shares.size(); ++i) {
    if ((mask >> i & 1) != 0) {
      chosen.push_back({.point = shares[i].point, .values = shares[i].values.Clone()});
    }
  }
  return chosen;
}

TEST_CASE("any k of n shares give the secret, fewer give other bytes") {
  tests::FakeRandom random{11};
  const std::string secret = "0123456789abcdef0123456789ABCDEF";
  for (const auto& [needed, count] :
       {std::pair<size_t, size_t>{2, 2}, {2, 3}, {3, 5}, {5, 5}, {2, kSharesMax}}) {
    const auto shares = SplitSecret(secret, needed, count, random).value();
    REQUIRE(shares.size() == count);
    const unsigned masks = count <= 5 ? 1U << count : 1U << 6;
    for (unsigned mask = 1; mask < masks; ++mask) {
      const auto chosen = Chosen(shares, mask);
      INFO(needed << " of " << count << ", mask " << mask);
      CHECK((CombineShares(chosen)->view() == secret) == (chosen.size() >= needed));
    }
  }
}

TEST_CASE("the field is that of AES: shares worked out by hand") {
  // f(x) = 0x42 + 0x57 x: f(1) = 0x15; 0x57 * 2 = 0xae, f(2) = 0xec; 0x57 * 3 = 0xf9, f(3) = 0xbb.
  // FIPS 197 gives 0x57 * 0x02 = 0xae.
  const std::vector<SecretShare> pair = [] {
    std::vector<SecretShare> shares;
    shares.push_back(Share(1, "15"));
    shares.push_back(Share(2, "ec"));
    return shares;
  }();
  CHECK(CombineShares(pair)->view() == "\x42");
  std::vector<SecretShare> other;
  other.push_back(Share(3, "bb"));
  other.push_back(Share(1, "15"));
  CHECK(CombineShares(other)->view() == "\x42");
}

TEST_CASE("one share alone says nothing: every value of it fits every secret") {
  // With two needed, the random coefficient decides the share for any secret.
  for (int secret = 0; secret < 256; secret += 51) {
    std::set<char> seen;
    for (int seed = 0; seed < 2000; ++seed) {
      tests::FakeRandom random{static_cast<uint64_t>(seed)};
      const std::string one(1, static_cast<char>(secret));
      seen.insert(SplitSecret(one, 2, 2, random).value()[0].values.view()[0]);
    }
    CHECK(seen.size() == 256);
  }
}

TEST_CASE("impossible numbers and shares that do not go together are refused") {
  tests::FakeRandom random{12};
  CHECK_FALSE(SplitSecret("s", 1, 3, random).ok());
  CHECK_FALSE(SplitSecret("s", 4, 3, random).ok());
  CHECK(SplitSecret("s", 2, kSharesMax, random).ok());
  CHECK_FALSE(SplitSecret("s", 2, kSharesMax + 1, random).ok());
  CHECK_FALSE(SplitSecret("", 2, 3, random).ok());
  CHECK_FALSE(CombineShares({}).ok());
  const auto combine = [](SecretShare a, SecretShare b) {
    std::vector<SecretShare> shares;
    shares.push_back(std::move(a));
    shares.push_back(std::move(b));
    return CombineShares(shares).ok();
  };
  CHECK(combine(Share(1, "00"), Share(2, "00")));
  CHECK_FALSE(combine(Share(1, "00"), Share(1, "00")));
  CHECK_FALSE(combine(Share(0, "00"), Share(1, "00")));
  CHECK_FALSE(combine(Share(1, "00"), Share(17, "00")));
  CHECK_FALSE(combine(Share(1, "00"), Share(2, "0000")));
  CHECK_FALSE(combine(Share(1, ""), Share(2, "")));
}

}  // namespace
}  // namespace ndx::crypto
