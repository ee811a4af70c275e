#include "ndx/crypto/key_derivation.h"

#include <openssl/evp.h>
#include <openssl/kdf.h>
#include <openssl/params.h>

#include <array>

#include "ndx/core/status_macros.h"

namespace ndx::crypto {
namespace {

EVP_KDF* HkdfAlgorithm() {
  static EVP_KDF* const kAlgorithm = [] {
    EVP_KDF* algorithm = EVP_KDF_fetch(nullptr, "HKDF", nullptr);
    NDX_CHECK(algorithm != nullptr);
    return algorithm;
  }();
  return kAlgorithm;
}

OSSL_PARAM Octets(const char* name, absl::string_view bytes) {
  // The library takes a pointer to non-const and only reads; a null pointer is refused.
  return OSSL_PARAM_construct_octet_string(
      name, const_cast<char*>(bytes.empty() ? "" : bytes.data()), bytes.size());
}

}  // namespace

SecretBytes HkdfSha256(const HkdfInputs& inputs, size_t size) {
  NDX_CHECK(size >= 1 && size <= kHkdfBytesMax);
  EVP_KDF_CTX* context = EVP_KDF_CTX_new(HkdfAlgorithm());
  NDX_CHECK(context != nullptr);
  char digest[] = "SHA256";
  std::array<OSSL_PARAM, 5> parameters;
  size_t count = 0;
  parameters[count++] = OSSL_PARAM_construct_utf8_string("digest", digest, 0);
  parameters[count++] = Octets("key", inputs.key);
  if (!inputs.salt.empty()) parameters[count++] = Octets("salt", inputs.salt);
  if (!inputs.info.empty()) parameters[count++] = Octets("info", inputs.info);
  parameters[count] = OSSL_PARAM_construct_end();
  SecretBytes out(size);
  NDX_CHECK(EVP_KDF_derive(context, reinterpret_cast<unsigned char*>(out.data()), size,
                           parameters.data()) == 1);
  EVP_KDF_CTX_free(context);
  return out;
}

}  // namespace ndx::crypto
