// The caller's own signature over a request (ký số yêu cầu), held against the key that the registry
// has for its system. That it is the one recorded, the receipt has shown by then; this shows that
// the request is the caller's, whatever the node and its operators say.
//
// Thread-safety: thread-safe.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "ndx/crypto/signing_key.h"
#include "ndx/exchange/v1/exchange_service.pb.h"
#include "ndx/journal/receipt.h"
#include "ndx/tools/verify/verdict.h"

namespace ndx::tools::verify {

enum class CallerSignature {
  kNone,      // the leaf commits to none
  kNotTried,  // it or the request is not given whole, or no key to hold it against
  kVerified,
  kBad,
};

// What is given to hold it against.
struct SignedRequest {
  const std::optional<std::vector<std::string>>& request;
  const std::optional<std::string>& signature;
  // Registered keys of the caller's system.
  const std::vector<crypto::SigningPublicKey>& keys;
};

// Says what was checked, what was not and why, or what is wrong.
CallerSignature CheckCallerSignature(const journal::VerifiedReceipt& verified,
                                     const exchange::v1::ReceiptOpening& opening,
                                     const SignedRequest& given, Verdict& verdict);

}  // namespace ndx::tools::verify
