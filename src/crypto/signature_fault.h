// Why a signature or a signed token does not count, in one table for everybody who says so: the
// node to callers and providers, ndx-verify, the SDK.
//
// Thread-safety: thread-safe.
#pragma once

#include "absl/strings/string_view.h"

namespace ndx::crypto {

enum class SignatureFault {
  kTooLong,
  kForm,         // not header..signature, or header.payload.signature
  kEncoding,     // base64url with padding, other characters or bits left over
  kHeader,       // no flat JSON object
  kMember,       // a member that is missing, unknown or of another type
  kAlgorithm,    // neither ES256 nor EdDSA, or not that of the key
  kType,         // made for something else
  kLength,       // not 64 bytes, or an r or s of zero
  kLife,         // ends before it begins, or lives too long
  kNotYet,       // from the future
  kExpired,      //
  kKeyUnknown,   // not registered for who signs
  kKeyNotToday,  // registered for other days
  kMismatch,     // of something else, or by another key
  kNoExchangeId,
  kMissing,
  kSentTwice,
  kClaims,    // of a token: a claim that is missing, unknown or of another type
  kIssuer,    // of a token: not the caller's member
  kAudience,  // of a token: not this node
  kSubject,   // of a token: not the officer stated
};

// As a part of a sentence: "… (chữ ký đã hết hạn)".
absl::string_view FaultTextVi(SignatureFault fault);
absl::string_view FaultTextEn(SignatureFault fault);

}  // namespace ndx::crypto
