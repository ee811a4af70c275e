// A secret in n shares, of which any k give it back and fewer tell nothing (Shamir, 1979): each
// byte is the value at 0 of a random polynomial of degree k - 1 over GF(256) with the polynomial of
// AES (x^8 + x^4 + x^3 + x + 1); a share is its point and its values there.
//
// Thread-safety: thread-safe. The arithmetic takes the same time for all values.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/types/span.h"
#include "ndx/core/random.h"
#include "ndx/crypto/secret_bytes.h"

namespace ndx::crypto {

inline constexpr size_t kSharesMax = 16;

struct SecretShare {
  uint8_t point = 0;  // 1 to kSharesMax
  SecretBytes values;
};

// kInvalidArgument unless 2 <= needed <= count <= kSharesMax and the secret is not empty.
absl::StatusOr<std::vector<SecretShare>> SplitSecret(absl::string_view secret, size_t needed,
                                                     size_t count, core::Random& random);

// What the shares give. Whether it is the secret only a check of the caller's can tell: too few
// shares, or a wrong one, give other bytes. kInvalidArgument for no share, two of one point, points
// out of range, or different lengths.
absl::StatusOr<SecretBytes> CombineShares(absl::Span<const SecretShare> shares);

}  // namespace ndx::crypto
