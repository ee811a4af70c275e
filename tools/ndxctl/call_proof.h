// What `ndxctl call` sends to prove who asks, and holds what is delivered against: the consumer's
// signature, an officer's token, the node's signature.
//
// Thread-safety: thread-safe functions.
// Errors: those of the files, naming them; kPermissionDenied for a delivery that is not signed as
// it should be.
#pragma once

#include <string>
#include <vector>

#include "absl/status/status.h"
#include "ndx/core/clock.h"
#include "ndx/core/random.h"
#include "ndx/tools/ndxctl/exchange_call.h"

namespace ndx::tools::ndxctl {

// Files as given on the command line; empty for nothing.
struct CallProofFiles {
  std::string sign_key;            // PEM private key of the calling system
  std::string officer_token;       // the token's text
  std::string signature_out;       // gets the signature that was sent
  std::string request_out;         // gets the request's bytes, over which it is
  std::vector<std::string> vkeys;  // of the node
};

// Adds ndx-officer-token, and ndx-signature-bin over the call as it is; an exchange id of its own
// where it has none.
absl::Status ProveCall(const CallProofFiles& files, const core::Clock& clock, core::Random& random,
                       ExchangeCall& call);

// OK when one of the node's keys signed just these messages for this call.
absl::Status CheckDelivery(const CallProofFiles& files, const ExchangeCall& call, bool streamed,
                           const std::vector<std::string>& messages, const std::string& signature,
                           const core::Clock& clock);

}  // namespace ndx::tools::ndxctl
