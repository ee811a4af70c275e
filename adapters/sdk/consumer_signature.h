// What a consumer in C++ needs where its grant says `signed_requests`: signs what it asks, and
// verifies what the node delivers. The same in JavaScript and TypeScript is node/ndx_signature.mjs.
//
//   context.AddMetadata("ndx-exchange-id", id);
//   context.AddMetadata("ndx-signature-bin", SignRequest(asked, key, now));
//   …
//   VerifyDelivery(delivered, trailers["ndx-signature-bin"], node_key, now)
//
// Thread-safety: thread-safe functions.
// Errors: kPermissionDenied, saying why, for a signature that does not count.
#pragma once

#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "ndx/crypto/signing_key.h"

namespace ndx::sdk {

struct AskedExchange {
  std::string exchange_id;  // UUIDv7, of the consumer's own choice; sent as ndx-exchange-id
  std::string method;       // "/package.Service/Method"
  std::string request;      // the message as it goes out
};

// The bytes of ndx-signature-bin. They count for five minutes from now on; whoever asks again later
// signs again, under the same id.
std::string SignRequest(const AskedExchange& asked, const crypto::SigningPrivateKey& key,
                        absl::Time now);

struct DeliveredExchange {
  std::string exchange_id;
  std::string method;
  bool streamed = false;  // the method's answer is a stream
  std::vector<std::string> messages;
};

// OK when the node signed just this, for this exchange, not long before now. node_key: the key of
// the node's journal, by which its receipts are verified too (SigningPublicKey::FromEd25519).
absl::Status VerifyDelivery(const DeliveredExchange& delivered, absl::string_view signature,
                            const crypto::SigningPublicKey& node_key, absl::Time now);

}  // namespace ndx::sdk
