#include "ndx/crypto/revocation_list.h"

#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/x509.h>
#include <openssl/x509v3.h>

#include <fstream>
#include <memory>
#include <sstream>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "ndx/core/status_macros.h"
#include "x509_fields.h"

namespace ndx::crypto {
namespace {

using CrlHandle = std::unique_ptr<X509_CRL, decltype(&X509_CRL_free)>;

CrlHandle ReadCrl(absl::string_view content) {
  if (absl::StrContains(content, "-----BEGIN X509 CRL-----")) {
    const std::unique_ptr<BIO, decltype(&BIO_free)> bio(
        BIO_new_mem_buf(content.data(), static_cast<int>(content.size())), &BIO_free);
    NDX_CHECK(bio != nullptr);
    return {PEM_read_bio_X509_CRL(bio.get(), nullptr, nullptr, nullptr), &X509_CRL_free};
  }
  const auto* at = reinterpret_cast<const unsigned char*>(content.data());
  return {d2i_X509_CRL(nullptr, &at, static_cast<long>(content.size())), &X509_CRL_free};
}

bool SameName(const X509_NAME* name, const std::string& der) {
  const unsigned char* bytes = nullptr;
  size_t size = 0;
  return X509_NAME_get0_der(name, &bytes, &size) == 1 &&
         der == absl::string_view(reinterpret_cast<const char*>(bytes), size);
}

// Any critical extension changes what the list means; none is understood here.
bool HasCriticalExtension(const X509_CRL* crl) {
  for (int i = 0; i < X509_CRL_get_ext_count(crl); ++i) {
    if (X509_EXTENSION_get_critical(X509_CRL_get_ext(crl, i)) != 0) return true;
  }
  return false;
}

}  // namespace

absl::StatusOr<RevocationList> RevocationList::Parse(absl::string_view content,
                                                     absl::Span<const Certificate> issuers) {
  if (content.size() > kBytesMax) return absl::InvalidArgumentError("the list is too long");
  const CrlHandle crl = ReadCrl(content);
  ERR_clear_error();
  if (crl == nullptr) return absl::InvalidArgumentError("not a certificate revocation list");
  if (HasCriticalExtension(crl.get())) {
    return absl::InvalidArgumentError("the list has a critical extension (delta or indirect list)");
  }
  RevocationList out;
  bool is_signed = false;
  for (const Certificate& issuer : issuers) {
    if (!SameName(X509_CRL_get_issuer(crl.get()), issuer.subject_der())) continue;
    EVP_PKEY* key = X509_get0_pubkey(static_cast<X509*>(issuer.x509_.get()));
    is_signed = key != nullptr && X509_CRL_verify(crl.get(), key) == 1;
    if (is_signed) {
      out.issuer_der_ = issuer.subject_der();
      break;
    }
  }
  ERR_clear_error();
  out.issuer_ = NameText(X509_CRL_get_issuer(crl.get()));
  if (!is_signed) {
    return absl::PermissionDeniedError(
        absl::StrCat("no trusted certificate authority signed the list of ", out.issuer_));
  }
  NDX_ASSIGN_OR_RETURN(out.this_update_, TimeOf(X509_CRL_get0_lastUpdate(crl.get())));
  out.next_update_ = absl::InfiniteFuture();
  if (const ASN1_TIME* next = X509_CRL_get0_nextUpdate(crl.get()); next != nullptr) {
    NDX_ASSIGN_OR_RETURN(out.next_update_, TimeOf(next));
  }
  STACK_OF(X509_REVOKED)* entries = X509_CRL_get_REVOKED(crl.get());
  for (int i = 0; i < sk_X509_REVOKED_num(entries); ++i) {
    const X509_REVOKED* entry = sk_X509_REVOKED_value(entries, i);
    NDX_ASSIGN_OR_RETURN(const absl::Time since, TimeOf(X509_REVOKED_get0_revocationDate(entry)));
    out.revoked_[SerialHex(X509_REVOKED_get0_serialNumber(entry))] = since;
  }
  return out;
}

absl::StatusOr<RevocationList> RevocationList::Load(const std::string& path,
                                                    absl::Span<const Certificate> issuers) {
  std::ifstream file(path, std::ios::binary);
  if (!file) return absl::NotFoundError(absl::StrCat(path, ": cannot be opened"));
  std::ostringstream content;
  content << file.rdbuf();
  auto list = Parse(content.str(), issuers);
  if (!list.ok()) {
    return absl::Status(list.status().code(), absl::StrCat(path, ": ", list.status().message()));
  }
  return list;
}

bool RevocationList::Covers(const Certificate& certificate) const {
  return certificate.issuer_der() == issuer_der_;
}

bool RevocationList::IsRevoked(const Certificate& certificate) const {
  return RevokedAt(certificate).has_value();
}

std::optional<absl::Time> RevocationList::RevokedAt(const Certificate& certificate) const {
  if (!Covers(certificate)) return std::nullopt;
  const auto found = revoked_.find(certificate.serial_hex());
  if (found == revoked_.end()) return std::nullopt;
  return found->second;
}

}  // namespace ndx::crypto
