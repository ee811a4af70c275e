#include "ndx/crypto/key_derivation.h"

#include <openssl/crypto.h>

#include <algorithm>
#include <cstdint>
#include <cstring>

#include "ndx/core/status_macros.h"
#include "ndx/crypto/digest.h"

namespace ndx::crypto {

// Not the library's own HKDF, which fetches its digest by name and allocates for each key: five
// times the cost of the HMACs that it is made of.

// Extract. RFC 5869, 2.2: without a salt, zeros; to an HMAC an empty key is the same.
HkdfKey::HkdfKey(absl::string_view key, absl::string_view salt)
    : pseudorandom_(HmacSha256(salt, {key})) {}

HkdfKey::~HkdfKey() { Wipe(); }

HkdfKey::HkdfKey(HkdfKey&& other) noexcept : pseudorandom_(other.pseudorandom_) { other.Wipe(); }

HkdfKey& HkdfKey::operator=(HkdfKey&& other) noexcept {
  pseudorandom_ = other.pseudorandom_;
  if (this != &other) other.Wipe();
  return *this;
}

void HkdfKey::Wipe() { OPENSSL_cleanse(pseudorandom_.data(), pseudorandom_.size()); }

// Expand.
SecretBytes HkdfKey::Derive(absl::string_view info, size_t size) const {
  NDX_CHECK(size >= 1 && size <= kHkdfBytesMax);
  SecretBytes out(size);
  Digest block{};
  size_t filled = 0;
  for (uint8_t number = 1; filled < size; ++number) {
    const auto last = static_cast<char>(number);
    const absl::string_view before = filled == 0 ? absl::string_view() : AsBytes(block);
    block = HmacSha256(AsBytes(pseudorandom_), {before, info, absl::string_view(&last, 1)});
    const size_t piece = std::min(block.size(), size - filled);
    std::memcpy(out.data() + filled, block.data(), piece);
    filled += piece;
  }
  OPENSSL_cleanse(block.data(), block.size());
  return out;
}

SecretBytes HkdfSha256(const HkdfInputs& inputs, size_t size) {
  return HkdfKey(inputs.key, inputs.salt).Derive(inputs.info, size);
}

}  // namespace ndx::crypto
