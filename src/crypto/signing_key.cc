#include "ndx/crypto/signing_key.h"

#include <openssl/ecdsa.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/x509.h>

#include <algorithm>
#include <utility>

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "absl/strings/strip.h"
#include "ndx/core/status_macros.h"
#include "ndx/crypto/digest.h"
#include "ndx/crypto/key_file.h"
#include "openssl_bytes.h"

namespace ndx::crypto {
namespace {

using PemBio = std::unique_ptr<BIO, decltype(&BIO_free)>;
using DigestContext = std::unique_ptr<EVP_MD_CTX, decltype(&EVP_MD_CTX_free)>;
using EcdsaPair = std::unique_ptr<ECDSA_SIG, decltype(&ECDSA_SIG_free)>;

constexpr size_t kScalarBytes = kSignatureBytes / 2;

// What stands before the key itself in the one SubjectPublicKeyInfo that each kind has: RFC 8410
// section 4; RFC 5480 with id-ecPublicKey and secp256r1, and 04 for a point not compressed.
const std::string& Ed25519Prefix() {
  static const auto* const kPrefix =
      new std::string(absl::HexStringToBytes("302a300506032b6570032100"));
  return *kPrefix;
}
const std::string& P256Prefix() {
  static const auto* const kPrefix = new std::string(
      absl::HexStringToBytes("3059301306072a8648ce3d020106082a8648ce3d03010703420004"));
  return *kPrefix;
}

std::shared_ptr<void> OwnHandle(EVP_PKEY* key) {
  return {key, [](void* p) { EVP_PKEY_free(static_cast<EVP_PKEY*>(p)); }};
}

EVP_PKEY* HandleOf(const std::shared_ptr<void>& key) { return static_cast<EVP_PKEY*>(key.get()); }

const EVP_MD* DigestFor(SigningAlgorithm algorithm) {
  return algorithm == SigningAlgorithm::kEs256 ? EVP_sha256() : nullptr;
}

absl::Status OtherKind() {
  ERR_clear_error();
  return absl::InvalidArgumentError("must be an Ed25519 key, or one for ECDSA on P-256");
}

bool IsKind(absl::string_view der, absl::string_view prefix, size_t key_bytes) {
  return der.size() == prefix.size() + key_bytes && der.substr(0, prefix.size()) == prefix;
}

bool IsOnCurve(EVP_PKEY* key) {
  const std::unique_ptr<EVP_PKEY_CTX, decltype(&EVP_PKEY_CTX_free)> context(
      EVP_PKEY_CTX_new(key, nullptr), &EVP_PKEY_CTX_free);
  NDX_CHECK(context != nullptr);
  return EVP_PKEY_public_check(context.get()) == 1;
}

// r and s as ASN.1 has them.
std::string EcdsaToDer(absl::string_view signature) {
  const EcdsaPair pair(ECDSA_SIG_new(), &ECDSA_SIG_free);
  NDX_CHECK(pair != nullptr);
  BIGNUM* const r = BN_bin2bn(Bytes(signature), kScalarBytes, nullptr);
  BIGNUM* const s = BN_bin2bn(Bytes(signature.substr(kScalarBytes)), kScalarBytes, nullptr);
  NDX_CHECK(r != nullptr && s != nullptr && ECDSA_SIG_set0(pair.get(), r, s) == 1);
  unsigned char* der = nullptr;
  const int size = i2d_ECDSA_SIG(pair.get(), &der);
  NDX_CHECK(size > 0);
  std::string out(reinterpret_cast<const char*>(der), static_cast<size_t>(size));
  OPENSSL_free(der);
  return out;
}

std::string EcdsaFromDer(absl::string_view der) {
  const unsigned char* at = Bytes(der);
  const EcdsaPair pair(d2i_ECDSA_SIG(nullptr, &at, static_cast<long>(der.size())), &ECDSA_SIG_free);
  NDX_CHECK(pair != nullptr);
  std::string out(kSignatureBytes, '\0');
  auto* const bytes = reinterpret_cast<unsigned char*>(out.data());
  NDX_CHECK(BN_bn2binpad(ECDSA_SIG_get0_r(pair.get()), bytes, kScalarBytes) == kScalarBytes);
  NDX_CHECK(BN_bn2binpad(ECDSA_SIG_get0_s(pair.get()), bytes + kScalarBytes, kScalarBytes) ==
            kScalarBytes);
  return out;
}

absl::StatusOr<std::string> SpkiOf(EVP_PKEY* key) {
  unsigned char* der = nullptr;
  const int size = i2d_PUBKEY(key, &der);
  if (size <= 0) return OtherKind();
  std::string out(reinterpret_cast<const char*>(der), static_cast<size_t>(size));
  OPENSSL_free(der);
  return out;
}

}  // namespace

absl::string_view AlgorithmName(SigningAlgorithm algorithm) {
  return algorithm == SigningAlgorithm::kEs256 ? "ES256" : "EdDSA";
}

bool IsSignature(SigningAlgorithm algorithm, absl::string_view bytes) {
  if (bytes.size() != kSignatureBytes) return false;
  if (algorithm == SigningAlgorithm::kEdDsa) return true;
  const auto is_zero = [](absl::string_view scalar) {
    return std::all_of(scalar.begin(), scalar.end(), [](char c) { return c == '\0'; });
  };
  return !is_zero(bytes.substr(0, kScalarBytes)) && !is_zero(bytes.substr(kScalarBytes));
}

absl::StatusOr<SigningPublicKey> SigningPublicKey::FromSpki(absl::string_view der) {
  SigningPublicKey out;
  if (IsKind(der, Ed25519Prefix(), kEd25519KeyBytes)) {
    out.algorithm_ = SigningAlgorithm::kEdDsa;
  } else if (IsKind(der, P256Prefix(), 2 * kScalarBytes)) {
    out.algorithm_ = SigningAlgorithm::kEs256;
  } else {
    return OtherKind();
  }
  const unsigned char* at = Bytes(der);
  EVP_PKEY* const key = d2i_PUBKEY(nullptr, &at, static_cast<long>(der.size()));
  if (key == nullptr) return OtherKind();
  out.key_ = OwnHandle(key);
  if (out.algorithm_ == SigningAlgorithm::kEs256 && !IsOnCurve(key)) return OtherKind();
  out.spki_ = std::string(der);
  const Digest digest = Sha256Of({der});
  out.id_ = absl::BytesToHexString(AsBytes(digest));
  return out;
}

absl::StatusOr<SigningPublicKey> SigningPublicKey::FromBase64(absl::string_view text) {
  const std::string line = absl::StrReplaceAll(text, {{"\n", ""}, {"\r", ""}, {" ", ""}});
  std::string der;
  if (!absl::Base64Unescape(line, &der) || absl::Base64Escape(der) != line) {
    return absl::InvalidArgumentError(
        "must be a public key in base64, as between the lines BEGIN and END of `openssl pkey "
        "-pubout`");
  }
  return FromSpki(der);
}

absl::StatusOr<SigningPublicKey> SigningPublicKey::FromPem(absl::string_view pem) {
  constexpr absl::string_view kBegin = "-----BEGIN PUBLIC KEY-----";
  constexpr absl::string_view kEnd = "-----END PUBLIC KEY-----";
  const size_t begin = pem.find(kBegin);
  const size_t end = pem.find(kEnd);
  if (begin == absl::string_view::npos || end == absl::string_view::npos || end < begin) {
    return absl::InvalidArgumentError("no PEM public key (BEGIN PUBLIC KEY)");
  }
  const size_t body = begin + kBegin.size();
  return FromBase64(pem.substr(body, end - body));
}

absl::StatusOr<SigningPublicKey> SigningPublicKey::FromEd25519(absl::string_view bytes) {
  if (bytes.size() != kEd25519KeyBytes) return OtherKind();
  return FromSpki(absl::StrCat(Ed25519Prefix(), bytes));
}

bool SigningPublicKey::Verify(absl::string_view message, absl::string_view signature) const {
  if (!IsSignature(algorithm_, signature)) return false;
  const std::string der =
      algorithm_ == SigningAlgorithm::kEs256 ? EcdsaToDer(signature) : std::string(signature);
  const DigestContext context(EVP_MD_CTX_new(), &EVP_MD_CTX_free);
  NDX_CHECK(context != nullptr);
  NDX_CHECK(EVP_DigestVerifyInit(context.get(), nullptr, DigestFor(algorithm_), nullptr,
                                 HandleOf(key_)) == 1);
  const bool good =
      EVP_DigestVerify(context.get(), Bytes(der), der.size(), Bytes(message), message.size()) == 1;
  if (!good) ERR_clear_error();
  return good;
}

absl::StatusOr<SigningPrivateKey> SigningPrivateKey::FromPem(absl::string_view pem) {
  const PemBio bio(BIO_new_mem_buf(pem.data(), static_cast<int>(pem.size())), &BIO_free);
  NDX_CHECK(bio != nullptr);
  // Without a callback the library would ask for a passphrase on the terminal.
  auto no_passphrase = [](char*, int, int, void*) { return -1; };
  EVP_PKEY* const key = PEM_read_bio_PrivateKey(bio.get(), nullptr, no_passphrase, nullptr);
  if (key == nullptr) {
    ERR_clear_error();
    return absl::InvalidArgumentError("not an unencrypted PEM private key");
  }
  std::shared_ptr<void> owned = OwnHandle(key);
  NDX_ASSIGN_OR_RETURN(const std::string spki, SpkiOf(key));
  NDX_ASSIGN_OR_RETURN(SigningPublicKey public_key, SigningPublicKey::FromSpki(spki));
  SigningPrivateKey out(std::move(public_key));
  out.key_ = std::move(owned);
  return out;
}

absl::StatusOr<SigningPrivateKey> SigningPrivateKey::Load(const std::string& path) {
  NDX_ASSIGN_OR_RETURN(const SecretBytes pem, ReadKeyFile(path));
  auto key = FromPem(pem.view());
  if (key.ok()) return key;
  return absl::InvalidArgumentError(absl::StrCat(path, ": ", key.status().message()));
}

SigningPrivateKey SigningPrivateKey::FromEd25519(const Ed25519PrivateKey& key) {
  const SecretBytes pem = key.ToPem();
  auto out = FromPem(pem.view());
  NDX_CHECK(out.ok());
  return *std::move(out);
}

std::string SigningPrivateKey::Sign(absl::string_view message) const {
  const DigestContext context(EVP_MD_CTX_new(), &EVP_MD_CTX_free);
  NDX_CHECK(context != nullptr);
  const SigningAlgorithm algorithm = public_key_.algorithm();
  NDX_CHECK(EVP_DigestSignInit(context.get(), nullptr, DigestFor(algorithm), nullptr,
                               HandleOf(key_)) == 1);
  size_t size = 0;
  NDX_CHECK(EVP_DigestSign(context.get(), nullptr, &size, Bytes(message), message.size()) == 1);
  std::string signature(size, '\0');
  NDX_CHECK(EVP_DigestSign(context.get(), reinterpret_cast<unsigned char*>(signature.data()), &size,
                           Bytes(message), message.size()) == 1);
  signature.resize(size);
  return algorithm == SigningAlgorithm::kEs256 ? EcdsaFromDer(signature) : signature;
}

}  // namespace ndx::crypto
