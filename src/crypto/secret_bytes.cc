#include "ndx/crypto/secret_bytes.h"

#include <openssl/crypto.h>

#include <utility>

#include "ndx/core/status_macros.h"
#include "ndx/crypto/locked_memory.h"

namespace ndx::crypto {

SecretBytes::SecretBytes(size_t size) : taken_(size), size_(size) {
  if (size > 0) at_ = TakeLockedMemory(size);
}

SecretBytes::SecretBytes(absl::string_view bytes) : SecretBytes(bytes.size()) {
  if (at_ != nullptr) bytes.copy(at_, bytes.size());
}

SecretBytes SecretBytes::Generate(core::Random& random, size_t size) {
  SecretBytes secret(size);
  random.Fill(secret.data(), size);
  return secret;
}

SecretBytes::~SecretBytes() { Release(); }

SecretBytes::SecretBytes(SecretBytes&& other) noexcept
    : at_(std::exchange(other.at_, nullptr)),
      taken_(std::exchange(other.taken_, 0)),
      size_(std::exchange(other.size_, 0)) {}

SecretBytes& SecretBytes::operator=(SecretBytes&& other) noexcept {
  if (this != &other) {
    Release();
    at_ = std::exchange(other.at_, nullptr);
    taken_ = std::exchange(other.taken_, 0);
    size_ = std::exchange(other.size_, 0);
  }
  return *this;
}

void SecretBytes::Truncate(size_t size) {
  NDX_CHECK(size <= size_);
  WipeMemory(at_ + size, size_ - size);
  size_ = size;
}

void SecretBytes::Release() {
  if (at_ != nullptr) ReturnLockedMemory(at_, taken_);
}

void WipeMemory(void* at, size_t size) { OPENSSL_cleanse(at, size); }

}  // namespace ndx::crypto
