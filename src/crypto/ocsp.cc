#include "ndx/crypto/ocsp.h"

#include <openssl/err.h>
#include <openssl/ocsp.h>
#include <openssl/x509.h>
#include <openssl/x509v3.h>

#include <memory>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "ndx/core/status_macros.h"
#include "x509_fields.h"

namespace ndx::crypto {
namespace {

constexpr absl::Duration kClocksDiffer = absl::Minutes(5);

struct Free {
  void operator()(X509* p) const { X509_free(p); }
  void operator()(X509_STORE* p) const { X509_STORE_free(p); }
  void operator()(OCSP_REQUEST* p) const { OCSP_REQUEST_free(p); }
  void operator()(OCSP_RESPONSE* p) const { OCSP_RESPONSE_free(p); }
  void operator()(OCSP_BASICRESP* p) const { OCSP_BASICRESP_free(p); }
  void operator()(OCSP_CERTID* p) const { OCSP_CERTID_free(p); }
};
template <typename T>
using Owned = std::unique_ptr<T, Free>;

// Of a certificate that has been read already.
Owned<X509> HandleOf(const Certificate& certificate) {
  const auto* at = reinterpret_cast<const unsigned char*>(certificate.der().data());
  Owned<X509> handle(d2i_X509(nullptr, &at, static_cast<long>(certificate.der().size())));
  NDX_CHECK(handle != nullptr);
  return handle;
}

// RFC 5019 section 2.1.1 and most responders: SHA-1, which names the issuer here and protects
// nothing.
Owned<OCSP_CERTID> IdOf(const Certificate& certificate, const Certificate& issuer) {
  Owned<OCSP_CERTID> id(
      OCSP_cert_to_id(EVP_sha1(), HandleOf(certificate).get(), HandleOf(issuer).get()));
  NDX_CHECK(id != nullptr);
  return id;
}

absl::Status Verify(OCSP_BASICRESP* answer, const Certificate& issuer) {
  const Owned<X509_STORE> store(X509_STORE_new());
  const Owned<X509> trusted = HandleOf(issuer);
  NDX_CHECK(store != nullptr && X509_STORE_add_cert(store.get(), trusted.get()) == 1);
  // The issuer is believed here, whoever has issued it.
  X509_STORE_set_flags(store.get(), X509_V_FLAG_PARTIAL_CHAIN);
  STACK_OF(X509)* signers = sk_X509_new_null();
  NDX_CHECK(signers != nullptr && sk_X509_push(signers, trusted.get()) > 0);
  const int verified = OCSP_basic_verify(answer, signers, store.get(), 0);
  sk_X509_free(signers);
  ERR_clear_error();
  if (verified == 1) return absl::OkStatus();
  return absl::PermissionDeniedError("the answer is not signed by the certificate's authority");
}

absl::Status CheckDates(const OcspAnswer& answer, absl::Time now) {
  if (answer.this_update > now + kClocksDiffer) {
    return absl::FailedPreconditionError("the answer is of a time to come");
  }
  if (answer.next_update < now - kClocksDiffer) {
    return absl::FailedPreconditionError("the answer is out of date");
  }
  return absl::OkStatus();
}

}  // namespace

std::string OcspRequest(const Certificate& certificate, const Certificate& issuer) {
  const Owned<OCSP_REQUEST> request(OCSP_REQUEST_new());
  NDX_CHECK(request != nullptr);
  // The request owns the id from here on.
  NDX_CHECK(OCSP_request_add0_id(request.get(), IdOf(certificate, issuer).release()) != nullptr);
  unsigned char* bytes = nullptr;
  const int size = i2d_OCSP_REQUEST(request.get(), &bytes);
  NDX_CHECK(size > 0);
  std::string der(reinterpret_cast<const char*>(bytes), static_cast<size_t>(size));
  OPENSSL_free(bytes);
  return der;
}

std::string OcspResponderOf(const Certificate& certificate) {
  STACK_OF(OPENSSL_STRING)* found = X509_get1_ocsp(HandleOf(certificate).get());
  std::string responder;
  for (int i = 0; i < sk_OPENSSL_STRING_num(found) && responder.empty(); ++i) {
    const absl::string_view url = sk_OPENSSL_STRING_value(found, i);
    if (absl::StartsWith(url, "http://") || absl::StartsWith(url, "https://")) {
      responder = std::string(url);
    }
  }
  X509_email_free(found);
  ERR_clear_error();
  return responder;
}

absl::StatusOr<OcspAnswer> VerifyOcspAnswer(absl::string_view answer,
                                            const Certificate& certificate,
                                            const Certificate& issuer, absl::Time now) {
  const auto* at = reinterpret_cast<const unsigned char*>(answer.data());
  const auto* const end = at + answer.size();
  const Owned<OCSP_RESPONSE> response(
      answer.size() > kOcspAnswerBytesMax
          ? nullptr
          : d2i_OCSP_RESPONSE(nullptr, &at, static_cast<long>(answer.size())));
  ERR_clear_error();
  if (response == nullptr || at != end) return absl::InvalidArgumentError("not an OCSP answer");
  const int status = OCSP_response_status(response.get());
  if (status != OCSP_RESPONSE_STATUS_SUCCESSFUL) {
    return absl::UnavailableError(
        absl::StrCat("the responder refused: ", OCSP_response_status_str(status)));
  }
  const Owned<OCSP_BASICRESP> basic(OCSP_response_get1_basic(response.get()));
  ERR_clear_error();
  if (basic == nullptr) return absl::InvalidArgumentError("not a basic OCSP answer");
  NDX_RETURN_IF_ERROR(Verify(basic.get(), issuer));
  int state = 0;
  int reason = 0;
  ASN1_GENERALIZEDTIME* revoked = nullptr;
  ASN1_GENERALIZEDTIME* made = nullptr;
  ASN1_GENERALIZEDTIME* next = nullptr;
  if (OCSP_resp_find_status(basic.get(), IdOf(certificate, issuer).get(), &state, &reason, &revoked,
                            &made, &next) != 1) {
    return absl::InvalidArgumentError("the answer is about another certificate");
  }
  OcspAnswer out;
  NDX_ASSIGN_OR_RETURN(out.this_update, TimeOf(made));
  if (next != nullptr) {
    NDX_ASSIGN_OR_RETURN(out.next_update, TimeOf(next));
  }
  if (state == V_OCSP_CERTSTATUS_GOOD) out.state = OcspAnswer::State::kGood;
  if (state == V_OCSP_CERTSTATUS_REVOKED) {
    out.state = OcspAnswer::State::kRevoked;
    NDX_ASSIGN_OR_RETURN(out.revoked_at, TimeOf(revoked));
  }
  NDX_RETURN_IF_ERROR(CheckDates(out, now));
  return out;
}

}  // namespace ndx::crypto
