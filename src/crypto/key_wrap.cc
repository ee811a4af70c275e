#include "ndx/crypto/key_wrap.h"

#include <openssl/err.h>
#include <openssl/evp.h>

#include <memory>

#include "ndx/core/status_macros.h"
#include "ndx/crypto/aes_gcm.h"

namespace ndx::crypto {
namespace {

using Context = std::unique_ptr<EVP_CIPHER_CTX, decltype(&EVP_CIPHER_CTX_free)>;

const EVP_CIPHER* WrapAlgorithm() {
  static const EVP_CIPHER* const kAlgorithm = [] {
    const EVP_CIPHER* algorithm = EVP_CIPHER_fetch(nullptr, "AES-256-WRAP-PAD", nullptr);
    NDX_CHECK(algorithm != nullptr);
    return algorithm;
  }();
  return kAlgorithm;
}

Context NewContext(absl::string_view wrapping_key, int encrypt) {
  Context context(EVP_CIPHER_CTX_new(), &EVP_CIPHER_CTX_free);
  NDX_CHECK(context != nullptr);
  EVP_CIPHER_CTX_set_flags(context.get(), EVP_CIPHER_CTX_FLAG_WRAP_ALLOW);
  NDX_CHECK(EVP_CipherInit_ex2(context.get(), WrapAlgorithm(),
                               reinterpret_cast<const unsigned char*>(wrapping_key.data()), nullptr,
                               encrypt, nullptr) == 1);
  return context;
}

// Runs the cipher over all of in; out is large enough. False if the integrity check fails.
bool Run(EVP_CIPHER_CTX* context, absl::string_view in, char* out, size_t* out_size) {
  int size = 0;
  int rest = 0;
  auto* at = reinterpret_cast<unsigned char*>(out);
  if (EVP_CipherUpdate(context, at, &size, reinterpret_cast<const unsigned char*>(in.data()),
                       static_cast<int>(in.size())) != 1 ||
      EVP_CipherFinal_ex(context, at + size, &rest) != 1) {
    ERR_clear_error();
    return false;
  }
  *out_size = static_cast<size_t>(size) + static_cast<size_t>(rest);
  return true;
}

}  // namespace

absl::StatusOr<std::string> WrapKey(absl::string_view wrapping_key, absl::string_view key) {
  if (wrapping_key.size() != kAesKeyBytes) {
    return absl::InvalidArgumentError("a wrapping key has 32 bytes");
  }
  if (key.empty() || key.size() > kWrappedKeyBytesMax) {
    return absl::InvalidArgumentError("a key to be wrapped has 1 to 4096 bytes");
  }
  const Context context = NewContext(wrapping_key, 1);
  std::string wrapped(key.size() + 16, '\0');
  size_t size = 0;
  NDX_CHECK(Run(context.get(), key, wrapped.data(), &size));
  wrapped.resize(size);
  return wrapped;
}

absl::StatusOr<SecretBytes> UnwrapKey(absl::string_view wrapping_key, absl::string_view wrapped) {
  if (wrapping_key.size() != kAesKeyBytes) {
    return absl::InvalidArgumentError("a wrapping key has 32 bytes");
  }
  const bool possible =
      wrapped.size() >= 16 && wrapped.size() <= kWrappedKeyBytesMax + 16 && wrapped.size() % 8 == 0;
  const Context context = NewContext(wrapping_key, 0);
  SecretBytes key(wrapped.size());
  size_t size = 0;
  if (!possible || !Run(context.get(), wrapped, key.data(), &size)) {
    return absl::DataLossError("the wrapped key was changed or belongs to another wrapping key");
  }
  key.Truncate(size);
  return key;
}

}  // namespace ndx::crypto
