// What comes back from a peer: its error in its own words, or an answer that its receipt proves.
//
// Thread-safety: on the exchange's loop. A receipt costs some 120 us of it, and two digests of the
// messages.
#pragma once

#include <optional>
#include <string>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "ndx/broker/exchange.h"
#include "ndx/broker/hop_times.h"
#include "ndx/core/refusal.h"
#include "ndx/journal/receipt.h"
#include "ndx/transport/grpc_status.h"
#include "ndx/transport/metadata.h"

namespace ndx::broker {

// An error that a peer ended the call with.
struct PeerError {
  // Its reason and code. RELAY_PEER_FAULT where it is not in the form of a node's: then its words
  // are not passed on.
  core::Refusal refusal;
  // At which node it arose: the peer, or one behind it. Empty for RELAY_PEER_FAULT.
  std::string node;
};

PeerError PeerErrorOf(const transport::GrpcStatus& status, const registry::PeerEntry& peer);

// The wire status of such an error for the caller: the peer's own, with the node's name in its
// ErrorInfo.
transport::GrpcStatus RenderPeerError(const transport::GrpcStatus& status, absl::string_view node);

// The receipt among a peer's trailers; empty where there is none, or more than one.
std::string ReceiptIn(const transport::Metadata& trailers);

// By whichever of the peer's keys fits: two are registered while one follows the other. What else
// is to be checked stands in `checks`.
absl::StatusOr<journal::VerifiedReceipt> VerifyPeersReceipt(const registry::PeerEntry& peer,
                                                            absl::string_view receipt,
                                                            journal::ReceiptChecks checks);

// Of an exchange that a peer answered, before the answer is minimised: its receipt (next_receipt)
// must be signed by the peer's journal, and its record must be of this exchange, by the way that it
// went, with what was sent and what came back. Of a stream, whose messages have gone, their number
// and size. An error may come without a receipt (not every refusal is recorded), an answer may
// not. RELAY_RECEIPT_MISSING, RELAY_RECEIPT_INVALID. What the record says that it took there goes
// into `hops`; `known` are the peers' checkpoints of the same loop.
std::optional<core::Refusal> CheckNextReceipt(const Exchange& x, HopTimes& hops,
                                              journal::KnownCheckpoints& known);

}  // namespace ndx::broker
