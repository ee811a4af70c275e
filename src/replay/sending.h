// What the leaves of an exchange say of its sending: not sent, sent with the answer unknown, or
// answered. Pure.
//
// Thread-safety: thread-safe functions.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "ndx/journal/journal_reader.h"
#include "ndx/replay/v1/replay_task.pb.h"

namespace ndx::replay {

struct Sending {
  v1::SendingOutcome outcome = v1::SENDING_OUTCOME_UNSPECIFIED;
  // Recorded as opened, and nothing else yet.
  bool open = false;
  // IN_DOUBT, and not resolved.
  bool in_doubt = false;
  // Found out afterwards to have taken effect: its answer was never seen.
  bool resolved_done = false;
  uint32_t grpc_status = 0;
  std::string error_reason;

  bool answered_well() const { return outcome == v1::SENDING_OUTCOME_ANSWERED && grpc_status == 0; }
};

// nullopt where no leaf is about the course of an exchange. A refusal of asking again under the
// same id changes nothing.
std::optional<Sending> SendingOf(const std::vector<journal::StoredLeaf>& leaves);

}  // namespace ndx::replay
