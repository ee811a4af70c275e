// Takes the fields outside the grant out of one message of an answer, and notes in the exchange
// which they were.
//
// Thread-safety: on the exchange's loop.
// Errors: kInvalidArgument when the bytes are no message of the answer's type; nothing may then be
// delivered.
#pragma once

#include "absl/status/statusor.h"
#include "ndx/broker/exchange.h"
#include "ndx/transport/message.h"

namespace ndx::broker {

// The message itself where the grant allows every field.
absl::StatusOr<transport::Message> MinimiseMessage(Exchange& x, transport::Message message);

}  // namespace ndx::broker
