#include "ndx/crypto/secret_bytes.h"

#include <openssl/crypto.h>

#include <utility>

#include "ndx/core/status_macros.h"

namespace ndx::crypto {

SecretBytes SecretBytes::Generate(core::Random& random, size_t size) {
  SecretBytes secret(size);
  random.Fill(secret.data(), size);
  return secret;
}

SecretBytes::~SecretBytes() { Wipe(); }

SecretBytes::SecretBytes(SecretBytes&& other) noexcept : bytes_(std::move(other.bytes_)) {
  // A short string is moved by copying: the old place still holds it.
  other.Wipe();
}

SecretBytes& SecretBytes::operator=(SecretBytes&& other) noexcept {
  if (this != &other) {
    Wipe();
    bytes_ = std::move(other.bytes_);
    other.Wipe();
  }
  return *this;
}

void SecretBytes::Truncate(size_t size) {
  NDX_CHECK(size <= bytes_.size());
  WipeMemory(bytes_.data() + size, bytes_.size() - size);
  bytes_.resize(size);
}

void SecretBytes::Wipe() {
  bytes_.resize(bytes_.capacity());  // never reallocates; reaches what a shorter value left behind
  WipeMemory(bytes_.data(), bytes_.size());
  bytes_.clear();
}

void WipeMemory(void* at, size_t size) { OPENSSL_cleanse(at, size); }

}  // namespace ndx::crypto
