#include "ndx/crypto/time_stamp.h"

#include <openssl/bn.h>
#include <openssl/err.h>
#include <openssl/objects.h>
#include <openssl/pkcs7.h>
#include <openssl/ts.h>
#include <openssl/x509.h>
#include <openssl/x509_vfy.h>

#include <memory>

#include "absl/strings/str_cat.h"
#include "ndx/core/big_endian.h"
#include "ndx/core/status_macros.h"
#include "x509_fields.h"

namespace ndx::crypto {
namespace {

constexpr size_t kPolicyTextBytesMax = 128;

template <typename T, void (*kFree)(T*)>
struct Freeing {
  void operator()(T* object) const { kFree(object); }
};
template <typename T, void (*kFree)(T*)>
using Owned = std::unique_ptr<T, Freeing<T, kFree>>;
using Request = Owned<TS_REQ, TS_REQ_free>;
using Answer = Owned<TS_RESP, TS_RESP_free>;

// An imprint over SHA-256 in a request; with a nonce where there is one.
Request MakeRequest(const Digest& imprint, std::optional<uint64_t> nonce) {
  Request request(TS_REQ_new());
  Owned<TS_MSG_IMPRINT, TS_MSG_IMPRINT_free> message(TS_MSG_IMPRINT_new());
  Owned<X509_ALGOR, X509_ALGOR_free> algorithm(X509_ALGOR_new());
  NDX_CHECK(request != nullptr && message != nullptr && algorithm != nullptr);
  X509_ALGOR_set_md(algorithm.get(), EVP_sha256());
  Digest bytes = imprint;
  NDX_CHECK(TS_MSG_IMPRINT_set_algo(message.get(), algorithm.get()) == 1 &&
            TS_MSG_IMPRINT_set_msg(message.get(), bytes.data(), static_cast<int>(bytes.size())) ==
                1 &&
            TS_REQ_set_version(request.get(), 1) == 1 &&
            TS_REQ_set_msg_imprint(request.get(), message.get()) == 1 &&
            TS_REQ_set_cert_req(request.get(), 1) == 1);
  if (nonce.has_value()) {
    Owned<ASN1_INTEGER, ASN1_INTEGER_free> number(ASN1_INTEGER_new());
    NDX_CHECK(number != nullptr && ASN1_INTEGER_set_uint64(number.get(), *nonce) == 1 &&
              TS_REQ_set_nonce(request.get(), number.get()) == 1);
  }
  return request;
}

STACK_OF(X509) * CopyOf(const std::vector<Certificate>& certificates) {
  STACK_OF(X509)* stack = sk_X509_new_null();
  NDX_CHECK(stack != nullptr);
  for (const Certificate& certificate : certificates) {
    const auto* at = reinterpret_cast<const unsigned char*>(certificate.der().data());
    X509* copy = d2i_X509(nullptr, &at, static_cast<long>(certificate.der().size()));
    NDX_CHECK(copy != nullptr && sk_X509_push(stack, copy) > 0);
  }
  return stack;
}

// Anything in the trust ends a chain, also the authority's own certificate.
X509_STORE* StoreOf(const STACK_OF(X509) * certificates, absl::Time at) {
  X509_STORE* store = X509_STORE_new();
  NDX_CHECK(store != nullptr);
  for (int i = 0; i < sk_X509_num(certificates); ++i) {
    NDX_CHECK(X509_STORE_add_cert(store, sk_X509_value(certificates, i)) == 1);
  }
  X509_VERIFY_PARAM* param = X509_STORE_get0_param(store);
  NDX_CHECK(X509_VERIFY_PARAM_set_flags(param, X509_V_FLAG_PARTIAL_CHAIN) == 1);
  X509_VERIFY_PARAM_set_time(param, absl::ToTimeT(at));
  return store;
}

// The authority's own words about a refusal.
std::string RefusalText(TS_RESP* answer) {
  std::string text;
  const STACK_OF(ASN1_UTF8STRING)* lines =
      TS_STATUS_INFO_get0_text(TS_RESP_get_status_info(answer));
  for (int i = 0; lines != nullptr && i < sk_ASN1_UTF8STRING_num(lines); ++i) {
    const ASN1_UTF8STRING* line = sk_ASN1_UTF8STRING_value(lines, i);
    absl::StrAppend(&text, text.empty() ? "" : " ",
                    absl::string_view(reinterpret_cast<const char*>(ASN1_STRING_get0_data(line)),
                                      static_cast<size_t>(ASN1_STRING_length(line))));
  }
  return text.substr(0, 200);
}

absl::StatusOr<Answer> Parse(absl::string_view der) {
  if (der.size() > kTimeStampAnswerBytesMax) {
    return absl::InvalidArgumentError("the answer is too long for a time-stamp");
  }
  const auto* at = reinterpret_cast<const unsigned char*>(der.data());
  const unsigned char* const end = at + der.size();
  Answer answer(d2i_TS_RESP(nullptr, &at, static_cast<long>(der.size())));
  ERR_clear_error();
  if (answer == nullptr || at != end) {
    return absl::InvalidArgumentError("the answer is no time-stamp response");
  }
  const long status =
      ASN1_INTEGER_get(TS_STATUS_INFO_get0_status(TS_RESP_get_status_info(answer.get())));
  if (status != TS_STATUS_GRANTED && status != TS_STATUS_GRANTED_WITH_MODS) {
    return absl::UnavailableError(absl::StrCat("the time-stamp authority refused with status ",
                                               status, ": ", RefusalText(answer.get())));
  }
  if (TS_RESP_get_token(answer.get()) == nullptr || TS_RESP_get_tst_info(answer.get()) == nullptr) {
    return absl::InvalidArgumentError("the time-stamp response holds no token");
  }
  return answer;
}

std::string LastErrorText() {
  const char* reason = ERR_reason_error_string(ERR_peek_last_error());
  ERR_clear_error();
  return reason == nullptr ? "" : reason;
}

}  // namespace

std::string TimeStampRequest(const Digest& imprint, uint64_t nonce) {
  const Request request = MakeRequest(imprint, nonce);
  unsigned char* out = nullptr;
  const int size = i2d_TS_REQ(request.get(), &out);
  NDX_CHECK(size > 0);
  std::string der(reinterpret_cast<const char*>(out), static_cast<size_t>(size));
  OPENSSL_free(out);
  return der;
}

absl::StatusOr<TimeStampTrust> TimeStampTrust::FromPem(absl::string_view pem) {
  NDX_ASSIGN_OR_RETURN(std::vector<Certificate> certificates, Certificate::ListFromPem(pem));
  return TimeStampTrust(std::move(certificates));
}

absl::StatusOr<TimeStamp> VerifyTimeStampAnswer(absl::string_view answer, const Digest& imprint,
                                                std::optional<uint64_t> nonce,
                                                const TimeStampTrust& trust) {
  NDX_ASSIGN_OR_RETURN(const Answer parsed, Parse(answer));
  TS_TST_INFO* const token = TS_RESP_get_tst_info(parsed.get());
  TimeStamp stamp;
  NDX_ASSIGN_OR_RETURN(stamp.time, TimeOf(TS_TST_INFO_get_time(token)));
  const Request request = MakeRequest(imprint, nonce);
  Owned<TS_VERIFY_CTX, TS_VERIFY_CTX_free> context(TS_REQ_to_TS_VERIFY_CTX(request.get(), nullptr));
  NDX_CHECK(context != nullptr);
  // The context owns both.
  STACK_OF(X509)* certificates = CopyOf(trust.certificates());
  TS_VERIFY_CTX_set_store(context.get(), StoreOf(certificates, stamp.time));
  TS_VERIFY_CTX_set_certs(context.get(), certificates);
  TS_VERIFY_CTX_add_flags(context.get(), TS_VFY_SIGNATURE);
  if (TS_RESP_verify_response(context.get(), parsed.get()) != 1) {
    return absl::PermissionDeniedError(
        absl::StrCat("the time-stamp does not verify: ", LastErrorText()));
  }
  stamp.serial_hex = SerialHex(TS_TST_INFO_get_serial(token));
  char policy[kPolicyTextBytesMax] = {};
  OBJ_obj2txt(policy, sizeof(policy), TS_TST_INFO_get_policy_id(token), /*no_name=*/1);
  stamp.policy = policy;
  STACK_OF(X509)* signers = PKCS7_get0_signers(TS_RESP_get_token(parsed.get()), certificates, 0);
  if (sk_X509_num(signers) > 0) {
    stamp.signer = NameText(X509_get_subject_name(sk_X509_value(signers, 0)));
  }
  sk_X509_free(signers);
  ERR_clear_error();
  return stamp;
}

}  // namespace ndx::crypto
