// Fields that certificates and revocation lists share, read with OpenSSL. Private to this folder.
//
// Thread-safety: thread-safe.
#pragma once

#include <openssl/asn1.h>
#include <openssl/x509.h>

#include <string>

#include "absl/status/statusor.h"
#include "absl/time/time.h"

namespace ndx::crypto {

// Lower-case hexadecimal without leading zero bytes; "00" for zero, a leading '-' if negative.
std::string SerialHex(const ASN1_INTEGER* serial);

// RFC 2253 text in UTF-8.
std::string NameText(const X509_NAME* name);

// kInvalidArgument if the time cannot be read.
absl::StatusOr<absl::Time> TimeOf(const ASN1_TIME* time);

}  // namespace ndx::crypto
