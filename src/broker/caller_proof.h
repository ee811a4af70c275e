// What a caller sends to prove: who the officer is (ndx-officer-token) and that the request is its
// own (ndx-signature-bin). Second half of stage 4, beside the policy, which sees only whether they
// are there.
//
// Both are held against keys of the registry alone: nothing in them leads anywhere else.
//
// Thread-safety: on the exchange's loop. A check costs some 100 us of it.
#pragma once

#include <optional>

#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "ndx/broker/exchange.h"
#include "ndx/core/refusal.h"

namespace ndx::broker {

// Verifies the officer's token, if one was sent. Where it counts, the officer is proved, and is the
// officer of the exchange where ndx-officer was not sent. Else OFFICER_TOKEN_INVALID.
std::optional<core::Refusal> ProveOfficer(Exchange& x, absl::string_view node, absl::Time now);

// Verifies the signature over the request, which must be complete, if one was sent and its system
// has signing keys, or the grant asks for it. Where it counts, its key id is noted. Else
// SIGNATURE_INVALID.
std::optional<core::Refusal> ProveRequest(Exchange& x, absl::Time now);

}  // namespace ndx::broker
