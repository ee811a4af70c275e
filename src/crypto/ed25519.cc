#include "ndx/crypto/ed25519.h"

#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/pem.h>

#include "ndx/core/status_macros.h"
#include "openssl_bytes.h"

namespace ndx::crypto {
namespace {

using Context = std::unique_ptr<EVP_MD_CTX, decltype(&EVP_MD_CTX_free)>;
using Bio = std::unique_ptr<BIO, decltype(&BIO_free)>;

std::shared_ptr<void> Own(EVP_PKEY* key) {
  return {key, [](void* p) { EVP_PKEY_free(static_cast<EVP_PKEY*>(p)); }};
}

EVP_PKEY* KeyOf(const std::shared_ptr<void>& key) { return static_cast<EVP_PKEY*>(key.get()); }

}  // namespace

absl::StatusOr<Ed25519PublicKey> Ed25519PublicKey::FromBytes(absl::string_view bytes) {
  if (bytes.size() != kEd25519KeyBytes) {
    return absl::InvalidArgumentError("an Ed25519 public key has 32 bytes");
  }
  EVP_PKEY* key =
      EVP_PKEY_new_raw_public_key(EVP_PKEY_ED25519, nullptr, Bytes(bytes), bytes.size());
  NDX_CHECK(key != nullptr);
  Ed25519PublicKey out;
  out.bytes_ = std::string(bytes);
  out.key_ = Own(key);
  return out;
}

bool Ed25519PublicKey::Verify(absl::string_view message, absl::string_view signature) const {
  const Context context(EVP_MD_CTX_new(), &EVP_MD_CTX_free);
  NDX_CHECK(context != nullptr);
  NDX_CHECK(EVP_DigestVerifyInit(context.get(), nullptr, nullptr, nullptr, KeyOf(key_)) == 1);
  const bool good = signature.size() == kEd25519SignatureBytes &&
                    EVP_DigestVerify(context.get(), Bytes(signature), signature.size(),
                                     Bytes(message), message.size()) == 1;
  if (!good) ERR_clear_error();
  return good;
}

Ed25519PrivateKey Ed25519PrivateKey::Generate(core::Random& random) {
  const SecretBytes seed = SecretBytes::Generate(random, kEd25519KeyBytes);
  return FromSeed(seed.view()).value();
}

absl::StatusOr<Ed25519PrivateKey> Ed25519PrivateKey::FromSeed(absl::string_view seed) {
  if (seed.size() != kEd25519KeyBytes) {
    return absl::InvalidArgumentError("an Ed25519 seed has 32 bytes");
  }
  EVP_PKEY* key = EVP_PKEY_new_raw_private_key(EVP_PKEY_ED25519, nullptr, Bytes(seed), seed.size());
  NDX_CHECK(key != nullptr);
  return FromHandle(Own(key));
}

absl::StatusOr<Ed25519PrivateKey> Ed25519PrivateKey::FromPem(absl::string_view pem) {
  const Bio bio(BIO_new_mem_buf(pem.data(), static_cast<int>(pem.size())), &BIO_free);
  NDX_CHECK(bio != nullptr);
  // Without a callback the library would ask for a passphrase on the terminal.
  auto no_passphrase = [](char*, int, int, void*) { return -1; };
  EVP_PKEY* key = PEM_read_bio_PrivateKey(bio.get(), nullptr, no_passphrase, nullptr);
  if (key == nullptr) {
    ERR_clear_error();
    return absl::InvalidArgumentError("not an unencrypted PEM private key");
  }
  return FromHandle(Own(key));
}

absl::StatusOr<Ed25519PrivateKey> Ed25519PrivateKey::FromHandle(std::shared_ptr<void> key) {
  if (EVP_PKEY_get_base_id(KeyOf(key)) != EVP_PKEY_ED25519) {
    return absl::InvalidArgumentError("not an Ed25519 key");
  }
  Ed25519PrivateKey out;
  out.public_key_.resize(kEd25519KeyBytes);
  size_t size = kEd25519KeyBytes;
  NDX_CHECK(EVP_PKEY_get_raw_public_key(
                KeyOf(key), reinterpret_cast<unsigned char*>(out.public_key_.data()), &size) == 1);
  out.key_ = std::move(key);
  return out;
}

SecretBytes Ed25519PrivateKey::ToPem() const {
  const Bio bio(BIO_new(BIO_s_secmem()), &BIO_free);
  NDX_CHECK(bio != nullptr);
  NDX_CHECK(PEM_write_bio_PKCS8PrivateKey(bio.get(), KeyOf(key_), nullptr, nullptr, 0, nullptr,
                                          nullptr) == 1);
  char* at = nullptr;
  const auto size = BIO_get_mem_data(bio.get(), &at);
  return SecretBytes(absl::string_view(at, static_cast<size_t>(size)));
}

std::string Ed25519PrivateKey::Sign(absl::string_view message) const {
  const Context context(EVP_MD_CTX_new(), &EVP_MD_CTX_free);
  NDX_CHECK(context != nullptr);
  NDX_CHECK(EVP_DigestSignInit(context.get(), nullptr, nullptr, nullptr, KeyOf(key_)) == 1);
  std::string signature(kEd25519SignatureBytes, '\0');
  size_t size = signature.size();
  NDX_CHECK(EVP_DigestSign(context.get(), reinterpret_cast<unsigned char*>(signature.data()), &size,
                           Bytes(message), message.size()) == 1);
  return signature;
}

}  // namespace ndx::crypto
