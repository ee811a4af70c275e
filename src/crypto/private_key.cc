#include "ndx/crypto/private_key.h"

#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/rsa.h>
#include <openssl/x509.h>

#include <utility>

#include "absl/strings/str_cat.h"
#include "ndx/core/status_macros.h"
#include "ndx/crypto/digest.h"
#include "ndx/crypto/key_file.h"
#include "openssl_bytes.h"

namespace ndx::crypto {
namespace {

EVP_PKEY* HandleOf(const std::shared_ptr<void>& key) { return static_cast<EVP_PKEY*>(key.get()); }

}  // namespace

absl::StatusOr<PrivateKey> PrivateKey::FromPem(absl::string_view pem) {
  const std::unique_ptr<BIO, decltype(&BIO_free)> bio(
      BIO_new_mem_buf(pem.data(), static_cast<int>(pem.size())), &BIO_free);
  NDX_CHECK(bio != nullptr);
  // Without a callback the library would ask for a passphrase on the terminal.
  auto no_passphrase = [](char*, int, int, void*) { return -1; };
  EVP_PKEY* key = PEM_read_bio_PrivateKey(bio.get(), nullptr, no_passphrase, nullptr);
  if (key == nullptr) {
    ERR_clear_error();
    return absl::InvalidArgumentError("not an unencrypted PEM private key");
  }
  return PrivateKey({key, [](void* p) { EVP_PKEY_free(static_cast<EVP_PKEY*>(p)); }});
}

absl::StatusOr<PrivateKey> PrivateKey::Read(const std::string& path) {
  NDX_ASSIGN_OR_RETURN(const SecretBytes pem, ReadKeyFile(path));
  auto key = FromPem(pem.view());
  if (!key.ok()) {
    return absl::InvalidArgumentError(
        absl::StrCat("key file ", path, ": ", key.status().message()));
  }
  return key;
}

PrivateKey PrivateKey::FromHandle(std::shared_ptr<void> key) {
  NDX_CHECK(key != nullptr);
  return PrivateKey(std::move(key));
}

bool PrivateKey::Fits(const Certificate& certificate) const {
  unsigned char* der = nullptr;
  const int size = i2d_PUBKEY(HandleOf(key_), &der);
  if (size <= 0) {
    ERR_clear_error();
    return false;
  }
  const Digest spki = Sha256Of({{reinterpret_cast<const char*>(der), static_cast<size_t>(size)}});
  OPENSSL_free(der);
  return spki == certificate.spki_sha256();
}

absl::StatusOr<SecretBytes> PrivateKey::Decrypt(absl::string_view encrypted) const {
  if (EVP_PKEY_get_base_id(HandleOf(key_)) != EVP_PKEY_RSA) {
    return absl::InvalidArgumentError("what is encrypted for a key needs an RSA key");
  }
  const std::unique_ptr<EVP_PKEY_CTX, decltype(&EVP_PKEY_CTX_free)> context(
      EVP_PKEY_CTX_new(HandleOf(key_), nullptr), &EVP_PKEY_CTX_free);
  NDX_CHECK(context != nullptr);
  size_t size = 0;
  const auto* const from = Bytes(encrypted);
  if (EVP_PKEY_decrypt_init(context.get()) == 1 &&
      EVP_PKEY_CTX_set_rsa_padding(context.get(), RSA_PKCS1_OAEP_PADDING) == 1 &&
      EVP_PKEY_decrypt(context.get(), nullptr, &size, from, encrypted.size()) == 1) {
    SecretBytes plain(size);
    if (EVP_PKEY_decrypt(context.get(), reinterpret_cast<unsigned char*>(plain.data()), &size, from,
                         encrypted.size()) == 1) {
      plain.Truncate(size);
      return plain;
    }
  }
  ERR_clear_error();
  return absl::DataLossError("the bytes were not encrypted for this key, or changed since");
}

}  // namespace ndx::crypto
