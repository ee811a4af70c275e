#include "x509_fields.h"

#include <openssl/bio.h>
#include <openssl/bn.h>

#include <ctime>
#include <memory>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "ndx/core/status_macros.h"

namespace ndx::crypto {

std::string SerialHex(const ASN1_INTEGER* serial) {
  BIGNUM* number = ASN1_INTEGER_to_BN(serial, nullptr);
  NDX_CHECK(number != nullptr);
  char* text = BN_bn2hex(number);
  NDX_CHECK(text != nullptr);
  std::string hex = absl::AsciiStrToLower(text);
  OPENSSL_free(text);
  BN_free(number);
  if (hex == "0") hex = "00";
  return hex;
}

std::string NameText(const X509_NAME* name) {
  const std::unique_ptr<BIO, decltype(&BIO_free)> bio(BIO_new(BIO_s_mem()), &BIO_free);
  NDX_CHECK(bio != nullptr);
  X509_NAME_print_ex(bio.get(), name, 0, XN_FLAG_RFC2253 & ~ASN1_STRFLGS_ESC_MSB);
  char* at = nullptr;
  const auto size = BIO_get_mem_data(bio.get(), &at);
  return std::string(at, static_cast<size_t>(size));
}

absl::StatusOr<absl::Time> TimeOf(const ASN1_TIME* time) {
  std::tm parts{};
  if (time == nullptr || ASN1_TIME_to_tm(time, &parts) != 1) {
    return absl::InvalidArgumentError("a time in the certificate or list cannot be read");
  }
  return absl::FromTM(parts, absl::UTCTimeZone());
}

}  // namespace ndx::crypto
