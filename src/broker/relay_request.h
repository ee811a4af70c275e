// What goes to a peer with an exchange that is passed on to it: who asks and on what ground, signed
// by this node.
//
// Thread-safety: on the exchange's loop; a RelaySigner is called from every loop.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "absl/time/time.h"
#include "ndx/broker/exchange.h"
#include "ndx/core/exchange_id.h"
#include "ndx/crypto/relay_assertion.h"
#include "ndx/transport/metadata.h"

namespace ndx::broker {

// Gives the assertion (crypto/relay_assertion.h). Thread-safe.
using RelaySigner = std::function<std::string(const crypto::RelayClaims& claims)>;

// The id under which the peer gets it: the exchange's own; of a change that operators have made
// again, that of the first one, by which the peer knows whether it was made.
const core::ExchangeId& IdAtPeer(const Exchange& x);

// The metadata for the peer: id, provider, ground, the caller's own signature and officer's token,
// and the assertion; what crosses the node beside them, without a traceparent. The exchange has its
// relay_path and a complete request. The assertion counts for kSignatureLifeMax from now on.
transport::Metadata RelayMetadata(const Exchange& x, const RelaySigner& sign, absl::Time now);

// For whom, and by what way, a peer is asked something beside its exchanges.
struct RelayWay {
  std::string origin;              // the consumer
  std::string origin_certificate;  // SHA-256 of its key, 32 bytes; empty for a replay's
  std::vector<std::string> path;   // nodes crossed, this one last
  std::string peer;
};

// The metadata of such a question, which has an id of its own and is to the peer's node itself.
transport::Metadata QuestionMetadata(const RelayWay& way, absl::string_view method,
                                     absl::string_view message, const core::ExchangeId& id,
                                     const RelaySigner& sign, absl::Time now);

// The metadata with which the peer is asked for its receipt of an exchange that it answered: a
// question of its own, with the given id, to the peer's node in the name of who asked.
transport::Metadata ReceiptMetadata(const Exchange& x, absl::string_view method,
                                    absl::string_view message, const core::ExchangeId& id,
                                    const RelaySigner& sign, absl::Time now);

}  // namespace ndx::broker
