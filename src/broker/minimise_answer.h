// Takes the fields outside the grant out of one message of an answer, and notes in the exchange
// which they were; and what is said when an answer cannot be delivered.
//
// Thread-safety: on the exchange's loop.
// Errors: kInvalidArgument when the bytes are no message of the answer's type; nothing may then be
// delivered.
#pragma once

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "ndx/broker/exchange.h"
#include "ndx/core/refusal.h"
#include "ndx/transport/message.h"

namespace ndx::broker {

// The message itself where the grant allows every field.
absl::StatusOr<transport::Message> MinimiseMessage(Exchange& x, transport::Message message);

// The provider answered with bytes of another type.
core::Refusal AnswerOfWrongType(const Exchange& x);

// The node could not keep the answer.
core::Refusal AnswerNotRecorded(absl::string_view node_contact);

}  // namespace ndx::broker
