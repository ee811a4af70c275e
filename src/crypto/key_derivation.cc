#include "ndx/crypto/key_derivation.h"

#include <openssl/crypto.h>

#include <algorithm>
#include <cstdint>
#include <cstring>

#include "ndx/core/status_macros.h"
#include "ndx/crypto/digest.h"

namespace ndx::crypto {

// The library's own HKDF fetches its digest by name and allocates for each key: five times the
// cost of the HMACs that HKDF is made of.
SecretBytes HkdfSha256(const HkdfInputs& inputs, size_t size) {
  NDX_CHECK(size >= 1 && size <= kHkdfBytesMax);
  // Extract. RFC 5869, 2.2: without a salt, zeros; to an HMAC an empty key is the same.
  Digest prk = HmacSha256(inputs.salt, {inputs.key});
  // Expand.
  SecretBytes out(size);
  Digest block{};
  size_t filled = 0;
  for (uint8_t number = 1; filled < size; ++number) {
    const auto last = static_cast<char>(number);
    const absl::string_view before = filled == 0 ? absl::string_view() : AsBytes(block);
    block = HmacSha256(AsBytes(prk), {before, inputs.info, absl::string_view(&last, 1)});
    const size_t piece = std::min(block.size(), size - filled);
    std::memcpy(out.data() + filled, block.data(), piece);
    filled += piece;
  }
  OPENSSL_cleanse(prk.data(), prk.size());
  OPENSSL_cleanse(block.data(), block.size());
  return out;
}

}  // namespace ndx::crypto
