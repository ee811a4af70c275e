#include "ndx/crypto/certificate.h"

#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/x509.h>
#include <openssl/x509v3.h>

#include <fstream>
#include <sstream>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "ndx/core/status_macros.h"
#include "x509_fields.h"

namespace ndx::crypto {
namespace {

constexpr int kRsaBitsMin = 2048;

std::shared_ptr<void> Own(X509* x509) {
  return {x509, [](void* p) { X509_free(static_cast<X509*>(p)); }};
}

X509* X509Of(const std::shared_ptr<void>& x509) { return static_cast<X509*>(x509.get()); }

struct Names {
  std::vector<std::string> uri;
  std::vector<std::string> dns;
};

Names AlternativeNames(X509* x509) {
  Names names;
  auto* list =
      static_cast<GENERAL_NAMES*>(X509_get_ext_d2i(x509, NID_subject_alt_name, nullptr, nullptr));
  if (list == nullptr) return names;
  for (int i = 0; i < sk_GENERAL_NAME_num(list); ++i) {
    int type = 0;
    const void* value = GENERAL_NAME_get0_value(sk_GENERAL_NAME_value(list, i), &type);
    if (type != GEN_URI && type != GEN_DNS) continue;
    const auto* text = static_cast<const ASN1_STRING*>(value);
    std::string name(reinterpret_cast<const char*>(ASN1_STRING_get0_data(text)),
                     static_cast<size_t>(ASN1_STRING_length(text)));
    (type == GEN_URI ? names.uri : names.dns).push_back(std::move(name));
  }
  GENERAL_NAMES_free(list);
  return names;
}

template <typename T, typename Encode>
std::string ToDer(T* object, Encode encode) {
  unsigned char* out = nullptr;
  const int size = encode(object, &out);
  NDX_CHECK(size >= 0);
  std::string der(reinterpret_cast<const char*>(out), static_cast<size_t>(size));
  OPENSSL_free(out);
  return der;
}

bool IsAcceptableKey(const EVP_PKEY* key) {
  switch (EVP_PKEY_get_base_id(key)) {
    case EVP_PKEY_ED25519:
    case EVP_PKEY_EC:
      return true;
    case EVP_PKEY_RSA:
      return EVP_PKEY_get_bits(key) >= kRsaBitsMin;
    default:
      return false;
  }
}

}  // namespace

absl::StatusOr<Certificate> Certificate::FromDer(absl::string_view der) {
  const auto* at = reinterpret_cast<const unsigned char*>(der.data());
  const auto* end = at + der.size();
  X509* x509 =
      der.size() > kBytesMax ? nullptr : d2i_X509(nullptr, &at, static_cast<long>(der.size()));
  if (x509 == nullptr || at != end) {
    X509_free(x509);
    ERR_clear_error();
    return absl::InvalidArgumentError("not a certificate in DER");
  }
  return FromHandle(Own(x509));
}

absl::StatusOr<Certificate> Certificate::FromPem(absl::string_view pem) {
  NDX_ASSIGN_OR_RETURN(std::vector<Certificate> list, ListFromPem(pem));
  return std::move(list.front());
}

absl::StatusOr<Certificate> Certificate::Load(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  if (!file) return absl::NotFoundError(absl::StrCat(path, ": cannot be opened"));
  std::ostringstream content;
  content << file.rdbuf();
  auto certificate = FromPem(content.str());
  if (!certificate.ok()) {
    return absl::InvalidArgumentError(absl::StrCat(path, ": ", certificate.status().message()));
  }
  return certificate;
}

absl::StatusOr<std::vector<Certificate>> Certificate::ListFromPem(absl::string_view pem) {
  const std::unique_ptr<BIO, decltype(&BIO_free)> bio(
      BIO_new_mem_buf(pem.data(), static_cast<int>(pem.size())), &BIO_free);
  NDX_CHECK(bio != nullptr);
  std::vector<Certificate> list;
  while (X509* x509 = PEM_read_bio_X509(bio.get(), nullptr, nullptr, nullptr)) {
    NDX_ASSIGN_OR_RETURN(Certificate certificate, FromHandle(Own(x509)));
    list.push_back(std::move(certificate));
  }
  const bool at_end = ERR_GET_REASON(ERR_peek_last_error()) == PEM_R_NO_START_LINE;
  ERR_clear_error();
  if (list.empty() || !at_end) return absl::InvalidArgumentError("not certificates in PEM");
  return list;
}

absl::StatusOr<Certificate> Certificate::FromHandle(std::shared_ptr<void> x509) {
  X509* handle = X509Of(x509);
  Certificate out;
  out.der_ = ToDer(handle, [](X509* x, unsigned char** to) { return i2d_X509(x, to); });
  Names names = AlternativeNames(handle);
  out.uri_names_ = std::move(names.uri);
  out.dns_names_ = std::move(names.dns);
  out.spki_sha256_ =
      Sha256Of({ToDer(X509_get_X509_PUBKEY(handle),
                      [](X509_PUBKEY* k, unsigned char** to) { return i2d_X509_PUBKEY(k, to); })});
  out.serial_hex_ = SerialHex(X509_get0_serialNumber(handle));
  const auto name_der = [](const X509_NAME* name) {
    return ToDer(name, [](const X509_NAME* n, unsigned char** to) { return i2d_X509_NAME(n, to); });
  };
  out.issuer_ = NameText(X509_get_issuer_name(handle));
  out.subject_ = NameText(X509_get_subject_name(handle));
  out.issuer_der_ = name_der(X509_get_issuer_name(handle));
  out.subject_der_ = name_der(X509_get_subject_name(handle));
  NDX_ASSIGN_OR_RETURN(out.not_before_, TimeOf(X509_get0_notBefore(handle)));
  NDX_ASSIGN_OR_RETURN(out.not_after_, TimeOf(X509_get0_notAfter(handle)));
  out.is_ca_ = X509_check_ca(handle) == 1;
  ERR_clear_error();
  out.x509_ = std::move(x509);
  return out;
}

bool Certificate::VerifySignature(absl::string_view message, absl::string_view signature) const {
  EVP_PKEY* key = X509_get0_pubkey(X509Of(x509_));
  if (key == nullptr || !IsAcceptableKey(key)) return false;
  const bool one_shot = EVP_PKEY_get_base_id(key) == EVP_PKEY_ED25519;
  const std::unique_ptr<EVP_MD_CTX, decltype(&EVP_MD_CTX_free)> context(EVP_MD_CTX_new(),
                                                                        &EVP_MD_CTX_free);
  NDX_CHECK(context != nullptr);
  const bool good =
      EVP_DigestVerifyInit(context.get(), nullptr, one_shot ? nullptr : EVP_sha256(), nullptr,
                           key) == 1 &&
      EVP_DigestVerify(context.get(), reinterpret_cast<const unsigned char*>(signature.data()),
                       signature.size(), reinterpret_cast<const unsigned char*>(message.data()),
                       message.size()) == 1;
  ERR_clear_error();
  return good;
}

bool Certificate::IsSignedBy(const Certificate& issuer) const {
  EVP_PKEY* key = X509_get0_pubkey(X509Of(issuer.x509_));
  const bool good = key != nullptr && X509_verify(X509Of(x509_), key) == 1;
  ERR_clear_error();
  return good;
}

}  // namespace ndx::crypto
