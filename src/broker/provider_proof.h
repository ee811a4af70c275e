// The provider's signature over its full answer, checked before anything of it is minimised,
// stored or delivered.
//
// Thread-safety: on the exchange's loop.
#pragma once

#include <optional>

#include "absl/time/time.h"
#include "ndx/broker/exchange.h"
#include "ndx/core/refusal.h"

namespace ndx::broker {

// Nothing unless the registry wants the provider's answers signed and this one, which must have
// ended with status OK, is not signed as it should be: PROVIDER_SIGNATURE_INVALID. The messages of
// a stream have been passed on by then; its caller learns by the status that they do not count.
std::optional<core::Refusal> CheckProviderSignature(Exchange& x, absl::Time now);

}  // namespace ndx::broker
