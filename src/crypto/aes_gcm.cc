#include "ndx/crypto/aes_gcm.h"

#include <openssl/evp.h>

#include "ndx/core/status_macros.h"
#include "openssl_bytes.h"

namespace ndx::crypto {
namespace {

const EVP_CIPHER* GcmAlgorithm() {
  static const EVP_CIPHER* const kAlgorithm = [] {
    const EVP_CIPHER* algorithm = EVP_CIPHER_fetch(nullptr, "AES-256-GCM", nullptr);
    NDX_CHECK(algorithm != nullptr);
    return algorithm;
  }();
  return kAlgorithm;
}

}  // namespace

struct AesGcmKey::State {
  explicit State(absl::string_view key) : context(EVP_CIPHER_CTX_new()) {
    NDX_CHECK(context != nullptr && key.size() == kAesKeyBytes);
    NDX_CHECK(EVP_CipherInit_ex2(context, GcmAlgorithm(), Bytes(key), nullptr, 1, nullptr) == 1);
  }
  ~State() { EVP_CIPHER_CTX_free(context); }
  State(const State&) = delete;
  State& operator=(const State&) = delete;

  void Begin(absl::string_view nonce, absl::string_view additional, int encrypt) {
    NDX_CHECK(nonce.size() == kGcmNonceBytes);
    NDX_CHECK(EVP_CipherInit_ex2(context, nullptr, nullptr, Bytes(nonce), encrypt, nullptr) == 1);
    int size = 0;
    NDX_CHECK(additional.empty() || EVP_CipherUpdate(context, nullptr, &size, Bytes(additional),
                                                     static_cast<int>(additional.size())) == 1);
  }

  EVP_CIPHER_CTX* context;
};

AesGcmKey::AesGcmKey(absl::string_view key) : state_(std::make_unique<State>(key)) {}
AesGcmKey::~AesGcmKey() = default;
AesGcmKey::AesGcmKey(AesGcmKey&&) noexcept = default;
AesGcmKey& AesGcmKey::operator=(AesGcmKey&&) noexcept = default;

void AesGcmKey::Seal(absl::string_view nonce, absl::string_view additional,
                     absl::string_view plaintext, std::string* out) {
  NDX_CHECK(plaintext.size() <= size_t{1} << 30);
  state_->Begin(nonce, additional, 1);
  const size_t start = out->size();
  out->resize(start + plaintext.size() + kGcmTagBytes);
  auto* at = reinterpret_cast<unsigned char*>(out->data() + start);
  int size = 0;
  NDX_CHECK(plaintext.empty() || EVP_CipherUpdate(state_->context, at, &size, Bytes(plaintext),
                                                  static_cast<int>(plaintext.size())) == 1);
  int rest = 0;
  NDX_CHECK(EVP_CipherFinal_ex(state_->context, at + size, &rest) == 1);
  NDX_CHECK(EVP_CIPHER_CTX_ctrl(state_->context, EVP_CTRL_AEAD_GET_TAG, kGcmTagBytes,
                                at + plaintext.size()) == 1);
}

absl::Status AesGcmKey::Open(absl::string_view nonce, absl::string_view additional,
                             absl::string_view sealed, std::string* out) {
  if (sealed.size() < kGcmTagBytes || sealed.size() > size_t{1} << 30) {
    return absl::DataLossError("the sealed bytes are too short or too long");
  }
  const absl::string_view ciphertext = sealed.substr(0, sealed.size() - kGcmTagBytes);
  std::string tag(sealed.substr(ciphertext.size()));
  state_->Begin(nonce, additional, 0);
  const size_t start = out->size();
  out->resize(start + ciphertext.size() + 1);  // one more, so that there is always an address
  auto* at = reinterpret_cast<unsigned char*>(out->data() + start);
  int size = 0;
  int rest = 0;
  const bool good =
      (ciphertext.empty() || EVP_CipherUpdate(state_->context, at, &size, Bytes(ciphertext),
                                              static_cast<int>(ciphertext.size())) == 1) &&
      EVP_CIPHER_CTX_ctrl(state_->context, EVP_CTRL_AEAD_SET_TAG, kGcmTagBytes, tag.data()) == 1 &&
      EVP_CipherFinal_ex(state_->context, at + size, &rest) == 1;
  out->resize(good ? start + ciphertext.size() : start);
  if (!good) return absl::DataLossError("the sealed bytes were changed or belong to another key");
  return absl::OkStatus();
}

}  // namespace ndx::crypto
