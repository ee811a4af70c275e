#include "ndx/replay/replay_rules.h"

namespace ndx::replay {

std::optional<exchange::v1::ErrorReason> ReasonAgainstMethod(const registry::MethodEntry& method,
                                                             v1::ReplayMode mode) {
  const auto policy = method.rules.replay();
  if (policy != options::v1::REPLAY_POLICY_FREE &&
      policy != options::v1::REPLAY_POLICY_WITH_APPROVAL) {
    return exchange::v1::ERROR_REASON_REPLAY_METHOD_NEVER;
  }
  if (!method.changes()) return std::nullopt;
  if (mode == v1::REPLAY_MODE_VERIFY) return exchange::v1::ERROR_REASON_REPLAY_METHOD_CHANGES;
  if (!method.rules.idempotent()) {
    return exchange::v1::ERROR_REASON_REPLAY_METHOD_NOT_IDEMPOTENT;
  }
  return std::nullopt;
}

bool NeedsApproval(const registry::MethodEntry& method, v1::ReplayMode mode) {
  if (mode == v1::REPLAY_MODE_DRY_RUN) return false;
  return mode == v1::REPLAY_MODE_EXECUTE ||
         method.rules.replay() == options::v1::REPLAY_POLICY_WITH_APPROVAL;
}

std::optional<exchange::v1::ErrorReason> ReasonAgainstHistory(const registry::MethodEntry& method,
                                                              const Sending& sending,
                                                              v1::ReplayMode mode,
                                                              bool include_answered) {
  if (sending.open) return exchange::v1::ERROR_REASON_REPLAY_STILL_OPEN;
  if (mode == v1::REPLAY_MODE_VERIFY) {
    if (sending.answered_well() && !sending.resolved_done) return std::nullopt;
    return exchange::v1::ERROR_REASON_PAYLOAD_NOT_KEPT;
  }
  if (method.changes() && sending.answered_well() && !include_answered) {
    return exchange::v1::ERROR_REASON_REPLAY_ALREADY_ANSWERED;
  }
  return std::nullopt;
}

const char* ModeWord(v1::ReplayMode mode) {
  switch (mode) {
    case v1::REPLAY_MODE_DRY_RUN:
      return "dry-run";
    case v1::REPLAY_MODE_VERIFY:
      return "verify";
    case v1::REPLAY_MODE_EXECUTE:
      return "execute";
    default:
      return "";
  }
}

}  // namespace ndx::replay
