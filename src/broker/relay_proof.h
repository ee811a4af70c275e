// Whether a peer's word counts for whom it asks (ndx-relay-assertion-bin). Second half of stage 2,
// and, once the body is there, of stage 4.
//
// | order | check | refusal |
// |---|---|---|
// | 1 | the caller's system is a peer with assertion keys | RELAY_PEER_UNKNOWN |
// | 2 | form; signed by a key of the peer's of today | RELAY_ASSERTION_INVALID |
// | 3 | its times | RELAY_ASSERTION_EXPIRED |
// | 4 | made out for this node | RELAY_ASSERTION_AUDIENCE |
// | 5 | exchange id, method, provider, ground, signature and sender are those of the call |
//     RELAY_ASSERTION_MISMATCH |
// | 6 | has not been here; nodes crossed | RELAY_LOOP, RELAY_TOO_MANY_HOPS |
// | 7 | the system that asked is registered here, and in use | RELAY_ORIGIN_UNKNOWN, and
//     those of security/system_standing.h |
// | 8 | the peer may speak for its member, and ask by this method | RELAY_NOT_ALLOWED |
// | 9 | the body's digest | RELAY_ASSERTION_MISMATCH |
//
// Thread-safety: on the exchange's loop. The signature costs some 90 us of it.
#pragma once

#include <optional>
#include <string>

#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "ndx/broker/exchange.h"
#include "ndx/core/refusal.h"

namespace ndx::broker {

// Of an exchange whose principal is the peer that called, with an assertion. Where it counts, the
// principal becomes the system that asked the first node, with the certificate digest that is
// asserted, and relayed_from is set. Checks 1 to 8.
std::optional<core::Refusal> ProveRelay(Exchange& x, absl::string_view node,
                                        const std::string& node_contact, absl::Time now);

// Of an exchange whose route leads to a peer: RELAY_LOOP where it has crossed that one before, and
// RELAY_TOO_MANY_HOPS where it has crossed as many as it may. relay_path is set.
std::optional<core::Refusal> BeginRelay(Exchange& x, absl::string_view node);

// Check 9, of a complete request. Nothing for an exchange that was not relayed.
std::optional<core::Refusal> CheckRelayedBody(const Exchange& x);

}  // namespace ndx::broker
