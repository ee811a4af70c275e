// Certificates and revocation lists as a peer or a careless file may give them, DER and PEM.
#include <cstddef>
#include <cstdint>
#include <string>

#include "fuzz_check.h"
#include "ndx/crypto/certificate.h"
#include "ndx/crypto/ocsp.h"
#include "ndx/crypto/revocation_list.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const absl::string_view bytes(reinterpret_cast<const char*>(data), size);
  if (const auto certificate = ndx::crypto::Certificate::FromDer(bytes); certificate.ok()) {
    const auto again = ndx::crypto::Certificate::FromDer(certificate->der());
    FUZZ_CHECK(again.ok() && again->spki_sha256() == certificate->spki_sha256());
    FUZZ_CHECK(!certificate->VerifySignature("message", bytes.substr(0, 64)));
    const std::string responder = ndx::crypto::OcspResponderOf(*certificate);
    FUZZ_CHECK(responder.empty() || responder.substr(0, 4) == "http");
    FUZZ_CHECK(!ndx::crypto::OcspRequest(*certificate, *certificate).empty());
    FUZZ_CHECK(
        !ndx::crypto::VerifyOcspAnswer(bytes, *certificate, *certificate, absl::UnixEpoch()).ok());
  }
  if (const auto list = ndx::crypto::Certificate::ListFromPem(bytes); list.ok())
    FUZZ_CHECK(!list->empty());
  if (const auto list = ndx::crypto::RevocationList::Parse(bytes, {}); list.ok()) __builtin_trap();
  return 0;
}
