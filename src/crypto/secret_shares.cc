#include "ndx/crypto/secret_shares.h"

#include <set>

#include "absl/strings/str_cat.h"
#include "ndx/core/status_macros.h"

namespace ndx::crypto {
namespace {

constexpr uint8_t kReduction = 0x1B;  // x^8 = x^4 + x^3 + x + 1

// No branch and no table depends on the values: they are secret.
uint8_t Multiply(uint8_t a, uint8_t b) {
  uint8_t product = 0;
  for (int bit = 0; bit < 8; ++bit) {
    product = static_cast<uint8_t>(product ^ (a & static_cast<uint8_t>(-(b & 1))));
    const uint8_t carry = static_cast<uint8_t>(-(a >> 7));
    a = static_cast<uint8_t>((a << 1) ^ (kReduction & carry));
    b = static_cast<uint8_t>(b >> 1);
  }
  return product;
}

// a^254, which is 1/a.
uint8_t Inverse(uint8_t a) {
  uint8_t power = a;
  uint8_t result = 1;
  for (int bit = 1; bit < 8; ++bit) {
    power = Multiply(power, power);
    result = Multiply(result, power);
  }
  return result;
}

// The factor of a share's values at 0 (Lagrange): the product of x / (x - own) over the others.
uint8_t FactorAtZero(uint8_t own, absl::Span<const SecretShare> shares) {
  uint8_t factor = 1;
  for (const SecretShare& share : shares) {
    if (share.point == own) continue;
    factor = Multiply(factor, Multiply(share.point, Inverse(share.point ^ own)));
  }
  return factor;
}

uint8_t ByteOf(absl::string_view bytes, size_t at) { return static_cast<uint8_t>(bytes[at]); }

}  // namespace

absl::StatusOr<std::vector<SecretShare>> SplitSecret(absl::string_view secret, size_t needed,
                                                     size_t count, core::Random& random) {
  if (needed < 2 || needed > count || count > kSharesMax) {
    return absl::InvalidArgumentError(absl::StrCat(
        "at most ", kSharesMax, " shares, of which at least 2 and at most all are needed"));
  }
  if (secret.empty()) return absl::InvalidArgumentError("an empty secret has no shares");
  // Coefficients from the highest power down; the secret itself stands at power 0.
  std::vector<SecretBytes> coefficients;
  for (size_t i = 1; i < needed; ++i) {
    coefficients.push_back(SecretBytes::Generate(random, secret.size()));
  }
  coefficients.emplace_back(secret);
  std::vector<SecretShare> shares(count);
  for (size_t i = 0; i < count; ++i) {
    SecretShare& share = shares[i];
    share.point = static_cast<uint8_t>(i + 1);
    share.values = SecretBytes(secret.size());
    for (size_t at = 0; at < secret.size(); ++at) {
      uint8_t value = 0;
      for (const SecretBytes& coefficient : coefficients) {
        value = static_cast<uint8_t>(Multiply(value, share.point) ^ ByteOf(coefficient.view(), at));
      }
      share.values.data()[at] = static_cast<char>(value);
    }
  }
  return shares;
}

absl::StatusOr<SecretBytes> CombineShares(absl::Span<const SecretShare> shares) {
  if (shares.empty()) return absl::InvalidArgumentError("no share is given");
  std::set<uint8_t> points;
  for (const SecretShare& share : shares) {
    if (share.point == 0 || share.point > kSharesMax || share.values.empty() ||
        share.values.size() != shares[0].values.size()) {
      return absl::InvalidArgumentError("the shares are not of one secret");
    }
    if (!points.insert(share.point).second) {
      return absl::InvalidArgumentError(
          absl::StrCat("share ", static_cast<int>(share.point), " is given twice"));
    }
  }
  SecretBytes secret(shares[0].values.size());
  for (const SecretShare& share : shares) {
    const uint8_t factor = FactorAtZero(share.point, shares);
    for (size_t at = 0; at < secret.size(); ++at) {
      const uint8_t sum = static_cast<uint8_t>(ByteOf(secret.view(), at) ^
                                               Multiply(factor, ByteOf(share.values.view(), at)));
      secret.data()[at] = static_cast<char>(sum);
    }
  }
  return secret;
}

}  // namespace ndx::crypto
