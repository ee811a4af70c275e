// Answers of time-stamp authorities (RFC 3161) and the certificates they are believed by. Nothing
// that was not asked for verifies: the imprint here is of no answer in the corpus.
#include <cstddef>
#include <cstdint>

#include "fuzz_check.h"
#include "ndx/crypto/digest.h"
#include "ndx/crypto/time_stamp.h"

namespace {

// A certificate that signed nothing here (tests/vectors/x509/ca.pem).
constexpr char kAuthority[] = R"(-----BEGIN CERTIFICATE-----
MIIBWTCCAQugAwIBAgIBATAFBgMrZXAwMzEbMBkGA1UECgwSVGjhu60gbmdoaeG7
h20gTkRYMRQwEgYDVQQDDAtORFggdGVzdCBDQTAgFw0yNjExMjIxMDQyMzBaGA8y
MTI2MTAyOTEwNDIzMFowMzEbMBkGA1UECgwSVGjhu60gbmdoaeG7h20gTkRYMRQw
EgYDVQQDDAtORFggdGVzdCBDQTAqMAUGAytlcAMhAEFZw/vxDRaG+7Y3xcIvxlXQ
sqguYub8K+Dbr0Cmgemdo0IwQDAPBgNVHRMBAf8EBTADAQH/MA4GA1UdDwEB/wQE
AwIBBjAdBgNVHQ4EFgQUaciBcRd2ghclWLzz3/goRrUDfcIwBQYDK2VwA0EA1js9
DDARp7jMmHGIJGNp9CzjY7LVPbeRh09WRH/sukQKcVs9HcI83O5PMT8G6d/DB8yb
9hLcSqrBwezG3vcGDw==
-----END CERTIFICATE-----
)";

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  static const auto* const trust =
      new ndx::crypto::TimeStampTrust(ndx::crypto::TimeStampTrust::FromPem(kAuthority).value());
  const absl::string_view bytes(reinterpret_cast<const char*>(data), size);
  const ndx::crypto::Digest imprint = ndx::crypto::Sha256Of({"never asked for"});
  FUZZ_CHECK(!ndx::crypto::VerifyTimeStampAnswer(bytes, imprint, 1, *trust).ok());
  if (const auto own = ndx::crypto::TimeStampTrust::FromPem(bytes); own.ok()) {
    FUZZ_CHECK(!own->certificates().empty());
  }
  return 0;
}
